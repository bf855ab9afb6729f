import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { serve } from '../../tools/static-server.js';
import { launch } from './chromium.js';
import { tabs, untilKept, untilScored } from './demo-pages.js';

const dist = join(import.meta.dirname, '../../demo/dist');

/** Opens the demo in a browser of its own, from a server that can be stopped. */
async function withServer(folder, check) {
  const server = await serve(folder);
  const browser = await launch();
  try {
    await check(await browser.newContext(), server);
  } finally {
    await browser.close();
    server.close();
  }
}

async function scoreOf(page, text) {
  await page.fill('#text', text);
  await page.waitForFunction((bytes) => document.getElementById('size').textContent.startsWith(`${bytes} byte`), Buffer.byteLength(text));
  return page.$$eval('#scores [role=meter]', (meters) => meters.map((meter) => meter.ariaValueNow));
}

/** Cuts the network: the browser believes that there is none, and there is no server either. */
async function cut(context, server) {
  await context.setOffline(true);
  server.close();
}

test('one visit is enough: with the network cut the page opens, and every tab works', () =>
  withServer(dist, async (context, server) => {
    const visit = await context.newPage();
    await visit.goto(server.address);
    await untilScored(visit);
    const before = await scoreOf(visit, 'You are a stupid idiot.');
    await untilKept(visit);
    await visit.close();
    await cut(context, server);

    const page = await context.newPage();
    const faults = [];
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`${server.address}?from=the-home-screen#score`);
    await untilScored(page);
    assert.deepEqual(await scoreOf(page, 'You are a stupid idiot.'), before);
    assert.equal(await page.textContent('#offline-state'), 'Offline');

    for (const backend of ['scalar', 'simd128']) {
      await page.check(`input[value=${backend}]`);
      await page.waitForFunction((backend) => document.getElementById('time').textContent.endsWith(backend), backend);
    }

    await page.click('#tab-bulk');
    await page.fill('#pasted', 'one\ntwo\nthree');
    await page.click('#bulk-start');
    await page.waitForFunction(() => document.querySelectorAll('#rows tbody tr:not(.spacer)').length === 3);

    for (const tab of tabs) {
      await page.goto(`${server.address}#${tab}`);
      await page.reload();
      assert(await page.isVisible(`#panel-${tab} h1`), tab);
    }
    assert.match(await page.textContent('#left'), /^Nothing$/);
    await page.waitForFunction(() => / 0 over the network$/.test(document.getElementById('requests-summary').textContent));
    assert.deepEqual(faults, []);
  }));

test('every file is kept once, and no script that no tab starts', () => {
  const worker = readFileSync(join(dist, 'service-worker.js'), 'utf8');
  const kept = readdirSync(join(dist, 'assets')).filter((name) => worker.includes(`assets/${name}`));
  const names = kept.map((name) => name.replace(/-[\w-]{8}(?=\.\w+$)/, '')).filter((name) => /^byteflow-/.test(name) || /worker\.js$/.test(name));
  assert.deepEqual(names.sort(), ['relaxed', 'scalar', 'simd128'].flatMap((backend) => [`byteflow-${backend}.js`, `byteflow-${backend}.wasm`]).concat('model-worker.js', 'table-worker.js').sort());
});

test('opened twice, both windows work, and go on when the network is cut', () =>
  withServer(dist, async (context, server) => {
    const [one, two] = [await context.newPage(), await context.newPage()];
    await Promise.all([one, two].map((page) => page.goto(server.address)));
    await Promise.all([one, two].map(untilScored));
    await Promise.all([one, two].map(untilKept));
    const scores = await Promise.all([one, two].map((page) => scoreOf(page, 'both at once')));
    assert.deepEqual(scores[0], scores[1]);
    await cut(context, server);
    await Promise.all([one, two].map((page) => page.reload()));
    await Promise.all([one, two].map(untilScored));
    assert.deepEqual(await Promise.all([one, two].map((page) => scoreOf(page, 'both at once'))), scores);
    await two.close();
    assert.deepEqual(await scoreOf(one, 'both at once'), scores[0], 'the first goes on without the second');
  }));

test('a tab that is opened for the first time after the network was cut works too', () =>
  withServer(dist, async (context, server) => {
    const page = await context.newPage();
    await page.goto(server.address);
    await untilKept(page);
    await cut(context, server);
    await page.click('#tab-bulk');
    await page.fill('#pasted', 'one\ntwo');
    await page.click('#bulk-start');
    await page.waitForFunction(() => document.querySelectorAll('#rows tbody tr:not(.spacer)').length === 2);
  }));

test('a new version waits for the button, then all windows take it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'byteflow-'));
  cpSync(dist, folder, { recursive: true });
  await withServer(folder, async (context, server) => {
    const [one, two] = [await context.newPage(), await context.newPage()];
    for (const page of [one, two]) {
      await page.goto(server.address);
      await untilKept(page);
    }
    assert.equal(await one.isVisible('#update'), false);

    const [index, worker] = ['index.html', 'service-worker.js'].map((name) => join(folder, name));
    writeFileSync(index, readFileSync(index, 'utf8').replace('How will this comment sound?', 'The second version'));
    writeFileSync(worker, readFileSync(worker, 'utf8').replace(/(index\.html[`'"],\s*revision:[`'"])\w+/, '$1second'));
    await one.evaluate(async () => (await navigator.serviceWorker.ready).update());
    for (const page of [one, two]) await page.waitForSelector('#update:visible');
    await one.reload();
    assert.equal(await one.textContent('#panel-score h1'), 'How will this comment sound?', 'it has not been asked for');
    await two.fill('#text', 'still here');

    await one.click('#update:visible');
    for (const page of [one, two]) await page.waitForFunction(() => document.querySelector('#panel-score h1')?.textContent === 'The second version');
    await untilScored(two);
    assert.equal(await two.isVisible('#update'), false);
  });
  rmSync(folder, { recursive: true });
});

test('it lives in a subfolder as well', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'byteflow-'));
  symlinkSync(dist, join(folder, 'demo'));
  await withServer(folder, async (context, server) => {
    const page = await context.newPage();
    await page.goto(`${server.address}demo/`);
    await untilKept(page);
    await cut(context, server);
    await page.reload();
    await untilScored(page);
  });
  rmSync(folder, { recursive: true });
});
