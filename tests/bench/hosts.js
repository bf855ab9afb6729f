// Where the parts of engine/ run: each Node in a process of its own, Chromium in a page of its own.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { launch } from '../browser/chromium.js';
import { outputOf } from './output-of.js';
import { inRoot, root } from '../../tools/paths.js';
import { serve } from '../../tools/static-server.js';

/** { name, run(part, settings), close() }; `run` gives the part's result, from an engine in which nothing is loaded or compiled yet. */
export async function hosts() {
  const programs = [process.execPath, inRoot('tests/engines/node_modules/node24/bin/node')].filter((program) => existsSync(program));
  const nodes = new Map(programs.map((program) => [`Node ${execFileSync(program, ['--version'], { encoding: 'utf8' }).trim().slice(1)}`, program]));
  return [...[...nodes].map(([name, program]) => nodeHost(name, program)), await chromiumHost()];
}

function nodeHost(name, program) {
  const run = async (part, settings) => {
    const output = await outputOf(program, [inRoot('tests/bench/engine/in-node.js'), part, JSON.stringify(settings)]);
    return JSON.parse(output.trimEnd().split('\n').at(-1));
  };
  return { name, run, close() {} };
}

// An isolated page has a clock of 5 microseconds instead of 100.
const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

async function chromiumHost() {
  const browser = await launch().catch((error) => error);
  if (browser instanceof Error) return { name: 'Chromium', run: () => Promise.reject(browser), close() {} };
  const server = await serve(root, 0, isolation);
  async function run(part, settings) {
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      const responses = [];
      context.on('response', (response) => responses.push(response)); // a worker's too
      await page.goto(`${server.address}tests/bench/engine/page.html`);
      await page.waitForFunction(() => globalThis.runPart !== undefined && globalThis.crossOriginIsolated);
      const result = await page.evaluate(([part, settings]) => globalThis.runPart(part, settings), [part, settings]);
      return { ...result, downloads: await downloadsOf(responses) };
    } finally {
      await context.close();
    }
  }
  async function close() {
    await browser.close();
    server.close();
  }
  return { name: `Chromium ${browser.version()}`, run, close };
}

/** The package's files that the page asked for. */
async function downloadsOf(responses) {
  const ofPackage = responses.filter((response) => new URL(response.url()).pathname.startsWith('/web/'));
  return Promise.all(ofPackage.map(async (response) => ({ path: new URL(response.url()).pathname.slice('/web/'.length), bytes: (await response.body()).length })));
}
