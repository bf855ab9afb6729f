// What byteflow sets out to reach, and whether it does.
import { number } from './markdown.js';

/** [{ what, target, measured, reached }]; without a measurement the last two are undefined. */
export function targets({ peers = [], start = [] }) {
  const time = (round, name) => peers.find((row) => row.round === round && row.name.startsWith(name))?.milliseconds;
  const times = (round, peer) => time(round, peer) / time(round, 'byteflow');
  const onNode24 = start.find(({ engine }) => engine.startsWith('Node 24'))?.median;
  return [
    atLeast('times faster than the BERT base in int8, a comment of 300 bytes', 150, times('text', 'onnxruntime-web, BERT')),
    atLeast('times faster than onnxruntime-web in int8, the dense layers', 2.5, times('dense', 'onnxruntime-web, int8')),
    atLeast('times faster than tfjs-backend-wasm, the dense layers', 5, times('dense', 'tfjs')),
    { what: 'ms from import to the first score in a fresh Node 24, median', target: '≤ 60', ...verdict(onNode24, onNode24 <= 60) },
  ];
}

const atLeast = (what, goal, value) => ({ what, target: `≥ ${goal}`, ...verdict(value, value >= goal) });

const verdict = (value, reached) => (Number.isFinite(value) ? { measured: number(value), reached } : { measured: '–', reached: undefined });
