import { loadClassifier } from 'byteflow';
import { bestBackend } from '../engine/support.js';
import { denseShapes, rowsOf } from './dense-shapes.js';

export const contestants = [
  {
    name: 'byteflow, toxicity model',
    round: 'text',
    async prepare({ text }) {
      const classifier = await loadClassifier('toxicity');
      return { work: () => classifier.score(text) };
    },
  },
  {
    name: 'byteflow, its gemm',
    round: 'dense',
    async prepare({ text, url }) {
      const { default: create } = await import(url(`build/wasm-${await bestBackend()}/tests/bench/byteflow_bench.mjs`));
      const module = await create();
      const layers = denseShapes.map(({ inputs, outputs }) => new module.Gemm(rowsOf(text), inputs, outputs));
      return {
        work() {
          for (const layer of layers) layer.run(1);
        },
      };
    },
  },
  {
    name: 'byteflow, toxicity model',
    round: 'comments',
    async prepare({ comments }) {
      const classifier = await loadClassifier('toxicity');
      return { work: () => classifier.score(comments), calls: comments.length };
    },
  },
];
