// What byteflow sets out to reach, and whether it does.
import { gemmWork, wholeTime } from './gemm-work.js';
import { number } from './markdown.js';
import { measured } from './missing.js';

/** [{ what, target, measured, reached }]; without a measurement the last two are undefined. */
export function targets({ peers = [], start = [], generation = [], kernels = [], comments = [] }) {
  const time = (round, name) => peers.find((row) => row.round === round && row.name.startsWith(name))?.milliseconds;
  const times = (round, peer) => time(round, peer) / time(round, 'byteflow');
  const onNode24 = start.find(({ engine }) => engine.startsWith('Node 24'))?.median;
  const written = generation.filter(({ rewrite }) => rewrite !== undefined); // engines and backends
  const slowest = (of) => Math.max(...written.map(of));
  const later = slowest(({ curves }) => Math.max(...curves.map(({ at40, at400 }) => at400 / at40)));
  const inNode24 = (rows, backend) => measured(rows).find((row) => row.engine.startsWith('Node 24') && row.backend === backend);
  const relaxed = inNode24(kernels, 'relaxed');
  const onceIn = (rows, list) => (rows.length > 0 ? list : []);
  return [
    ...onceIn([...peers, ...start], classification(times, onNode24)),
    // Without AVX-VNNI no x86 runs relaxed, and nothing is to be reached there.
    ...(relaxed === undefined ? [] : gemm(relaxed, inNode24(kernels, 'simd128'), inNode24(comments, 'relaxed'))),
    ...onceIn(generation, [
      atMost('times as long as step 40 takes step 400 of a text, at 1 and 4 beams, in the worst engine', 1.1, later),
      atMost('ms for a rewrite of 60 bytes with 4 beams, in the slowest engine', 60, slowest(({ rewrite }) => rewrite)),
      atMost('ms to the first piece of a stream, in the slowest engine', 10, slowest(({ firstPiece }) => firstPiece)),
    ]),
  ];
}

function classification(times, onNode24) {
  return [
    atLeast('times faster than the BERT base in int8, a comment of 300 bytes', 150, times('text', 'onnxruntime-web, BERT')),
    atLeast('times faster than onnxruntime-web in int8, the dense layers', 2.5, times('dense', 'onnxruntime-web, int8')),
    atLeast('times faster than tfjs-backend-wasm, the dense layers', 5, times('dense', 'tfjs')),
    atMost('ms from import to the first score in a fresh Node 24, median', 60, onNode24),
  ];
}

/** Of the largest layer of the toxicity model; all in Node 24. */
function gemm(relaxed, simd128, comments) {
  const figure = (row, rows) => row?.gemm.filter((entry) => entry.rows === rows).sort((a, b) => b.inputs * b.outputs - a.inputs * a.outputs)[0]?.gmacs;
  const share = comments && (100 * gemmWork(relaxed).ideal) / wholeTime(comments);
  return [
    atLeast('GMAC/s of the relaxed gemm, 32 rows, Node 24', 85, figure(relaxed, 32)),
    atLeast('GMAC/s of the relaxed gemm, 1 row, Node 24', 60, figure(relaxed, 1)),
    atLeast('GMAC/s of the simd128 gemm, 32 rows, Node 24', 40, figure(simd128, 32)),
    atLeast('percent of a comment\'s time that its products would take at the relaxed gemm\'s figures of 32 rows, Node 24', 55, share),
  ];
}

const atLeast = (what, goal, value) => ({ what, target: `≥ ${goal}`, ...verdict(value, value >= goal) });

const atMost = (what, goal, value) => ({ what, target: `≤ ${goal}`, ...verdict(value, value <= goal) });

const verdict = (value, reached) => (Number.isFinite(value) ? { measured: number(value), reached } : { measured: '–', reached: undefined });
