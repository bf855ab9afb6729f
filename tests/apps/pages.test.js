// The apps that end as files a server has: with each bundler, with none, under a strict content security policy, in a subfolder.
import { after, before, test } from 'node:test';
import { createServer } from 'vite';
import { serve } from '../../tools/static-server.js';
import { launch } from '../browser/chromium.js';
import { build, check, folderOf } from './app.js';

let browser;
let context;
before(async () => {
  browser = await launch();
  context = await browser.newContext();
});
after(() => browser?.close());

/** Serves a folder, opens a page of it. */
async function open(folder, path, headers) {
  const server = await serve(folder, 0, headers);
  try {
    await check(context, `${server.address}${path}`);
  } finally {
    server.close();
  }
}

test('vite: built, as the root of a server', async () => {
  build('vite');
  await open(folderOf('vite/dist'), '');
});

test('vite: served while it is written', async () => {
  // Vite keeps what it made of a package until its version changes, which that of the tarball does not.
  const server = await createServer({ root: folderOf('vite'), logLevel: 'error', optimizeDeps: { force: true } });
  try {
    await server.listen();
    await check(context, server.resolvedUrls.local[0]);
  } finally {
    await server.close();
  }
});

test('subfolder: built with relative addresses, below another path', async () => {
  build('subfolder');
  await open(folderOf(''), 'subfolder/dist/index.html');
});

for (const app of ['webpack', 'esbuild', 'rollup']) {
  test(app, async () => {
    build(app);
    await open(folderOf(''), `${app}/`);
  });
}

test('plain: a module script and no bundler', () => open(folderOf(''), 'plain/'));

test('csp: scripts of the page\'s origin and WebAssembly, nothing else', () =>
  open(folderOf(''), 'csp/', { 'content-security-policy': "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'" }));
