import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { marked } from 'marked';
import { defineConfig, type Plugin } from 'vite';

/** Puts the package's model card into card.html, so that the page needs no Markdown at run time. */
function modelCard(): Plugin {
  const file = fileURLToPath(import.meta.resolve('byteflow/models/toxicity.md'));
  const card = () => (existsSync(file) ? readFileSync(file, 'utf8') : '# No model card\n\nThis build has a model that came without its card: do not rely on its scores.');
  return {
    name: 'model-card',
    transformIndexHtml: (html) => html.replace('<!-- model card -->', () => marked.parse(card(), { async: false })),
  };
}

export default defineConfig({
  base: './', // served from any folder
  plugins: [modelCard()],
  worker: { format: 'es' }, // split: a worker loads the glue of one backend, not of all
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // the content security policy allows no data: URLs
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ['index.html', 'card.html'] },
  },
});
