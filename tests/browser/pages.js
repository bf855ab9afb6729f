// Pages that have the package, without a bundler.
import { join } from 'node:path';
import { serve } from '../../tools/static-server.js';
import { launch } from './chromium.js';

const root = join(import.meta.dirname, '../..');

/** A server and a browser. */
export async function start() {
  const server = await serve(join(root, 'web'));
  const browser = await launch();

  /**
   * Opens a page in which `byteflow` is the package, `model` the address of a small model, and `outcome(promise)` how a promise ends.
   * `headers` are the page's own; `answers` says by path what is answered instead of a file (see Playwright's route).
   */
  async function open({ headers = {}, answers = {} } = {}) {
    const context = await browser.newContext();
    const answersByPath = {
      '/page.html': (route) => route.fulfill({ contentType: 'text/html', headers, body: '<!doctype html><title>Test</title>' }),
      '/wide.byteflow': (route) => route.fulfill({ path: join(root, 'tests/golden/wide.byteflow') }),
      ...answers,
    };
    for (const [path, answer] of Object.entries(answersByPath)) await context.route((url) => url.pathname === path, answer);
    const page = await context.newPage();
    await page.goto(`${server.address}page.html`);
    await page.evaluate(setUp, server.address);
    return page;
  }

  async function close() {
    await browser.close();
    server.close();
  }

  return { address: server.address, browser, open, close };
}

/** Runs in the page. */
async function setUp(address) {
  const settled = (promise) =>
    promise.then(
      (value) => ({ value }),
      ({ name, code, message }) => (code === undefined ? { name, message } : { name, code, message }),
    );
  const late = () => new Promise((resolve) => setTimeout(resolve, 5_000, 'not settled'));
  Object.assign(globalThis, {
    byteflow: await import(`${address}dist/index.js`),
    model: `${address}wide.byteflow`,
    outcome: (promise) => Promise.race([settled(promise), late()]),
  });
}
