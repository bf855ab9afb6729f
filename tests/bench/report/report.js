// The results as a page of Markdown, and the picture in it.
import { chart } from './chart.js';
import { gemmFigure, gemmWork, wholeTime } from './gemm-work.js';
import { generation, generationChart } from './generation.js';
import { number, percent, table } from './markdown.js';
import { measured, missing, where } from './missing.js';
import { targets } from './targets.js';

export function report(results) {
  const picture = chart(results);
  const curves = generationChart(results);
  const sections = [
    head(results),
    results.peers || results.start || results.generation ? goals(results) : '',
    results.peers ? peers(results, picture) : '',
    results.comments ? comments(results) : '',
    results.generation ? generation(results, curves) : '',
    results.kernels ? layers(results) : '',
    results.kernels ? gemm(results) : '',
    results.start ? start(results) : '',
  ];
  const pictures = { 'comparison.svg': picture, 'generation.svg': curves };
  return { markdown: sections.filter(Boolean).join('\n\n') + '\n', pictures: Object.fromEntries(Object.entries(pictures).filter(([, svg]) => svg)) };
}

function head({ runs, machine, engines }) {
  const texts = (runs.comments ?? runs.kernels ?? runs.peers)?.texts;
  const { cpu, cores, features, memory, system } = machine;
  return `# Speed

Written by \`npm run bench -- --write\`.

- Measured: ${runsIn(runs)}.
- Machine: ${cpu}, ${cores} cores${features ? `, ${features.join(', ')}` : ''}; ${memory}; ${system}.
- Engines: ${engines.join(', ')}, and natively. One thread everywhere.
${texts ? `- Texts: ${texts.count} ${texts.real ? 'comments, the first of the wiki_toxic test split' : 'texts by hand, since the data folder is not there'}.\n` : ''}
How to read: every time is the best of many, since what else a machine does only adds. GMAC/s are 10⁹ multiplications with an addition a second.
simd128 and relaxed are WebAssembly's two sets of instructions; both give the bits of scalar.`;
}

/** Which parts were run when. */
function runsIn(runs) {
  const likes = [...new Set(Object.values(runs).map((run) => JSON.stringify(run)))];
  const lines = likes.map((like) => {
    const names = Object.keys(runs).filter((part) => JSON.stringify(runs[part]) === like);
    const { date, load, quick } = JSON.parse(like);
    return `${names.join(', ')} on ${date} at a load of ${load}${quick ? ' (**a quick run: these figures mean little**)' : ''}`;
  });
  return lines.join('; ');
}

function goals(results) {
  const rows = targets(results).map(({ what, target, measured, reached }) => [what, target, measured, reached === undefined ? '' : reached ? 'reached' : 'missed']);
  return `## Targets\n\n${table(['', 'target', 'measured', ''], rows)}`;
}

const rounds = {
  text: 'A comment of 300 bytes, from text to scores; BERT base gets 64 tokens, and its tokenizer is not timed',
  dense: 'The dense layers of that comment alone',
  comments: 'A real comment, on average; language identification and word lists do less, and are here for scale',
};

function peers({ peers: rows }, picture) {
  const tables = Object.entries(rounds).map(([round, title]) => {
    const ofRound = measured(rows).filter((row) => row.round === round);
    if (ofRound.length === 0) return '';
    const own = ofRound.find(({ name }) => name.startsWith('byteflow'))?.milliseconds;
    const cells = ofRound.map(({ name, milliseconds }) => [name, number(milliseconds), number(milliseconds / own)]);
    return `${title}:\n\n${table(['', 'ms', 'times byteflow'], cells)}`;
  });
  const image = picture ? '![Bars of the times below](comparison.svg)\n\n' : '';
  return `## Beside what people use today\n\nOne process of ${rows[0].engine}.\n\n${image}${tables.filter(Boolean).join('\n\n')}${missing(rows)}`;
}

function comments({ comments: rows, kernels = [] }) {
  const cells = measured(rows).map((row) => {
    const { all, long } = row;
    const { macs, ideal } = gemmWork(kernels.find((other) => other.engine === row.engine && other.backend === row.backend));
    const whole = wholeTime(row);
    return [where(row), ...[all.mean, all.p50, all.p99, long.mean, long.p50, long.p99].map(number), number(macs / whole / 1e6), percent(ideal / whole)];
  });
  const counted = rows.find(({ all }) => all);
  const counts = counted ? `${counted.all.count} comments, ${counted.long.count} of them over 200 bytes. ` : '';
  return `## Real comments

${counts}Milliseconds a comment; in engines through the package, without a worker. A comment's time is the best of several passes, so p99 tells of
comments and not of the machine. The last two columns: the products of all dense layers in the whole time, and what share of that time they would take
at the figures of gemm below, 32 rows.

${table(['', 'mean', 'p50', 'p99', 'mean > 200', 'p50', 'p99', 'GMAC/s', 'of gemm'], cells)}${missing(rows)}`;
}

