import { proxy, type Remote, wrap } from 'comlink';
import { byId } from '../page/dom.js';
import { count, readable } from '../page/figures.js';
import { showProblem } from '../page/problem.js';
import type { CommentTable, Model, Opened, Progress } from './comment-table.js';
import { Histogram } from './histogram.js';
import { madeUpComments } from './made-up.js';
import { mostRecords } from './limits.js';
import type { Format } from './read-comments.js';
import { RowsView } from './rows-view.js';

export async function start(): Promise<void> {
  new BulkTab(wrap<CommentTable>(new Worker(new URL('./table-worker.ts', import.meta.url), { type: 'module' })));
}

class BulkTab {
  readonly #table: Remote<CommentTable>;
  readonly #histogram = new Histogram(byId('histogram'), byId('histogram-hint'));
  #model: Model | undefined;
  #rows: RowsView | undefined;
  #opened: Opened | undefined;
  #started = 0;
  #scored = 0;
  #run = 0; // the number of the latest: what an earlier one says is of no interest
  #isDrawingHistogram = false;

  constructor(table: Remote<CommentTable>) {
    this.#table = table;
    const pasted = byId<HTMLTextAreaElement>('pasted');
    const file = byId<HTMLInputElement>('file');
    byId('bulk-start').addEventListener('click', () => void this.#open(new Blob([pasted.value]), ''));
    byId('bulk-cancel').addEventListener('click', () => void this.#cancel());
    byId('bulk-sample').addEventListener('click', () => void this.#open(new Blob([madeUpComments(2000)]), 'made-up.txt'));
    byId('bulk-column').addEventListener('change', ({ target }) => void this.#score(Number((target as HTMLSelectElement).value)));
    byId('histogram-label').addEventListener('change', () => void this.#drawHistogram());
    for (const format of ['csv', 'ndjson'] as const) byId(`download-${format}`).addEventListener('click', () => void this.#download(format));
    file.addEventListener('change', () => {
      if (file.files?.[0]) void this.#open(file.files[0], file.files[0].name);
      file.value = ''; // the same file can be chosen again
    });
    this.#takeDrops(byId('drop'));
  }

  #takeDrops(place: HTMLElement): void {
    const mark = (isOver: boolean) => (event: DragEvent) => {
      event.preventDefault();
      place.classList.toggle('over', isOver);
    };
    place.addEventListener('dragenter', mark(true));
    place.addEventListener('dragover', mark(true));
    place.addEventListener('dragleave', mark(false));
    place.addEventListener('drop', (event) => {
      mark(false)(event);
      const [file] = event.dataTransfer?.files ?? [];
      const text = event.dataTransfer?.getData('text/plain');
      if (file !== undefined) void this.#open(file, file.name);
      else if (text) void this.#open(new Blob([text]), '');
    });
  }

  async #open(file: Blob, name: string): Promise<void> {
    const run = ++this.#run;
    byId('bulk-problem').hidden = true;
    byId('bulk-results').hidden = true;
    byId('bulk-column-choice').hidden = true;
    this.#scored = 0;
    this.#show('Reading', undefined);
    try {
      const format = (byId<HTMLSelectElement>('bulk-format').value || undefined) as Format | undefined;
      const opened = await this.#table.open(file, name, format);
      if (run !== this.#run) return;
      if (opened.records === 0) throw new Error('There is no comment in it: paste some, one a line, or choose another format.');
      this.#opened = opened;
      const columns = byId<HTMLSelectElement>('bulk-column');
      columns.replaceChildren(...opened.columns.map((column, i) => new Option(column, String(i), false, i === opened.textColumn)));
      byId('bulk-column-choice').hidden = opened.columns.length < 2;
      await this.#score(opened.textColumn);
    } catch (error) {
      this.#fail(run, error);
    }
  }

  async #score(column: number): Promise<void> {
    const run = ++this.#run;
    try {
      this.#show('Loading the model', undefined);
      this.#model ??= await this.#prepare();
      if (run !== this.#run) return;
      this.#started = performance.now();
      await this.#table.score(column, proxy((progress) => run === this.#run && this.#progress(progress)));
      if (run === this.#run) this.#end();
    } catch (error) {
      this.#fail(run, error);
    }
  }

  async #prepare(): Promise<Model> {
    const model = await this.#table.model();
    byId('histogram-label').append(...model.labels.map((label, i) => new Option(readable(label), String(i))));
    this.#rows = new RowsView(byId('rows'), model, (...range) => this.#table.rows(...range));
    return model;
  }

  #progress({ scored, total, blank }: Progress): void {
    this.#scored = scored;
    const seconds = (performance.now() - this.#started) / 1000;
    const rate = scored / seconds;
    const left = scored === total || scored === 0 ? '' : `, about ${duration((total - scored) / rate)} left`;
    const speed = scored === 0 ? '' : `, ${count(Math.round(rate), 'comment')} a second`;
    this.#show(`${scored.toLocaleString('en')} of ${count(total, 'comment')}${speed}${left}${this.#leftOut(blank)}`, total === 0 ? 1 : scored / total);
    if (scored === 0 && total > 0) return;
    byId('bulk-results').hidden = total === 0;
    this.#rows?.show(scored);
    void this.#drawHistogram();
  }

  #leftOut(blank: number): string {
    const { broken, isCut } = this.#opened!;
    const parts = [
      blank > 0 && `${count(blank, 'record')} without a text`,
      broken > 0 && `${count(broken, 'line')} that cannot be read`,
      isCut && `all after the first ${mostRecords.toLocaleString('en')} (the command line reads any number)`,
    ].filter((part) => part !== false);
    return parts.length > 0 ? `. Left out: ${parts.join('; ')}` : '';
  }

  async #cancel(): Promise<void> {
    this.#run++;
    await this.#table.cancel();
    byId('bulk-cancel').hidden = true;
    byId('bulk-status').textContent = this.#scored === 0 ? 'Cancelled' : `Cancelled after ${count(this.#scored, 'comment')}; they are below`;
    if (this.#scored === 0) byId('bulk-bar').hidden = true;
    this.#announce('Cancelled');
  }

  #end(): void {
    byId('bulk-cancel').hidden = true;
    this.#announce(`Done: ${byId('bulk-status').textContent}`);
  }

  #fail(run: number, error: unknown): void {
    if (run !== this.#run) return; // cancelled, or followed by another
    byId('bulk-cancel').hidden = true;
    byId('bulk-progress').hidden = true;
    showProblem(byId('bulk-problem'), error);
  }

  #show(text: string, share: number | undefined): void {
    byId('bulk-progress').hidden = false;
    byId('bulk-cancel').hidden = share === 1;
    byId('bulk-status').textContent = text;
    const bar = byId<HTMLProgressElement>('bulk-bar');
    bar.hidden = false;
    if (share === undefined) bar.removeAttribute('value');
    else bar.value = share;
  }

  #announce(text: string): void {
    byId('bulk-announce').textContent = text;
  }

  async #drawHistogram(): Promise<void> {
    if (this.#isDrawingHistogram || this.#model === undefined) return;
    this.#isDrawingHistogram = true;
    const label = Number(byId<HTMLSelectElement>('histogram-label').value);
    const threshold = this.#model.thresholds[label]!;
    const { counts, flagged } = await this.#table.histogram(label, threshold).finally(() => (this.#isDrawingHistogram = false));
    this.#histogram.show(counts, flagged, threshold, readable(this.#model.labels[label]!));
    if (label !== Number(byId<HTMLSelectElement>('histogram-label').value)) void this.#drawHistogram();
  }

  async #download(format: 'csv' | 'ndjson'): Promise<void> {
    const { key, isDescending } = this.#rows!;
    const address = URL.createObjectURL(await this.#table.file(format, key, isDescending));
    const link = document.createElement('a');
    link.href = address;
    link.download = `scores.${format}`;
    link.click();
    URL.revokeObjectURL(address);
  }
}

function duration(seconds: number): string {
  return seconds < 90 ? count(Math.ceil(seconds), 'second') : count(Math.ceil(seconds / 60), 'minute');
}
