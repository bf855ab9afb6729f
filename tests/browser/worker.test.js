import assert from 'node:assert/strict';
import { after, before, test as register } from 'node:test';
import { loadClassifier } from 'byteflow';
import { bits, smallModel, smallModelUrl } from '../web/models.js';
import { start } from './pages.js';

const test = (name, check) => register(name, { timeout: 60_000 }, check);

let browser;

before(async () => (browser = await start()));
after(() => browser?.close());

/** Opens a page, runs the check, and closes the page. */
async function withPage(options, check) {
  const page = await browser.open(options);
  await check(page);
  await page.context().close();
}

const text = 'Ünïcödé, 漢字 and a lone \ud83d surrogate';
const expected = await (async () => {
  const classifier = await loadClassifier(smallModelUrl);
  return { score: await classifier.score(text), logits: bits(await classifier.logits(text)), explanation: await classifier.explain(text, { label: 'w' }) };
})();

/** Runs in the page: loads the model, keeps it as `classifier`, and says what it is and gives. */
async function loadAndScore({ options, text }) {
  globalThis.classifier = await byteflow.loadClassifier(model, options);
  const { inWorker, workerFault, backend, labels, thresholds, maxBytes } = classifier;
  const score = await classifier.score(text);
  const logits = [...(await classifier.logits(text))];
  const explanation = await classifier.explain(text, { label: 'w' });
  return { inWorker, fault: workerFault && { code: workerFault.code, message: workerFault.message }, backend, labels, thresholds, maxBytes, score, logits, explanation };
}

async function loaded(page, options = {}) {
  const result = await page.evaluate(loadAndScore, { options, text });
  assert.deepEqual(result.score, expected.score);
  assert.equal(bits(result.logits), expected.logits);
  assert.deepEqual(result.explanation, expected.explanation);
  return result;
}

/** Resolves when the condition holds; a test that waits in vain is ended by its timeout. */
async function until(holds) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Ends every worker of the page, as the browser would: without a word. */
async function killWorkers(page) {
  assert(page.workers().length > 0, 'no worker to kill');
  await Promise.all(page.workers().map((worker) => worker.evaluate(() => self.close())));
  await until(() => page.workers().length === 0);
}

test('in a page a model runs in a worker, and says the same of itself', () =>
  withPage({}, async (page) => {
    const inWorker = await loaded(page);
    assert.equal(inWorker.inWorker, true);
    assert.equal(page.workers().length, 1);
    const direct = await loaded(page, { worker: false });
    assert.equal(page.workers().length, 1);
    assert.deepEqual({ ...direct, inWorker: true }, inWorker);
  }));

test('an explanation or a fingerprint that cannot be had fails in a worker as in the page', () =>
  withPage({}, async (page) => {
    const faults = [];
    for (const worker of [true, false]) {
      await loaded(page, { worker });
      faults.push(
        await page.evaluate(async () => {
          const signal = AbortSignal.abort(new Error('enough'));
          const calls = [classifier.explain('a text', { label: 'no such label' }), classifier.explain(7), classifier.explain('a text', { signal }), classifier.fingerprint({ signal })];
          const outcomes = [];
          for (const call of calls) outcomes.push(await outcome(call));
          classifier.dispose();
          return [...outcomes, await outcome(classifier.explain('late'))];
        }),
      );
    }
    assert.deepEqual(faults[0], faults[1]);
    assert.deepEqual(faults[0].map(({ code, message }) => code ?? message), ['invalid-argument', 'invalid-argument', 'enough', 'enough', 'disposed']);
  }));

test('each backend runs in a worker', () =>
  withPage({}, async (page) => {
    for (const backend of ['scalar', 'simd128']) assert.equal((await loaded(page, { backend })).backend, backend);
  }));

