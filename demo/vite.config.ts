import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { modelCards } from './plugins/model-cards.js';
import { pageParts } from './plugins/page-parts.js';
import { serviceWorker } from './plugins/service-worker.js';

const models = dirname(fileURLToPath(import.meta.resolve('byteflow/models/toxicity.byteflow')));

export default defineConfig({
  base: './', // served from any folder
  plugins: [
    pageParts(import.meta.dirname, [
      { name: 'score', title: 'Score' },
      { name: 'rewrite', title: 'Rewrite' },
      { name: 'correct', title: 'Correct' },
      { name: 'bulk', title: 'Bulk' },
      { name: 'bench', title: 'Bench' },
      { name: 'about', title: 'About' },
    ]),
    modelCards(models),
    serviceWorker('src/service-worker.ts', { except: /^assets\/worker-/ }), // byteflow's own worker: no tab starts it, model-worker has it within
  ],
  worker: {
    format: 'es', // split: a worker loads the glue of one backend, not of all
    rolldownOptions: { output: { comments: { annotation: false } } }, // as Vite has it for the page, so that glue of both is one file
  },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // the content security policy allows no data: URLs
    modulePreload: { polyfill: false },
  },
});