const sum = (list, of) => list.reduce((total, item) => total + of(item), 0);

const layerNames = {
  embed: 'embedding and its convolution',
  dot: 'GBST scores, attention scores',
  mix: 'GBST mixing',
  norm: 'LayerNorm',
  fo_pool: 'fo-pooling',
  pool: 'attention and maximum pooling',
  attention_scores: 'attention, scores',
  attention_mix: 'attention, mixing',
};

function layers({ kernels: rows, runs }) {
  const { texts } = runs.kernels;
  const tables = measured(rows).map((row) => {
    const { milliseconds: whole } = row.layers;
    const kernels = [...row.layers.kernels].sort((a, b) => b.milliseconds - a.milliseconds);
    const micro = (milliseconds) => number((milliseconds * 1e3) / texts.count);
    const cells = kernels.map((layer) => {
      const dense = layer.kernel === 'gemm';
      const gmacs = layer.macs / layer.milliseconds / 1e6;
      const name = dense ? `dense ${layer.inputs} → ${layer.outputs}` : (layerNames[layer.kernel] ?? layer.kernel);
      return [name, micro(layer.milliseconds), percent(layer.milliseconds / whole), dense ? number(gmacs) : '', dense ? percent(gmacs / gemmFigure(row, layer)) : ''];
    });
    const rest = Math.max(0, whole - sum(kernels, ({ milliseconds }) => milliseconds));
    cells.push(['the rest', micro(rest), percent(rest / whole), '', ''], ['whole', micro(whole), '100%', '', '']);
    return `${where(row)}:\n\n${table(['', 'µs', 'share', 'GMAC/s', 'of gemm'], cells)}`;
  });
  return `## Layers

Microseconds a comment, on average; the last column compares with the gemm of the same shape below, 32 rows.

${tables.join('\n\n')}`;
}

function gemm({ kernels }) {
  const rows = measured(kernels);
  const rowCounts = [...new Set(rows.flatMap((row) => row.gemm.map(({ rows: count }) => count)))].sort((a, b) => a - b);
  const cells = rows.flatMap((row) => {
    const shapes = [...new Set(row.gemm.map(({ inputs, outputs }) => `${inputs} → ${outputs}`))].sort();
    return shapes.map((shape) => {
      const figures = rowCounts.map((count) => row.gemm.find((figure) => figure.rows === count && `${figure.inputs} → ${figure.outputs}` === shape));
      const shown = figures.map((figure) => `${number(figure?.gmacs)}${row.peak && figure ? ` (${percent(figure.gmacs / row.peak.gmacs)})` : ''}`);
      return [`${where(row)}, ${shape}`, ...shown, number(row.peak?.gmacs)];
    });
  });
  const instructions = new Map(rows.filter(({ peak }) => peak).map(({ backend, peak }) => [backend, peak.instruction]));
  return `## gemm

GMAC/s for M rows, K → N of the toxicity model, and the share of the peak: a loop that does nothing but the same instruction, in
registers, measured in the same run${instructions.size > 0 ? ` (${[...instructions].map(([backend, name]) => `${backend}: \`${name}\``).join('; ')})` : ''}.

${table(['', ...rowCounts.map((count) => `M = ${count}`), 'peak'], cells)}${missing(kernels)}`;
}

function start({ start: rows }) {
  const cells = measured(rows).map((row) => [where(row), number(row.best), number(row.median)]);
  const downloads = rows.find((row) => row.downloads)?.downloads ?? [];
  const bytes = (count) => count.toLocaleString('en');
  const files = [...downloads, { path: 'all', bytes: sum(downloads, (file) => file.bytes), brotli: sum(downloads, (file) => file.brotli) }];
  const loads = table(['', 'bytes', 'brotli'], files.map((file) => [file.path, bytes(file.bytes), bytes(file.brotli)]));
  return `## First score

Milliseconds from \`import('byteflow')\` to the first score, the toxicity model's load included: a new process or page each time, files from this machine. In a page
the model runs in a worker, as it does by default.

${table(['', 'best', 'median'], cells)}${missing(rows)}${downloads.length > 0 ? `\n\nWhat a page loads for it, in bytes, not minified:\n\n${loads}` : ''}`;
}
