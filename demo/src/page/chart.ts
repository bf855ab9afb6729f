import uPlot from 'uplot';

export interface Colours {
  ink: string;
  faint: string;
  line: string;
  accent: string;
  likely: string;
}

/** A uPlot in the page's colours, as wide as its place; it is drawn anew when the colours or the width change. */
export class Chart {
  #plot: uPlot | undefined;
  #data: uPlot.AlignedData = [[]];

  constructor(
    private readonly place: HTMLElement,
    private readonly height: number,
    private readonly options: (colours: Colours) => Omit<uPlot.Options, 'width' | 'height'>,
  ) {
    new ResizeObserver(() => this.#draw()).observe(place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
  }

  show(data: uPlot.AlignedData): void {
    this.#data = data;
    if (this.#plot === undefined) this.#draw();
    else this.#plot.setData(data);
  }

  #draw(): void {
    const width = this.place.clientWidth;
    if (width === 0) return; // hidden; it will be drawn when it is seen
    this.#plot?.destroy();
    this.#plot = new uPlot({ width, height: this.height, ...this.options(colours()) }, this.#data, this.place);
  }
}

/** An axis in the page's colours. */
export const axis = ({ faint, line }: Colours, options: uPlot.Axis = {}): uPlot.Axis => ({
  stroke: faint,
  font: '12px Inter, system-ui, sans-serif',
  grid: { stroke: line, width: 1 },
  ticks: { stroke: line, width: 1, size: 4 },
  ...options,
});

// A canvas knows no custom properties, nor light-dark(): an element works them out.
function colours(): Colours {
  const probe = document.createElement('span');
  document.body.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const found = { ink: colour('ink'), faint: colour('faint'), line: colour('line'), accent: colour('accent'), likely: colour('likely') };
  probe.remove();
  return found;
}
