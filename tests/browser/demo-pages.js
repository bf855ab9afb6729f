// Pages of the demo, as it was built.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '../../tools/static-server.js';
import { launch } from './chromium.js';

const root = join(import.meta.dirname, '../..');

export const tabs = ['score', 'rewrite', 'correct', 'bulk', 'bench', 'about'];

/** Whether a model has been released. */
export const hasModel = (name) => existsSync(join(root, `models/${name}.byteflow`));

/** A server of the demo and a browser. */
export async function startDemo() {
  assert(existsSync(join(root, 'demo/dist/index.html')), 'demo/dist is missing: build the demo first (npm run build)');
  const server = await serve(join(root, 'demo/dist'));
  const browser = await launch();

  /** Opens the demo at a tab; after the check nothing may have been logged, thrown, or asked of another origin. */
  async function withDemo({ tab = 'score', query = '', answers = {}, beforeOpening = () => {}, ...options }, check) {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    for (const [path, answer] of Object.entries(answers)) await context.route((url) => url.pathname === path, answer);
    const faults = [];
    context.on('request', (request) => /^(blob:)?http:\/\/localhost:/.test(request.url()) || faults.push(`request to ${request.url()}`));
    context.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(message.text()));
    context.on('weberror', (error) => faults.push(error.error().message));
    beforeOpening(context);
    const page = await context.newPage();
    await page.goto(`${server.address}${query}#${tab}`);
    await page.waitForSelector('[role=tabpanel]:not([hidden], [inert])'); // its script has come, and hears what is done
    await check(page, context);
    assert.deepEqual(faults, []);
    await context.close();
  }

  async function close() {
    await browser.close();
    server.close();
  }

  return { address: server.address, browser, withDemo, close };
}

/** Waits until the page says that it needs no network. */
export const untilKept = (page) => page.waitForFunction(() => document.getElementById('offline-state').dataset.state === 'ready');

export const untilScored = (page) => page.waitForSelector('[role=meter][aria-valuenow]');

/** Nothing in the window lies to the right of it. */
export async function assertNoSidewaysScroll(page, where) {
  const { scroll, client } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth }));
  assert(scroll <= client, `${where}: ${scroll} px of content in a window of ${client} px`);
}
