import { type Candidate, withCapitalOf, type Word, wordsIn } from 'byteflow';
import { generator } from '../models/generators.js';
import { ModelNotice } from '../models/model-notice.js';
import { button, byId, element } from '../page/dom.js';
import { showProblem } from '../page/problem.js';
import { type Edit, editBetween, follow, type Place } from './edits.js';
import { Speller } from './speller.js';

const name = 'autocorrect';

const sample = 'Thankyou for teh map, I recieved it yesterday. We shuold definately meet agian, the libary is a wonderfull place.';

/** A word that was put right, and where it stands. */
interface Correction {
  place: Place;
  typed: string;
  written: string;
  candidates: string[];
}

export async function start(): Promise<void> {
  const notice = new ModelNotice(byId('correct-notice'), name);
  const work = byId('correct-work');
  try {
    const writer = await generator(name, notice.loading);
    notice.ready();
    work.hidden = false;
    new CorrectTab(new Speller(writer));
  } catch (error) {
    notice.isMissing(error);
  }
}

export class CorrectTab {
  readonly #box = byId<HTMLTextAreaElement>('draft');
  #text = ''; // as it was at the last event
  readonly #places = new Set<Place>(); // what moves with the text
  #corrections: Correction[] = [];
  readonly #leftAlone = new Set<string>(); // words whose correction was undone, or that were chosen
  #isOwnEdit = false;

