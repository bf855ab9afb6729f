// Steps of generators: the section and its picture.
import { curvesChart } from './curves-chart.js';
import { number, table } from './markdown.js';
import { measured, missing, where } from './missing.js';

const nameOf = (row) => (row.name ? `${row.name}, ${row.engine}` : `byteflow, ${where(row)}`);
const beamsOf = (count) => `${count} ${count === 1 ? 'beam' : 'beams'}`;

/** Milliseconds of each step, of byteflow and its peer in the peer's engine; undefined where there are no figures. */
export function generationChart({ generation: rows = [] }) {
  const peer = rows.find(({ name, curves }) => name && curves);
  const own = measured(rows).find(({ engine, name }) => !name && (!peer || engine === peer.engine));
  const shown = [own, peer].filter(Boolean);
  if (shown.length === 0) return undefined;
  const curves = shown.flatMap((row) => row.curves.map(({ beams, curve }) => ({ name: `${row.name ?? 'byteflow'}, ${beamsOf(beams)}`, isOwn: row === own, curve })));
  return curvesChart(`Milliseconds of each step of a text, ${shown[0].engine}`, curves);
}

export function generation({ generation: rows }, picture) {
  const complete = measured(rows);
  const steps = complete.flatMap((row) =>
    row.curves.map(({ beams, at40, at400 }) => [`${nameOf(row)}, ${beamsOf(beams)}`, number(at40), number(at400), number(at400 / at40)]),
  );
  const own = complete.filter(({ name }) => !name);
  const mebibytes = (bytes) => number(bytes / 2 ** 20);
  const texts = own.map((row) => [where(row), number(row.rewrite), number(row.firstPiece), ...['loaded', 'after40', 'afterAll'].map((when) => mebibytes(row.memory[when]))]);
  const peer = complete.find(({ name }) => name);
  const caches = peer ? ` The growing cache holds ${peer.curves.map(({ beams, cacheBytes }) => `${mebibytes(cacheBytes)} MiB at ${beamsOf(beams)}`).join(' and ')} after the last step.` : '';
  return `## Generation

${picture ? '![Milliseconds of each step](generation.svg)\n\n' : ''}Milliseconds of a step, the median of it and its neighbours in many texts: a random model of civil-rewrite's shape that writes 512 bytes. The peer is a
Transformer decoder of its width, layers and heads in int8, whose self-attention keeps a row a step; moving caches from beam to beam is not in its times.

${table(['', 'step 40', 'step 400', 'times step 40'], steps)}${missing(rows)}

A rewrite of 60 bytes with 4 beams${own[0] ? ` by ${own[0].model}, which writes ${own[0].written} bytes` : ''}; the time to the first piece of a stream; and the WebAssembly memory in MiB, which never shrinks, after the
load, after a text of 40 bytes, and after texts of 512 bytes.${caches}

${table(['', 'rewrite, ms', 'first piece, ms', 'loaded', '40 bytes', '512 bytes'], texts)}`;
}
