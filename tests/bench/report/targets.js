// What byteflow sets out to reach, and whether it does.
import { number } from './markdown.js';

/** [{ what, target, measured, reached }]; without a measurement the last two are undefined. */
export function targets({ peers = [], start = [], generation = [] }) {
  const time = (round, name) => peers.find((row) => row.round === round && row.name.startsWith(name))?.milliseconds;
  const times = (round, peer) => time(round, peer) / time(round, 'byteflow');
  const onNode24 = start.find(({ engine }) => engine.startsWith('Node 24'))?.median;
  const written = generation.filter(({ rewrite }) => rewrite !== undefined); // engines and backends
  const slowest = (of) => Math.max(...written.map(of));
  const later = slowest(({ curves }) => Math.max(...curves.map(({ at40, at400 }) => at400 / at40)));
  const onceIn = (rows, list) => (rows.length > 0 ? list : []);
  return [
    ...onceIn([...peers, ...start], classification(times, onNode24)),
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

const atLeast = (what, goal, value) => ({ what, target: `≥ ${goal}`, ...verdict(value, value >= goal) });

const atMost = (what, goal, value) => ({ what, target: `≤ ${goal}`, ...verdict(value, value <= goal) });

const verdict = (value, reached) => (Number.isFinite(value) ? { measured: number(value), reached } : { measured: '–', reached: undefined });