test('a long batch keeps its order, and other calls need not wait for its end', () =>
  withPage({}, async (page) => {
    await loaded(page);
    const { ended, lengths, same } = await page.evaluate(async () => {
      const texts = Array.from({ length: 3_000 }, (_, i) => 'x'.repeat(i));
      const ended = [];
      const batch = classifier.score(texts).then((scores) => (ended.push('batch'), scores));
      await classifier.score('a word between').then(() => ended.push('word'));
      const scores = await batch;
      return { ended, lengths: scores.map(({ bytes }) => bytes), same: JSON.stringify(scores[7]) === JSON.stringify(await classifier.score(texts[7])) };
    });
    assert.deepEqual(ended, ['word', 'batch']);
    assert.deepEqual(lengths, Array.from({ length: 3_000 }, (_, i) => i));
    assert(same);
  }));

test('what is no text is named, from a worker too', () =>
  withPage({}, async (page) => {
    await loaded(page);
    const outcomes = await page.evaluate(() => Promise.all([classifier.score(7), classifier.score(['a', Symbol('b')]), classifier.logits(null)].map(outcome)));
    assert.deepEqual(outcomes.map(({ code }) => code), Array(3).fill('invalid-argument'));
    assert.match(outcomes[1].message, /^texts\[1\] must be a string, not symbol/);
  }));

for (const [name, options] of Object.entries({
  'a policy that forbids workers': { headers: { 'content-security-policy': "script-src 'self' 'wasm-unsafe-eval' 'unsafe-eval'; worker-src 'none'" } },
  'a worker script that is missing': { answers: { '/dist/worker.js': (route) => route.fulfill({ status: 404, body: 'no' }) } },
  'a web page in place of the worker script': { answers: { '/dist/worker.js': (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }) } },
  'a worker script that is broken': { answers: { '/dist/worker.js': (route) => route.fulfill({ contentType: 'text/javascript', body: 'throw new Error("broken")' }) } },
})) {
  test(`${name}: the model runs in the page, which can know why`, () =>
    withPage(options, async (page) => {
      const { inWorker, fault } = await loaded(page);
      assert.equal(inWorker, false);
      assert.equal(fault.code, 'unsupported');
      assert.match(fault.message, name.endsWith('broken') ? /a worker could not be started: .*broken/ : /a worker could not be started: its script is missing/);
      assert.equal(page.workers().length, 0);
    }));
}

test('the strictest policy that runs WebAssembly is enough', () => {
  // The policy of the page holds for its script, that of the worker's script for the worker.
  const headers = { 'content-security-policy': "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'" };
  const worker = async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), ...headers } });
  };
  return withPage({ headers, answers: { '/dist/worker.js': worker } }, async (page) => {
    assert.equal((await loaded(page)).inWorker, true);
    assert.equal((await loaded(page, { worker: false })).inWorker, false);
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.ran = true';
      document.body.append(script);
      return globalThis.ran;
    });
    assert.equal(ran, undefined, 'the policy was not in force');
  });
});

test('an abort settles a batch at once, and leaves the model usable', () =>
  withPage({}, async (page) => {
    for (const worker of [true, false]) {
      await loaded(page, { worker });
      const result = await page.evaluate(async () => {
        const controller = new AbortController();
        const long = classifier.score(Array(1_000_000).fill('over and over'), { signal: controller.signal });
        await new Promise((resolve) => setTimeout(resolve, 100));
        controller.abort(new Error('enough'));
        return outcome(long);
      });
      assert.deepEqual(result, { name: 'Error', message: 'enough' });
      assert.deepEqual(await page.evaluate((text) => classifier.score(text), text), expected.score);
    }
  }));

for (const path of ['/wide.byteflow', '/dist/worker.js', '/wasm/byteflow-scalar.wasm', '/wasm/byteflow-scalar.mjs']) {
  test(`an abort stops a load that waits for ${path}`, async () => {
    let abort;
    await withPage({ answers: { [path]: () => abort() } }, async (page) => {
      abort = () => page.evaluate(() => controller.abort(new Error('enough'))).catch(() => {}); // and no answer; asked again, it may be too late for the page
      for (const worker of path.endsWith('worker.js') ? [true] : [true, false]) {
        const result = await page.evaluate((options) => {
          globalThis.controller = new AbortController();
          return outcome(byteflow.loadClassifier(model, { ...options, signal: controller.signal }));
        }, { worker, backend: 'scalar' });
        assert.deepEqual(result, { name: 'Error', message: 'enough' });
      }
      await until(() => page.workers().length === 0);
    });
  });
}

