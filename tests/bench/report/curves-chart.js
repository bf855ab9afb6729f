// Curves over steps as an SVG, both axes from 0.
import { number } from './markdown.js';

const plot = { left: 60, top: 40, width: 560, height: 260 };
const styles = [
  { stroke: '#2f7d5b', dash: '' },
  { stroke: '#2f7d5b', dash: '6 4' },
  { stroke: '#8a5a2b', dash: '' },
  { stroke: '#8a5a2b', dash: '6 4' },
];

/** `curves` are { name, curve: [{ step, milliseconds }] }, four at most. */
export function curvesChart(title, curves) {
  const points = curves.flatMap(({ curve }) => curve);
  const lastStep = Math.ceil(Math.max(...points.map(({ step }) => step)) / 100) * 100;
  const unit = 10 ** Math.floor(Math.log10(Math.max(...points.map(({ milliseconds }) => milliseconds))));
  const highest = Math.ceil(Math.max(...points.map(({ milliseconds }) => milliseconds)) / unit) * unit;
  const x = (step) => plot.left + (step / lastStep) * plot.width;
  const y = (milliseconds) => plot.top + plot.height - (milliseconds / highest) * plot.height;

  const lines = [text(plot.left, 24, title, 'title')];
  for (let step = 0; step <= lastStep; step += 100) lines.push(text(x(step), plot.top + plot.height + 18, String(step), 'middle'));
  for (let i = 0; i <= 4; i++) {
    const value = (highest * i) / 4;
    lines.push(`<path class="grid" d="M${plot.left} ${y(value).toFixed(1)}h${plot.width}"/>`, text(plot.left - 8, y(value) + 4, number(value), 'end'));
  }
  for (const [i, { name, curve }] of curves.entries()) {
    const { stroke, dash } = styles[i];
    const look = `fill="none" stroke="${stroke}" stroke-width="1.8" stroke-dasharray="${dash}"`;
    lines.push(`<polyline ${look} points="${curve.map(({ step, milliseconds }) => `${x(step).toFixed(1)},${y(milliseconds).toFixed(1)}`).join(' ')}"/>`);
    const height = plot.top + plot.height + 44 + 20 * i;
    lines.push(`<path ${look} d="M${plot.left} ${height - 4}h30"/>`, text(plot.left + 40, height, name));
  }
  const [width, height] = [plot.left + plot.width + 30, plot.top + plot.height + 44 + 20 * curves.length];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}">
<style>
  text { font: 13px system-ui, sans-serif; fill: #333 } .title { font-weight: 600 } .middle { text-anchor: middle } .end { text-anchor: end }
  .grid { stroke: #e3e6ea } .ground { fill: #fff }
</style>
<rect class="ground" width="${width}" height="${height}"/>
${lines.join('\n')}
</svg>
`;
}

const text = (x, y, content, name) => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${name ? ` class="${name}"` : ''}>${content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;
