import { element } from '../page/dom.js';
import { percent, readable } from '../page/figures.js';
import { cover } from '../page/veil.js';
import type { Model, Row, SortKey } from './comment-table.js';

// In px; the style sheet gives each row this height.
const rowHeight = 40;

// Rows beyond the edges that are there before they are scrolled to.
const margin = 8;

export type FetchRows = (key: SortKey, isDescending: boolean, from: number, to: number) => Promise<Row[]>;

/** A table of any length, of which only the rows that are seen exist. */
export class RowsView {
  key: SortKey = 'number';
  isDescending = false;

  readonly #table = element('table');
  readonly #head = element('tr');
  readonly #body = element('tbody');
  readonly #before = spacer();
  readonly #after = spacer();
  #size = 0;
  #isAsked = false;
  #isWaiting = false;

  constructor(
    private readonly scroller: HTMLElement,
    private readonly model: Model,
    private readonly fetchRows: FetchRows,
  ) {
    const headings: [SortKey, string, string][] = [['number', 'No.', 'number'], ['text', 'comment', 'text'], ...model.labels.map((label, i): [SortKey, string, string] => [i, readable(label), 'label'])];
    this.#head.append(...headings.map(([key, title, kind]) => this.#heading(key, title, kind)));
    const caption = element('caption', 'visually-hidden', 'Scored comments');
    const head = element('thead', '', this.#head);
    this.#table.append(caption, head, element('tbody', '', this.#before), this.#body, element('tbody', '', this.#after));
    this.#table.ariaColCount = String(headings.length);
    scroller.replaceChildren(this.#table);
    scroller.addEventListener('scroll', () => this.refresh());
    new ResizeObserver(() => this.refresh()).observe(scroller);
  }

  show(size: number): void {
    this.#size = size;
    this.#table.ariaRowCount = String(size + 1);
    this.refresh();
  }

  /** Draws what is in view, once a frame at most, and never asks for rows while others are on their way. */
  refresh(): void {
    if (this.#isAsked) {
      this.#isWaiting = true;
      return;
    }
    this.#isAsked = true;
    requestAnimationFrame(async () => {
      try {
        await this.#draw();
      } finally {
        this.#isAsked = false;
        if (this.#isWaiting) {
          this.#isWaiting = false;
          this.refresh();
        }
      }
    });
  }

  async #draw(): Promise<void> {
    const { scrollTop, clientHeight } = this.scroller;
    const from = Math.max(0, Math.min(Math.floor(scrollTop / rowHeight), this.#size) - margin);
    const to = Math.min(this.#size, Math.ceil((scrollTop + clientHeight) / rowHeight) + margin);
    const rows = await this.fetchRows(this.key, this.isDescending, from, to);
    this.#before.style.height = `${from * rowHeight}px`;
    this.#after.style.height = `${Math.max(0, this.#size - from - rows.length) * rowHeight}px`;
    this.#body.replaceChildren(...rows.map((row, i) => this.#row(row, from + i)));
  }

  #row({ number, text, scores }: Row, index: number): HTMLTableRowElement {
    const isFlagged = scores.map((score, i) => score >= this.model.thresholds[i]!);
    const comment = element('span', '', text);
    comment.title = text;
    cover(comment, isFlagged.includes(true));
    if (comment.inert) comment.removeAttribute('title'); // which the blur does not cover
    const cells = scores.map((score, i) => {
      const cell = element('td', isFlagged[i] ? 'score likely' : 'score', percent(score));
      cell.style.setProperty('--share', String(score));
      return cell;
    });
    const row = element('tr', '', element('td', 'number', number.toLocaleString('en')), element('td', 'text', comment), ...cells);
    row.ariaRowIndex = String(index + 2); // the headings are the first
    return row;
  }

  #heading(key: SortKey, title: string, kind: string): HTMLTableCellElement {
    const button = element('button', '', title);
    button.type = 'button';
    const cell = element('th', kind, button);
    cell.scope = 'col';
    cell.ariaSort = key === this.key ? 'ascending' : 'none';
    button.addEventListener('click', () => {
      // Of scores the highest come first.
      this.isDescending = key === this.key ? !this.isDescending : typeof key === 'number';
      this.key = key;
      for (const other of this.#head.cells) other.ariaSort = 'none';
      cell.ariaSort = this.isDescending ? 'descending' : 'ascending';
      this.scroller.scrollTop = 0;
      this.refresh();
    });
    return cell;
  }
}

function spacer(): HTMLTableRowElement {
  const row = element('tr', 'spacer');
  row.ariaHidden = 'true';
  return row;
}
