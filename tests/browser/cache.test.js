import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { smallModelBytes } from '../web/models.js';
import { start } from './pages.js';

const digest = (bytes) => `sha256-${createHash('sha256').update(bytes).digest('base64')}`;
const integrity = digest(smallModelBytes());
const webPage = '<!doctype html><title>Home</title>';

let browser;

before(async () => (browser = await start()));
after(() => browser?.close());

/** Opens a page that counts how often the model was asked for; `answer` says what comes. */
async function withModel(answer, check) {
  const asked = { times: 0 };
  const serveModel = (route) => {
    asked.times++;
    return answer === undefined ? route.fulfill({ body: Buffer.from(smallModelBytes()) }) : answer(route);
  };
  const page = await browser.open({ answers: { '/wide.byteflow': serveModel } });
  await check(page, asked);
  await page.context().close();
}

/** Loads the model; gives its name, or the code of the error. */
const load = (page, options) =>
  page.evaluate(async (options) => {
    const { value, code } = await outcome(byteflow.loadClassifier(model, options).then((classifier) => (classifier.dispose(), classifier.model)));
    return value ?? code;
  }, options);

/** What the page's caches hold: sizes of entries. */
const cachedSizes = (page) =>
  page.evaluate(async () => {
    const sizes = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const key of await cache.keys()) sizes.push((await (await cache.match(key)).arrayBuffer()).byteLength);
    }
    return sizes;
  });

for (const worker of [true, false]) {
  const where = worker ? 'in a worker' : 'in the page';

  test(`${where}: a cached model is asked for once`, () =>
    withModel(undefined, async (page, asked) => {
      for (let i = 0; i < 3; i++) assert.equal(await load(page, { worker, integrity, cache: true }), 'wide');
      assert.equal(asked.times, 1);
      assert.deepEqual(await cachedSizes(page), [smallModelBytes().length]);
    }));

  test(`${where}: without \`cache\` nothing is kept`, () =>
    withModel(undefined, async (page, asked) => {
      for (let i = 0; i < 2; i++) assert.equal(await load(page, { worker, integrity }), 'wide');
      assert.equal(asked.times, 2);
      assert.deepEqual(await cachedSizes(page), []);
    }));

  test(`${where}: a poisoned entry is thrown away, and replaced`, () =>
    withModel(undefined, async (page, asked) => {
      await load(page, { worker, integrity, cache: true });
      await page.evaluate(async (poison) => {
        for (const name of await caches.keys()) {
          const cache = await caches.open(name);
          for (const key of await cache.keys()) await cache.put(key, new Response(poison));
        }
      }, webPage);
      assert.equal(await load(page, { worker, integrity, cache: true }), 'wide');
      assert.equal(asked.times, 2);
      assert.deepEqual(await cachedSizes(page), [smallModelBytes().length]);
    }));

  test(`${where}: what does not validate is refused, and never kept`, async () => {
    const damaged = smallModelBytes();
    damaged[damaged.length >> 1] ^= 1;
    const cases = [
      { body: Buffer.from(damaged), integrity, code: 'integrity' },
      { body: Buffer.from(damaged), integrity: digest(damaged), code: 'invalid-model' }, // as asked for, but no good
      { body: webPage, integrity: digest(webPage), code: 'unexpected-html' },
      { body: 'words', integrity: digest('words'), code: 'not-a-model' },
      { body: 'gone', status: 404, integrity: digest('gone'), code: 'not-found' },
    ];
    for (const { code, integrity, ...answer } of cases) {
      await withModel(
        (route) => route.fulfill(answer),
        async (page) => {
          assert.equal(await load(page, { worker, integrity, cache: true }), code);
          assert.deepEqual(await cachedSizes(page), []);
        },
      );
    }
  });
}

test('a browser that refuses its cache loads all the same', () =>
  withModel(undefined, async (page, asked) => {
    await page.evaluate(() => (caches.open = () => Promise.reject(new DOMException('no', 'SecurityError'))));
    for (let i = 0; i < 2; i++) assert.equal(await load(page, { worker: false, integrity, cache: true }), 'wide');
    assert.equal(asked.times, 2);
  }));
