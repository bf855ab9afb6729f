import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { smallModelBytes } from '../web/models.js';
import { start } from './pages.js';

let browser;

before(async () => (browser = await start()));
after(() => browser?.close());

/** The id of the page's process: of all renderers it is the one that is busy when the page is. */
async function processOf(page) {
  const session = await browser.browser.newBrowserCDPSession();
  const times = async () => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return new Map(processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => [id, cpuTime]));
  };
  const before = await times();
  await page.evaluate(() => {
    for (const end = performance.now() + 1_000; performance.now() < end; );
  });
  const spent = [...(await times())].map(([id, time]) => [id, time - (before.get(id) ?? 0)]);
  return spent.sort((a, b) => b[1] - a[1])[0][0];
}

/** What a page holds after a collection, in bytes: its heap, and the whole of its process, where WebAssembly memories and workers show. */
async function measure(page, processId) {
  const inspector = await page.context().newCDPSession(page);
  for (let i = 0; i < 5; i++) {
    await inspector.send('HeapProfiler.collectGarbage');
    await new Promise((resolve) => setTimeout(resolve, 200)); // freed pages go back in the background
  }
  const { usedSize, embedderHeapUsedSize, backingStorageSize } = await inspector.send('Runtime.getHeapUsage');
  const status = readFileSync(`/proc/${processId}/status`, 'utf8');
  return { heap: usedSize + embedderHeapUsedSize + backingStorageSize, process: 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]) };
}

for (const worker of [true, false]) {
  test(`200 loads and disposals ${worker ? 'in workers' : 'in the page'} leave the memory as it was`, { timeout: 300_000 }, async () => {
    // From bytes: while a page is inspected the browser keeps what it fetches.
    const page = await browser.browser.newPage();
    await page.goto(`${browser.address}README.md`);
    await page.evaluate(
      async ({ address, model }) => {
        globalThis.byteflow = await import(`${address}dist/index.js`);
        const wasmBinary = await (await fetch(`${address}wasm/byteflow-scalar.wasm`)).arrayBuffer();
        globalThis.options = { backend: 'scalar', wasmBinary };
        globalThis.bytes = Uint8Array.from(model);
      },
      { address: browser.address, model: [...smallModelBytes()] },
    );
    const cycle = (times) =>
      page.evaluate(
        async ({ times, worker }) => {
          for (let i = 0; i < times; i++) {
            const classifier = await byteflow.loadClassifier(bytes, { ...options, worker });
            await classifier.score('a text');
            classifier.dispose();
          }
        },
        { times, worker },
      );

    await cycle(50); // code is compiled and paged in, pools are filled
    const processId = await processOf(page);
    const before = await measure(page, processId);
    await cycle(200);
    const after = await measure(page, processId);
    assert.equal(page.workers().length, 0);
    for (const kind of ['heap', 'process']) assert(after[kind] < 1.1 * before[kind], `${kind}: ${before[kind]} bytes before, ${after[kind]} after`);
    await page.close();
  });
}