  constructor(private readonly speller: Pick<Speller, 'candidates'>) {
    const box = this.#box;
    box.addEventListener('input', (event) => this.#edited(event as InputEvent));
    box.addEventListener('compositionend', () => this.#edited(undefined));
    box.addEventListener('scroll', () => (byId('echo').scrollTop = box.scrollTop));
    document.addEventListener('selectionchange', () => document.activeElement === box && void this.#showStrip());
    byId('correct-sample').addEventListener('click', () => {
      const removed = box.value.length;
      this.#replace(0, removed, sample);
      void this.#correct({ start: 0, removed, inserted: sample.length });
    });
    byId('undo-last').addEventListener('click', () => {
      const last = this.#corrections.at(-1);
      if (last !== undefined) this.#change(last, last.typed);
    });
  }

  #edited(event: InputEvent | undefined): void {
    if (event?.isComposing) return; // the word is not there yet
    const before = this.#text;
    this.#text = this.#box.value;
    const edit = editBetween(before, this.#text, this.#box.selectionEnd);
    for (const place of this.#places) {
      follow(place, edit);
      if (place.isGone) this.#places.delete(place);
    }
    this.#corrections = this.#corrections.filter((correction) => this.#stands(correction));
    this.#show();
    const isUndo = event?.inputType.startsWith('history') === true; // what the writer takes back is not to be put right again
    if (!this.#isOwnEdit && !isUndo && byId<HTMLInputElement>('by-itself').checked) void this.#correct(edit);
  }

  /** Whether a correction is there as it was written; what is edited afterwards is the writer's own. */
  #stands({ place, written }: Correction): boolean {
    return !place.isGone && this.#text.slice(place.start, place.end) === written && !/^[\p{L}\p{M}]/u.test(this.#text.slice(place.end));
  }

  /** Corrects the words that an edit has ended: those with something behind them, and all that were put in at once. */
  async #correct({ start, inserted }: Edit): Promise<void> {
    const end = start + inserted;
    const isTyped = inserted === 1;
    const ended = wordsIn(this.#text, start, end).filter((word) => word.end >= start && (isTyped ? word.end < end : word.end <= end));
    const words = ended.map(({ start, end, text }) => ({ text, place: this.#track(start, end) }));
    for (const { text, place } of words) {
      await this.#correctWord(text, place);
      this.#places.delete(place);
    }
  }

  async #correctWord(typed: string, place: Place): Promise<void> {
    try {
      if (this.#leftAlone.has(typed)) return;
      const started = performance.now();
      const candidates = await this.speller.candidates(typed);
      byId('correct-time').textContent = `${(performance.now() - started).toFixed(0)} ms for “${typed}”`;
      const [best] = candidates;
      if (best === undefined || this.#leftAlone.has(typed)) return;
      const written = withCapitalOf(typed, best.text);
      const isThere = !place.isGone && wordsIn(this.#text, place.start, place.end).some(({ start, text }) => start === place.start && text === typed);
      if (isThere && written !== typed) this.#change({ place, typed, written: typed, candidates: styled(typed, candidates) }, written);
    } catch (error) {
      showProblem(byId('correct-problem'), error);
    }
  }

  /** Writes something else for a word; to write what was typed leaves this word alone from now on. */
  #change(correction: Correction, text: string): void {
    const { place, typed, candidates } = correction;
    const { start, end } = place;
    this.#corrections = this.#corrections.filter((other) => other !== correction);
    this.#places.delete(place);
    this.#replace(start, end, text);
    if (text === typed) this.#leftAlone.add(typed);
    else {
      this.#leftAlone.delete(typed);
      this.#corrections.push({ place: this.#track(start, start + text.length), typed, written: text, candidates });
    }
    byId('correct-summary').textContent = text === typed ? `${typed} stays` : `${typed} is now ${text}`;
    this.#show();
  }

  #track(start: number, end: number): Place {
    const place = { start, end, isGone: false };
    this.#places.add(place);
    return place;
  }

  /**
   * Writes into the box; the cursor stays where it is in the words. `execCommand` is deprecated, but the one way that keeps the browser's own undo (Ctrl+Z) alive; where it
   * does nothing, the text is set.
   */
  #replace(start: number, end: number, text: string): void {
    const box = this.#box;
    const { selectionStart, selectionEnd } = box;
    const by = text.length - (end - start);
    const shifted = (at: number): number => (at >= end ? at + by : Math.min(at, start + text.length));
    const wanted = box.value.slice(0, start) + text + box.value.slice(end);
    this.#isOwnEdit = true;
    if (document.activeElement === box) {
      box.setSelectionRange(start, end);
      document.execCommand('insertText', false, text);
    }
    if (box.value !== wanted) {
      box.value = wanted;
      box.setSelectionRange(start + text.length, start + text.length);
      this.#edited(undefined);
    }
    box.setSelectionRange(shifted(selectionStart), shifted(selectionEnd));
    this.#isOwnEdit = false;
  }

  #show(): void {
    byId<HTMLButtonElement>('undo-last').disabled = this.#corrections.length === 0;
    byId('no-corrections').hidden = this.#corrections.length > 0;
    byId('corrections').replaceChildren(...this.#corrections.toReversed().map((correction) => this.#item(correction)));
    const pieces: (string | HTMLElement)[] = [];
    let end = 0;
    for (const { place } of this.#corrections.toSorted((a, b) => a.place.start - b.place.start)) {
      pieces.push(this.#text.slice(end, place.start), element('span', 'put-right', this.#text.slice(place.start, place.end)));
      end = place.end;
    }
    byId('echo').replaceChildren(...pieces, `${this.#text.slice(end)}\n`); // a last empty line has a height too
  }

  #item(correction: Correction): HTMLElement {
    const { typed, written, candidates } = correction;
    const others = candidates.filter((text) => text !== written && text !== typed);
    const choices = others.map((text) => button('chip', text, () => this.#change(correction, text)));
    const undo = button('chip undo', `keep “${typed}”`, () => this.#change(correction, typed));
    return element('li', '', element('span', 'was', element('s', '', typed), ' → ', element('strong', '', written)), element('span', 'chips', ...choices, undo));
  }

  /** Shows what the word at the cursor could be. */
  async #showStrip(): Promise<void> {
    const box = this.#box;
    const caret = box.selectionStart;
    const word = caret === box.selectionEnd ? wordsIn(this.#text, caret, caret).find(({ start, end }) => start <= caret && caret <= end) : undefined;
    if (word === undefined) return byId('strip').replaceChildren();
    const textThen = this.#text;
    try {
      const found = await this.speller.candidates(word.text);
      if (textThen !== this.#text || box.selectionStart !== caret) return; // another is being asked for
      const texts = [...new Set([word.text, ...styled(word.text, found)])];
      byId('strip').replaceChildren(...texts.map((text) => button('chip', text, () => this.#pick(word, text))));
    } catch (error) {
      showProblem(byId('correct-problem'), error);
    }
  }

  #pick(word: Word, text: string): void {
    this.#leftAlone.add(text); // it was chosen
    this.#box.focus();
    if (text !== word.text) this.#replace(word.start, word.end, text);
    const end = word.start + text.length;
    this.#box.setSelectionRange(end, end);
  }
}

const styled = (word: string, candidates: readonly Candidate[]): string[] => [...new Set(candidates.map(({ text }) => withCapitalOf(word, text)))];
