// npm run soak -- [--calls N] [--minutes N] [--browser] [--seed N]: mixed calls on models that are loaded, used, aborted and disposed of, with bad models in
// between. It ends with exit code 1 when a result is wrong or the memory has grown, and prints what a call took, so that a reader sees whether that is stable.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { start } from '../browser/pages.js';
import { soak } from './calls.js';

const { values: options } = parseArgs({
  options: { calls: { type: 'string' }, minutes: { type: 'string' }, browser: { type: 'boolean', default: false }, seed: { type: 'string', default: '1' } },
});
const limits = { calls: options.calls === undefined ? Infinity : Number(options.calls), minutes: options.minutes === undefined ? Infinity : Number(options.minutes) };
if (limits.calls === Infinity && limits.minutes === Infinity) limits.calls = 10_000;

const golden = (name) => new Uint8Array(readFileSync(join(import.meta.dirname, `../golden/${name}.byteflow`)));
const models = ['wide', 'words', 'transformer', 'original', 'normalized'].map((name) => [...golden(name)]);
const generators = ['small', 'words'].map((name) => [...golden(`generators/${name}`)]);

const report = (line) => process.stdout.write(`${line}\n`);

async function inNode() {
  const byteflow = await import('byteflow');
  // What is held after a collection, where it can be asked for: npm run soak does. The memory of a model that was just disposed of goes with the next one.
  const memory = async () => {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve));
    globalThis.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heap: heapUsed + external, process: rss };
  };
  return soak({ byteflow, models, generators, ...limits, seed: Number(options.seed), report, memory });
}

async function inChromium() {
  const browser = await start();
  const answers = Object.fromEntries(['soak/calls.js', 'hostile/random.js'].map((path) => [`/tests/${path}`, (route) => route.fulfill({ path: join(import.meta.dirname, '..', path) })]));
  const page = await browser.open({ answers });
  const inspector = await page.context().newCDPSession(page);
  await page.exposeFunction('report', report);
  await page.exposeFunction('memory', async () => {
    await inspector.send('HeapProfiler.collectGarbage');
    const { usedSize, embedderHeapUsedSize, backingStorageSize } = await inspector.send('Runtime.getHeapUsage');
    return { heap: usedSize + embedderHeapUsedSize + backingStorageSize, process: await largestRenderer() };
  });
  const session = await browser.browser.newBrowserCDPSession();
  async function largestRenderer() {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const sizes = processInfo.filter(({ type, id }) => type === 'renderer' && existsSync(`/proc/${id}/status`)).map(({ id }) => 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0));
    return Math.max(...sizes);
  }
  try {
    return await page.evaluate(
      async ({ models, generators, limits, seed }) => {
        const { soak } = await import('/tests/soak/calls.js');
        return soak({ byteflow, models, generators, calls: limits.calls ?? Infinity, minutes: limits.minutes ?? Infinity, seed, report: globalThis.report, memory: globalThis.memory });
      },
      { models, generators, limits: Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== Infinity)), seed: Number(options.seed) },
    );
  } finally {
    await browser.close();
  }
}

const { calls, faults, seconds } = options.browser ? await inChromium() : await inNode();
for (const fault of faults) report(fault);
report(`${calls.toLocaleString('en')} calls in ${seconds.toFixed(0)} s`);
report(`${faults.length === 0 ? 1 : 0} passed, ${faults.length} failed`);
process.exitCode = faults.length === 0 ? 0 : 1;
