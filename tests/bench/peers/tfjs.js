import { createRequire } from 'node:module';
import { denseShapes, rowsOf } from './dense-shapes.js';

const require = createRequire(import.meta.url); // its ES modules do not load in Node

export const contestants = [
  {
    name: 'tfjs-backend-wasm, float32',
    round: 'dense',
    async prepare({ text }) {
      const tf = require('@tensorflow/tfjs-core');
      require('@tensorflow/tfjs-backend-wasm');
      tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
      await tf.setBackend('wasm');
      if (!(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'))) throw new Error('runs without SIMD here');
      // The products alone, without what joins the layers.
      const layers = denseShapes.map(({ inputs, outputs }) => [tf.randomNormal([rowsOf(text), inputs]), tf.randomNormal([inputs, outputs])]);
      return {
        work() {
          for (const [input, weight] of layers) tf.matMul(input, weight).dispose();
        },
      };
    },
  },
];