test('dispose ends the worker and the calls under way', () =>
  withPage({}, async (page) => {
    await loaded(page);
    const outcomes = await page.evaluate(async () => {
      const long = outcome(classifier.score(Array(100_000).fill('over and over')));
      await new Promise((resolve) => setTimeout(resolve, 50));
      classifier.dispose();
      classifier.dispose();
      await classifier[Symbol.asyncDispose]();
      return [await long, await outcome(classifier.score('late')), await outcome(classifier.score([]))];
    });
    for (const { name, code } of outcomes) assert.deepEqual({ name, code }, { name: 'ByteflowError', code: 'disposed' });
    await until(() => page.workers().length === 0);
  }));

test('a worker that dies during a call gives a typed error, and the next call works', () =>
  withPage({}, async (page) => {
    await loaded(page);
    const long = page.evaluate(() => outcome(classifier.score(Array(1_000_000).fill('over and over'))));
    await killWorkers(page);
    const { name, code } = await long;
    assert.deepEqual({ name, code }, { name: 'ByteflowError', code: 'worker-lost' });
    assert.deepEqual(await page.evaluate((text) => classifier.score(text), text), expected.score);
    assert.equal(page.workers().length, 1);
  }));

test('a worker that died between calls is not missed: one other is started, whatever waits for it', () =>
  withPage({}, async (page) => {
    await loaded(page);
    await killWorkers(page);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
    const scores = await page.evaluate((text) => Promise.all([classifier.score(text), classifier.score(text)]), text);
    assert.deepEqual(scores, [expected.score, expected.score]);
    assert.equal(page.workers().length, 1);
  }));

test('after a death, bytes are loaded again too', () =>
  withPage({}, async (page) => {
    await page.evaluate(async () => {
      const bytes = new Uint8Array(await (await fetch(model)).arrayBuffer());
      globalThis.classifier = await byteflow.loadClassifier(bytes);
      if (bytes.length === 0) throw new Error('the bytes of the caller were taken away');
    });
    await killWorkers(page);
    await page.evaluate((text) => outcome(classifier.score(text)), text);
    assert.deepEqual(await page.evaluate((text) => classifier.score(text), text), expected.score);
  }));

test('where the model is out of reach after a death the call says so, and a later one works', () => {
  let reachable = true;
  const answer = (route) => (reachable ? route.fallback() : route.abort());
  return withPage({}, async (page) => {
    await page.context().route('**/wide.byteflow', answer);
    await loaded(page);
    await killWorkers(page);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
    reachable = false;
    assert.equal((await page.evaluate((text) => outcome(classifier.score(text)), text)).code, 'network');
    reachable = true;
    assert.deepEqual(await page.evaluate((text) => classifier.score(text), text), expected.score);
  });
});

test('where another model lies at the address after a death the call says so', () => {
  let name = 'wide';
  const answers = { '/wide.byteflow': (route) => route.fulfill({ path: smallModel.replace('wide', name) }) };
  return withPage({ answers }, async (page) => {
    await loaded(page);
    await killWorkers(page);
    name = 'tiny';
    const outcomes = await page.evaluate(async (text) => [await outcome(classifier.score(text)), await outcome(classifier.score(text))], text);
    assert.equal(outcomes.at(-1).code, 'invalid-model');
    assert.match(outcomes.at(-1).message, /the model "wide" has changed since it was loaded/);
  });
});

test('dispose while another worker is started ends that one too', () => {
  const stalled = { yes: false };
  let asked;
  const answer = (route) => (stalled.yes ? asked() : route.fallback());
  return withPage({}, async (page) => {
    await page.context().route('**/wide.byteflow', answer);
    await loaded(page);
    await killWorkers(page);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
    stalled.yes = true;
    const asking = new Promise((resolve) => (asked = resolve));
    const call = page.evaluate((text) => outcome(classifier.score(text)), text);
    await asking;
    await page.evaluate(() => classifier.dispose());
    assert.equal((await call).code, 'disposed');
    await until(() => page.workers().length === 0);
  });
});

