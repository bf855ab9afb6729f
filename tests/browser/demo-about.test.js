import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startDemo, untilKept, untilScored } from './demo-pages.js';

let demo;

before(async () => (demo = await startDemo()));
after(() => demo?.close());

const requests = (page) => page.$$eval('#requests tr', (rows) => rows.map((row) => ({ url: row.title, by: row.cells[1].textContent, how: row.cells[2].textContent })));

test('every request is told, those of workers too, and none left the site', () => {
  const made = new Set();
  return demo.withDemo({ tab: 'score', beforeOpening: (context) => context.on('request', (request) => made.add(request.url())) }, async (page) => {
    await untilScored(page);
    await untilKept(page);
    await page.click('#tab-about');
    assert.equal(await page.textContent('#left'), 'Nothing');
    await page.waitForFunction(() => [...document.querySelectorAll('#requests tr')].some(({ title }) => title.includes('/toxicity')));
    const told = await requests(page);
    // The service worker keeps the other models, too.
    assert(told.some(({ url, by }) => url.includes('/toxicity') && by === 'model worker'));
    assert(told.every(({ url }) => url.startsWith(demo.address)));
    // Timelines leave out icons, and the scripts that workers begin with.
    const expected = [...made].map((url) => url.split('#')[0]).filter((url) => !/\.webmanifest$|icon|service-worker\.js$|worker-[\w-]+\.js$/.test(url));
    await page.waitForFunction((expected) => {
      const told = new Set([...document.querySelectorAll('#requests tr')].map(({ title }) => title));
      return expected.every((url) => told.has(url));
    }, expected);
  });
});

test('a request to another address is not hidden', () =>
  demo.withDemo({ tab: 'about' }, async (page) => {
    await page.evaluate(() => new BroadcastChannel('byteflow-requests').postMessage([{ url: 'https://elsewhere.invalid/x', by: 'model worker', kind: 'fetch', isNetwork: true, bytes: 1 }]));
    await page.waitForFunction(() => document.getElementById('left').textContent === '1 request to other addresses');
    assert.equal((await requests(page)).filter(({ how }) => how === 'network, elsewhere').length, 1);
  }));

test('the policy of the page forbids requests to other addresses', async () => {
  const page = await demo.browser.newPage();
  await page.goto(demo.address);
  const outcome = await page.evaluate(() => {
    const violated = new Promise((resolve) => addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective)));
    return Promise.all([violated, fetch('https://elsewhere.invalid/').then(() => 'answered', () => 'refused')]);
  });
  assert.deepEqual(outcome, ['connect-src', 'refused']);
  await page.close();
});

test('the card of each model is there, and reads as a page', () =>
  demo.withDemo({ tab: 'about' }, async (page) => {
    const names = await page.$$eval('.model-card summary', (summaries) => summaries.map(({ textContent }) => textContent));
    assert(names.includes('toxicity'));
    await page.click('.model-card summary:text-is("toxicity")');
    assert(await page.isVisible('.model-card[open] h3:text("Known failures")'));
    assert((await page.locator('.model-card[open] table').count()) > 1);
    assert.equal(await page.locator('.model-card a').count(), 0, 'links to files that are not part of the page');
  }));

test('the browser finds nothing that keeps it from being installed', () =>
  demo.withDemo({ tab: 'about' }, async (page, context) => {
    await untilKept(page);
    const session = await context.newCDPSession(page);
    const { errors, data } = await session.send('Page.getAppManifest');
    assert.deepEqual(errors, []);
    assert.equal(JSON.parse(data).name, 'byteflow');
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'), []);
    for (const { src, sizes } of JSON.parse(data).icons) {
      const natural = await page.evaluate(async (src) => {
        const image = new Image();
        image.src = src;
        await image.decode();
        return `${image.naturalWidth}x${image.naturalHeight}`;
      }, src);
      if (sizes !== 'any') assert.equal(natural, sizes, src);
    }
  }));

test("the browser's offer to install it is kept until the button is pressed", () =>
  demo.withDemo({ tab: 'about' }, async (page) => {
    assert.equal(await page.isVisible('#install'), false);
    await page.evaluate(() => {
      const offer = Object.assign(new Event('beforeinstallprompt', { cancelable: true }), { prompt: () => Promise.resolve((globalThis.prompted = offer.defaultPrevented)) });
      dispatchEvent(offer);
    });
    await page.click('#install');
    assert.equal(await page.evaluate(() => globalThis.prompted), true);
    await page.evaluate(() => dispatchEvent(new Event('appinstalled')));
    assert.equal(await page.isVisible('#install'), false);
  }));
