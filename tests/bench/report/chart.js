// The peers as bars of an SVG. The scale is logarithmic, since a bar for BERT would leave nothing to see of the others; each bar carries its time.
import { number } from './markdown.js';

const bar = { height: 18, gap: 6, left: 300, width: 420 };
const titles = { text: 'a comment of 300 bytes', dense: 'the dense layers of such a comment', comments: 'a real comment, on average' };

/** The picture, or undefined where there are no figures. */
export function chart({ peers = [] }) {
  const measured = peers.filter(({ milliseconds }) => milliseconds > 0);
  if (measured.length === 0) return undefined;
  const logs = measured.map(({ milliseconds }) => Math.log10(milliseconds));
  const low = Math.floor(Math.min(...logs) - 0.01);
  const high = Math.ceil(Math.max(...logs));
  const length = (milliseconds) => ((Math.log10(milliseconds) - low) / (high - low)) * bar.width;

  const lines = [];
  let y = 24;
  for (const [round, title] of Object.entries(titles)) {
    const rows = measured.filter((row) => row.round === round);
    if (rows.length === 0) continue;
    lines.push(text(12, y, `Milliseconds for ${title}, logarithmic scale`, 'title'));
    y += 10;
    for (const { name, milliseconds } of rows) {
      const own = name.startsWith('byteflow') ? ' class="own"' : '';
      const middle = y + bar.height - 5;
      lines.push(text(bar.left - 8, middle, name, 'name'));
      lines.push(`<rect x="${bar.left}" y="${y}" width="${length(milliseconds).toFixed(1)}" height="${bar.height}"${own}/>`);
      lines.push(text(bar.left + length(milliseconds) + 6, middle, number(milliseconds)));
      y += bar.height + bar.gap;
    }
    y += 26;
  }
  const [width, height] = [bar.left + bar.width + 70, y - 20];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="byteflow and its peers, milliseconds on a logarithmic scale">
<style>
  text { font: 13px system-ui, sans-serif; fill: #333 } .title { font-weight: 600 } .name { text-anchor: end }
  rect { fill: #b8bec8 } .own { fill: #2f7d5b } .ground { fill: #fff }
</style>
<rect class="ground" width="${width}" height="${height}"/>
${lines.join('\n')}
</svg>
`;
}

function text(x, y, content, name) {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y}"${name ? ` class="${name}"` : ''}>${escaped}</text>`;
}
