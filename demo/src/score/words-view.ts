import type { Explanation, Span } from 'byteflow';
import { element } from '../page/dom.js';

// In logits: weights below the first are not shown, those from the second on as strongly as can be.
const weakest = 0.25;
const strongest = 3;

/** The text that was read, with the words marked that make the score of a label. */
export class WordsView {
  constructor(private readonly place: HTMLElement) {}

  show(text: string, { spans }: Explanation): void {
    const pieces: (string | HTMLElement)[] = [];
    let end = 0;
    for (const span of spans) {
      if (Math.abs(span.weight) < weakest) continue;
      pieces.push(text.slice(end, span.start), marked(span));
      end = span.end;
    }
    const read = spans.at(-1)?.end ?? 0;
    const hasMore = text.slice(read).trim() !== '';
    this.place.replaceChildren(...pieces, text.slice(end, read), hasMore ? ' …' : '');
  }
}

function marked({ text, weight }: Span): HTMLElement {
  const mark = element('mark', weight > 0 ? 'raises' : 'lowers', text);
  mark.style.setProperty('--strength', String(Math.min(1, Math.abs(weight) / strongest)));
  mark.title = `${weight > 0 ? '+' : ''}${weight.toFixed(2)}`;
  return mark;
}
