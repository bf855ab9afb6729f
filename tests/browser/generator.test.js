import assert from 'node:assert/strict';
import { after, before, test as register } from 'node:test';
import { loadGenerator } from 'byteflow';
import { smallGenerator, smallGeneratorUrl } from '../web/models.js';
import { start } from './pages.js';

const test = (name, check) => register(name, { timeout: 60_000 }, check);

let browser;

before(async () => (browser = await start()));
after(() => browser?.close());

/** Opens a page with a generator in it, runs the check, and closes the page. */
async function withGenerator(options, check) {
  const page = await browser.open({ answers: { '/small.byteflow': (route) => route.fulfill({ path: smallGenerator }) } });
  await page.evaluate(async (options) => {
    globalThis.generator = await byteflow.loadGenerator('small.byteflow', options);
    globalThis.all = async (stream) => {
      const pieces = [];
      for await (const piece of stream) pieces.push(piece);
      return pieces;
    };
  }, options);
  await check(page);
  await page.context().close();
}

const text = '漢字';
const here = await loadGenerator(smallGeneratorUrl);
const expected = await here.generate(text);
const greedy = (await here.generate(text, { beams: 1 })).candidates[0].text;

for (const worker of [true, false]) {
  const where = worker ? 'in a worker' : 'in the page';

  test(`${where}: a generator says and writes what it does in Node`, () =>
    withGenerator({ worker }, async (page) => {
      const about = await page.evaluate(() => [generator.inWorker, generator.model, generator.maxBytes, generator.maxOutputBytes, generator.maxBeams]);
      assert.deepEqual(about, [worker, 'small', 60, 48, 32]);
      assert.equal(page.workers().length, Number(worker));
      const generated = await page.evaluate((text) => Promise.all([generator.generate(text), generator.generate(['one', text, 'x\ud83dx']), generator.generate(text, { temperature: 1.5, seed: 3 })]), text);
      assert.deepEqual(generated, [expected, await here.generate(['one', text, 'x\ud83dx']), await here.generate(text, { temperature: 1.5, seed: 3 })]);
      assert.deepEqual(await page.evaluate(() => generator.generate([])), []);
    }));

  test(`${where}: a stream comes in pieces, and can be left`, () =>
    withGenerator({ worker }, async (page) => {
      const [pieces, beams, first] = await page.evaluate(async (text) => {
        const pieces = await all(generator.stream(text));
        const beams = await all(generator.stream(text, { beams: 4 }));
        for await (const piece of generator.stream(text)) return [pieces, beams, piece];
      }, text);
      assert.equal(pieces.join(''), greedy);
      assert(pieces.length > 10);
      assert.equal(first, pieces[0]);
      assert.equal(beams.join(''), expected.candidates[0].text);
      assert.deepEqual(await page.evaluate((text) => generator.generate(text), text), expected);
    }));

  test(`${where}: the beams can be watched`, () =>
    withGenerator({ worker }, async (page) => {
      const steps = await page.evaluate(async (text) => {
        const steps = [];
        await generator.generate(text, { onStep: (beams, index) => steps.push([beams, index]) });
        return steps;
      }, text);
      const inNode = [];
      await here.generate(text, { onStep: (beams, index) => inNode.push([beams, index]) });
      assert.deepEqual(steps, inNode);
      const indices = await page.evaluate(async () => {
        const indices = new Set();
        await generator.generate(Array(70).fill('漢'), { maxBytes: 3, onStep: (_, index) => indices.add(index) });
        return [...indices];
      });
      assert.deepEqual(indices, Array.from({ length: 70 }, (_, i) => i));
    }));

  test(`${where}: an abort ends a long call within a step, and the model can be used on`, () =>
    withGenerator({ worker }, async (page) => {
      const [fault, streamFault, after, late] = await page.evaluate(async (text) => {
        const controller = new AbortController();
        const long = generator.generate(Array(100_000).fill(text), { beams: 32, signal: controller.signal });
        const stop = new AbortController();
        const streamed = (async () => {
          for await (const piece of generator.stream(text, { signal: stop.signal })) stop.abort(new Error(`after ${piece}`));
        })();
        await new Promise((resolve) => setTimeout(resolve, 50));
        controller.abort(new Error('enough'));
        const fault = await outcome(long);
        const after = await outcome(generator.generate(text)); // within 5 s, or it is 'not settled'
        return [fault, await outcome(streamed), after, await outcome(generator.generate(text, { signal: controller.signal }))];
      }, text);
      assert.deepEqual(fault, { name: 'Error', message: 'enough' });
      assert.equal(streamFault.name, 'Error');
      assert.equal(streamFault.message, `after ${[...greedy][0]}`);
      assert.deepEqual(after, { value: expected });
      assert.deepEqual(late, { name: 'Error', message: 'enough' });
    }));

  test(`${where}: what makes no sense is named`, () =>
    withGenerator({ worker }, async (page) => {
      const faults = await page.evaluate(async () => {
        const outcomes = [];
        for (const call of [
          generator.generate(7),
          generator.generate(['a', Symbol('b')]),
          generator.generate('a', { beams: 0 }),
          generator.generate('a', { beams: () => {} }),
          generator.stream(null).next(),
          generator.stream('a', { alpha: 3 }).next(),
        ])
          outcomes.push(await outcome(call));
        generator.dispose();
        return [...outcomes, await outcome(generator.generate('late')), await outcome(generator.stream('late').next())];
      });
      assert.deepEqual(faults.map(({ code }) => code), [...Array(6).fill('invalid-argument'), 'disposed', 'disposed']);
      assert.match(faults[1].message, /^texts\[1\] must be a string, not symbol/);
      assert.match(faults[2].message, /^beams must be a whole number from 1 to 32, not 0/);
    }));
}

test('an aborted worker begins no other text of the batch', () =>
  withGenerator({}, async (page) => {
    const [worker] = page.workers();
    await worker.evaluate(() => {
      globalThis.begun = 0; // each text has a channel of its own, through which its steps give way
      globalThis.MessageChannel = class extends MessageChannel {
        constructor() {
          super();
          begun++;
        }
      };
    });
    await page.evaluate(async (text) => {
      const controller = new AbortController();
      const texts = Array(60).fill(text);
      const onStep = (_, index) => index === 1 && controller.abort(new Error('enough'));
      await outcome(generator.generate(texts, { signal: controller.signal, onStep }));
      await generator.generate(text);
    }, text);
    const begun = await worker.evaluate(() => begun);
    assert(begun >= 3 && begun < 10, `${begun} texts were begun`); // the second, maybe another before the word has come, and the last call
  }));

test('a worker that dies during a call gives a typed error, and the next call works', () =>
  withGenerator({}, async (page) => {
    const long = page.evaluate((text) => outcome(generator.generate(Array(100_000).fill(text), { beams: 32 })), text);
    await Promise.all(page.workers().map((worker) => worker.evaluate(() => self.close())));
    const { name, code } = await long;
    assert.deepEqual({ name, code }, { name: 'ByteflowError', code: 'worker-lost' });
    assert.deepEqual(await page.evaluate((text) => generator.generate(text), text), expected);
    assert.equal(page.workers().length, 1);
  }));

test('a model of the other kind fails in the worker as in the page', () =>
  withGenerator({}, async (page) => {
    const outcomes = await page.evaluate(() => Promise.all([true, false].map((worker) => outcome(byteflow.loadGenerator(model, { worker })))));
    assert.deepEqual(outcomes[0], outcomes[1]);
    assert.equal(outcomes[0].code, 'invalid-argument');
    assert.match(outcomes[0].message, /scores texts; it cannot write any/);
  }));
