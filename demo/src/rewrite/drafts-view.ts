import type { Candidate } from 'byteflow';
import { element } from '../page/dom.js';
import { cover } from '../page/veil.js';

// In ms, of a replay: slow enough to read along.
const stepTime = 45;

/** The drafts as they stood at each step: the latest while they grow, any of them afterwards. */
export class DraftsView {
  #steps: Candidate[][] = [];
  #isRude = false;
  #isDrawn = true;
  #timer = 0;

  constructor(
    private readonly list: HTMLElement,
    private readonly controls: HTMLElement,
    private readonly slider: HTMLInputElement,
    replay: HTMLButtonElement,
  ) {
    slider.addEventListener('input', () => {
      clearInterval(this.#timer);
      this.#draw(Number(slider.value) - 1);
    });
    replay.addEventListener('click', () => this.#replay());
  }

  /** Begins anew; `isRude` says whether what is written may offend. */
  begin(isRude: boolean): void {
    clearInterval(this.#timer);
    this.#steps = [];
    this.#isRude = isRude;
    this.controls.hidden = true;
    this.list.replaceChildren();
  }

  add(beams: Candidate[]): void {
    this.#steps.push(beams);
    if (!this.#isDrawn) return; // several steps come within a frame
    this.#isDrawn = false;
    requestAnimationFrame(() => {
      this.#isDrawn = true;
      this.#draw(this.#steps.length - 1);
    });
  }

  end(): void {
    this.controls.hidden = this.#steps.length < 2;
    this.slider.max = String(this.#steps.length);
    this.slider.value = this.slider.max;
    this.#draw(this.#steps.length - 1);
  }

  #replay(): void {
    clearInterval(this.#timer);
    let step = 0;
    this.#timer = window.setInterval(() => {
      this.slider.value = String(step + 1);
      this.#draw(step++);
      if (step >= this.#steps.length) clearInterval(this.#timer);
    }, stepTime);
  }

  #draw(step: number): void {
    const beams = this.#steps[step];
    if (beams === undefined) return;
    this.slider.ariaValueText = `step ${step + 1} of ${this.#steps.length}`;
    const shared = beams.map(({ text }) => text).reduce(commonStart);
    this.list.replaceChildren(
      ...beams.map(({ text, score, complete }) => {
        const written = element('span', complete ? 'draft complete' : 'draft', element('span', 'shared', shared), text.slice(shared.length));
        cover(written, this.#isRude);
        return element('li', '', written, element('span', 'figure', score.toFixed(2)));
      }),
    );
  }
}

function commonStart(a: string, b: string): string {
  let end = 0;
  while (end < a.length && a[end] === b[end]) end++;
  return a.slice(0, end);
}