test('the WebAssembly file can be given to a worker: its address, its bytes, or compiled', () =>
  withPage({}, async (page) => {
    const scores = await page.evaluate(async (text) => {
      const wasmUrl = './wasm/byteflow-scalar.wasm'; // from the page, not from the worker's script
      const wasmBinary = await (await fetch(wasmUrl)).arrayBuffer();
      const wasmModule = await WebAssembly.compile(wasmBinary);
      const scores = [];
      for (const override of [{ wasmUrl }, { wasmUrl: new URL(wasmUrl, location) }, { wasmBinary }, { wasmModule }]) {
        const classifier = await byteflow.loadClassifier(model, { backend: 'scalar', ...override });
        scores.push(classifier.inWorker && (await classifier.score(text)));
      }
      return scores;
    }, text);
    assert.deepEqual(scores, Array(4).fill(expected.score));
  }));

test('what fails in the worker has the same error as in the page', () => {
  const webPage = (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' });
  return withPage({ answers: { '/page.byteflow': webPage, '/page.wasm': webPage } }, async (page) => {
    const attempts = [
      ['page.byteflow', {}],
      ['wide.byteflow', { backend: 'scalar', wasmUrl: 'page.wasm' }],
      ['wide.byteflow', { backend: 'scalar', wasmBinary: Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0) }],
      ['gone.byteflow', {}],
      ['dist/index.js', {}],
      ['wide.byteflow', { backend: 'quantum' }],
      ['missing', {}],
    ];
    const codes = [];
    for (const [source, options] of attempts) {
      const outcomes = await page.evaluate(async ([source, options]) => [await outcome(byteflow.loadClassifier(source, { ...options, worker: true })), await outcome(byteflow.loadClassifier(source, { ...options, worker: false }))], [source, options]);
      assert.deepEqual(outcomes[0], outcomes[1]);
      assert.equal(outcomes[0].name, 'ByteflowError');
      codes.push(outcomes[0].code);
    }
    assert.deepEqual(codes, ['unexpected-html', 'unexpected-html', 'bad-wasm', 'not-found', 'not-a-model', 'invalid-argument', 'not-found']);
    await until(() => page.workers().length === 0);
  });
});

test('a worker of the page itself can serve, and can load models of its own', () => {
  const script = (body) => (route) => route.fulfill({ contentType: 'text/javascript', body });
  const answers = {
    '/serving.js': script(`import './dist/worker.js'; addEventListener('message', ({ data }) => data === 'ping' && postMessage('pong'));`),
    '/loading.js': script(`
      import { loadClassifier } from './dist/index.js';
      addEventListener('message', async ({ data }) => {
        const classifier = await loadClassifier(new URL('wide.byteflow', import.meta.url));
        postMessage([classifier.inWorker, await classifier.score(data)]);
      });`),
  };
  return withPage({ answers }, async (page) => {
    const served = await page.evaluate(async (text) => {
      let own;
      const classifier = await byteflow.loadClassifier(model, { worker: () => (own = new Worker('/serving.js', { type: 'module' })) });
      const pong = new Promise((resolve) => (own.onmessage = ({ data }) => resolve(data)));
      own.postMessage('ping');
      return [classifier.inWorker, await pong, await classifier.score(text)];
    }, text);
    assert.deepEqual(served, [true, 'pong', expected.score]);

    const direct = await page.evaluate((text) => {
      const own = new Worker('/loading.js', { type: 'module' });
      own.postMessage(text);
      return new Promise((resolve) => (own.onmessage = ({ data }) => resolve(data)));
    }, text);
    assert.deepEqual(direct, [false, expected.score]);
  });
});

test('progress comes from a worker, and ends with both files', () =>
  withPage({}, async (page) => {
    const seen = await page.evaluate(async () => {
      const last = {};
      await byteflow.loadClassifier(model, { onProgress: ({ phase, loaded, total }) => (last[phase] = [loaded, total]) });
      return last;
    });
    assert.deepEqual(Object.keys(seen).sort(), ['model', 'wasm']);
    for (const [loaded, total] of Object.values(seen)) assert(loaded > 10_000 && (total === undefined || total === loaded));
  }));
