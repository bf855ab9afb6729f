import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backends, ByteflowError, civilFirst, isSupported, loadClassifier, loadGenerator } from 'byteflow';
import { smallGeneratorBytes, smallGeneratorUrl, smallModelUrl } from './models.js';

const generator = await loadGenerator(smallGeneratorUrl);
const load = (options) => loadGenerator(smallGeneratorUrl, options);

/** A text for which the model writes long texts. */
const text = '漢字';

async function all(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return pieces;
}

test('a generator says what it is', async () => {
  assert.deepEqual([generator.model, generator.maxBytes, generator.maxOutputBytes, generator.maxBeams], ['small', 60, 48, 32]);
  assert(backends.includes(generator.backend));
  assert.deepEqual([generator.inWorker, generator.workerFault], [false, undefined]);
});

test('a model loads from a URL, an address, bytes and a buffer alike', async () => {
  const expected = await generator.generate(text);
  for (const source of [smallGeneratorUrl.href, smallGeneratorBytes(), smallGeneratorBytes().buffer]) {
    const other = await loadGenerator(source);
    assert.deepEqual(await other.generate(text), expected);
    other.dispose();
  }
});

test('all backends write the same', async () => {
  for (const backend of backends.filter((backend) => backend !== 'relaxed' && isSupported(backend))) {
    const other = await load({ backend });
    assert.equal(other.backend, backend);
    for (const options of [{}, { beams: 1 }, { beams: 7, alpha: 0 }, { temperature: 1.3, beams: 3 }]) {
      assert.deepEqual(await other.generate(text, options), await generator.generate(text, options));
    }
  }
});

test('one text gives one generation, several give several in order', async () => {
  const [one, two] = [await generator.generate('one'), await generator.generate('two')];
  assert.deepEqual(Object.keys(one), ['candidates', 'bytes', 'truncated']);
  assert.deepEqual(Object.keys(one.candidates[0]), ['text', 'score', 'complete']);
  assert.deepEqual(await generator.generate(['one', 'two', 'one']), [one, two, one]);
  assert.deepEqual(await generator.generate([]), []);
});

test('candidates are as many as beams at most, complete ones before the others, best first', async () => {
  for (const beams of [1, 2, 4, 32]) {
    const { candidates } = await generator.generate(text, { beams });
    assert(candidates.length >= 1 && candidates.length <= beams);
    const order = [...candidates].sort((a, b) => Number(b.complete) - Number(a.complete) || b.score - a.score);
    assert.deepEqual(candidates, order);
    for (const { score } of candidates) assert(score <= 0);
  }
});

test('of the candidates as many are given back as are asked for', async () => {
  const { candidates } = await generator.generate(text, { beams: 9 });
  assert(candidates.length > 2);
  for (const count of [1, 2, 9]) assert.deepEqual((await generator.generate(text, { beams: 9, candidates: count })).candidates, candidates.slice(0, count));
});

test('maxBytes cuts, and is itself cut to what the model can write', async () => {
  for (const maxBytes of [1, 5, 48]) {
    for (const { text: written, complete } of (await generator.generate(text, { maxBytes })).candidates) {
      assert(Buffer.byteLength(written) <= maxBytes);
      assert(!complete || Buffer.byteLength(written) < maxBytes);
    }
  }
  assert.deepEqual(await generator.generate(text, { maxBytes: 1_000_000 }), await generator.generate(text));
});

test('sampling: a seed gives the same texts, another gives others, sample i does not depend on their number', async () => {
  const samples = async (options) => (await generator.generate(text, { temperature: 2, ...options })).candidates.map((candidate) => candidate.text);
  assert.deepEqual(await samples({ seed: 7 }), await samples({ seed: 7 }));
  assert.notDeepEqual(await samples({ seed: 7 }), await samples({ seed: 8 }));
  assert((await samples({ beams: 8, seed: 7 })).includes((await samples({ beams: 1, seed: 7 }))[0]));
  assert.deepEqual(await samples({ seed: 2 ** 40 }), await samples({ seed: 2 ** 40 }));
  assert.notDeepEqual(await samples({ seed: 2 ** 40 }), await samples({ seed: 0 }), 'a seed has more than 32 bits');
  const likeliest = (await generator.generate(text, { beams: 1 })).candidates[0].text;
  assert.equal((await generator.generate(text, { beams: 1, topK: 1 })).candidates[0].text, likeliest, 'any of the four options makes it sample');
});

for (const [options, message] of [
  [{ beams: 0 }, /^beams must be a whole number from 1 to 32, not 0$/],
  [{ beams: 33 }, /^beams must be a whole number from 1 to 32, not 33$/],
  [{ beams: 1.5 }, /^beams must be a whole number/],
  [{ beams: '4' }, /^beams must be a whole number from 1 to 32, not "4"$/],
  [{ beams: null }, /^beams must be .*, not null$/],
  [{ beams: Symbol('b') }, /^beams must be .*, not Symbol\(b\)$/],
  [{ candidates: 0 }, /^candidates must be a whole number from 1 to [14], not 0$/],
  [{ beams: 2, candidates: 3 }, /^candidates must be a whole number from 1 to 2, not 3$/],
  [{ maxBytes: 0 }, /^maxBytes must be a whole number from 1/],
  [{ maxBytes: Infinity }, /^maxBytes must be a whole number/],
  [{ alpha: -0.1 }, /^alpha must be a number from 0 to 2, not -0.1$/],
  [{ alpha: NaN }, /^alpha must be a number from 0 to 2, not NaN$/],
  [{ temperature: 0 }, /^temperature must be a number from 0.01 to 100, not 0$/],
  [{ temperature: null }, /^temperature must be .*, not null$/],
  [{ topK: 0 }, /^topK must be a whole number/],
  [{ topP: 0 }, /^topP must be a number/],
  [{ topP: 1.1 }, /^topP must be a number/],
  [{ seed: -1 }, /^seed must be a whole number/],
  [{ seed: 2 ** 53 }, /^seed must be a whole number/],
]) {
  test(`options that make no sense: ${message.source}`, async () => {
    const fault = { name: 'ByteflowError', code: 'invalid-argument', message };
    await assert.rejects(generator.generate(text, options), fault);
    await assert.rejects(generator.generate([], options), fault);
    await assert.rejects(generator.stream(text, options).next(), fault);
  });
}

for (const value of [undefined, null, 7, {}, Buffer.from('bytes')]) {
  test(`${Object.prototype.toString.call(value)} is not a text`, async () => {
    const fault = { code: 'invalid-argument', message: /^the text must be a string/ };
    await assert.rejects(generator.generate(value), fault);
    await assert.rejects(generator.stream(value).next(), fault);
    await assert.rejects(generator.generate(['a text', value]), { code: 'invalid-argument', message: /^texts\[1\] must be a string/ });
    assert.equal((await generator.generate(text)).bytes, 6, 'and the model can be used on');
  });
}

for (const [name, given] of Object.entries({
  nothing: '',
  NUL: 'before\0after',
  'a lone surrogate': 'x\ud83dx',
  'a byte order mark': '\ufeffmark',
  'mixed scripts': 'Ünïcödé 漢字 👩‍👩‍👧‍👦',
  'a megabyte': 'aé漢😀'.repeat(100_000),
})) {
  test(`${name}: read, counted, and written for`, async () => {
    const { candidates, bytes, truncated } = await generator.generate(given);
    assert(candidates.length >= 1);
    const length = new TextEncoder().encode(given).length;
    assert.deepEqual([bytes, truncated], [length, length > 60]);
    for (const { text: written } of candidates) assert(written.isWellFormed?.() ?? true);
  });
}

test('a lone surrogate is read as U+FFFD, and only the first maxBytes bytes count', async () => {
  assert.deepEqual(await generator.generate('x\ud83dx'), await generator.generate('x\ufffdx'));
  const start = 'a'.repeat(57);
  const [cut, short] = await generator.generate([`${start}😀`, start]);
  assert.deepEqual(cut, { candidates: short.candidates, bytes: 61, truncated: true });
});

test('a stream gives the greedy text in pieces of whole characters', async () => {
  let pieces = 0;
  for (const given of [text, '', 'another text', 'three', 'zzz', 'q'.repeat(1_000)]) {
    const parts = await all(generator.stream(given));
    const { candidates } = await generator.generate(given, { beams: 1 });
    assert.equal(parts.join(''), candidates[0].text);
    for (const part of parts) assert(part.length > 0 && Buffer.from(part, 'utf8').toString('utf8') === part, 'no half of a character');
    pieces += parts.length;
  }
  assert(pieces > 60, 'the texts no longer show it');
});

test('with beams a stream gives the best text, each piece once it is sure', async () => {
  for (const options of [{ beams: 2 }, { beams: 4, alpha: 1.5 }, { beams: 9, maxBytes: 11 }, { beams: 3, temperature: 1.5, seed: 5 }]) {
    for (const given of [text, 'another text', 'three', '']) {
      assert.equal((await all(generator.stream(given, options))).join(''), (await generator.generate(given, options)).candidates[0].text);
    }
  }
});

test('a stream can be read slowly, left early, and other calls need not wait for its reader', async () => {
  const expected = (await generator.generate(text, { beams: 1 })).candidates[0].text;
  let read = '';
  for await (const piece of generator.stream(text)) {
    read += piece;
    assert.equal((await generator.generate(text, { beams: 1 })).candidates[0].text, expected);
  }
  assert.equal(read, expected);
  for await (const piece of generator.stream(text)) {
    assert(expected.startsWith(piece));
    break;
  }
  assert.equal((await generator.generate(text, { beams: 1 })).candidates[0].text, expected);
});

test('onStep sees the beams grow into the candidates', async () => {
  const steps = [];
  const { candidates } = await generator.generate(text, { onStep: (beams, index) => steps.push([beams, index]) });
  assert(steps.length > 1);
  for (const [beams, index] of steps) {
    assert.equal(index, 0);
    assert.deepEqual(beams, [...beams].sort((a, b) => b.score - a.score));
  }
  const [last] = steps.at(-1);
  assert.deepEqual(new Set(last.map(({ text }) => text)), new Set(candidates.map(({ text }) => text)));
  const [first] = steps[0];
  assert.equal(first.filter(({ complete }) => !complete).length, 4);
  const indices = new Set();
  await generator.generate(['one', 'two'], { onStep: (_, index) => indices.add(index) });
  assert.deepEqual([...indices], [0, 1]);
});

test('calls at the same time wait for each other and do not disturb each other', async () => {
  const texts = ['one', 'two', 'three', 'four'];
  const expected = await generator.generate(texts);
  assert.deepEqual(await Promise.all(texts.map((given) => generator.generate(given))), expected);
  const [streamed, generated] = await Promise.all([all(generator.stream('one')), generator.generate('two')]);
  assert.equal(streamed.join(''), (await generator.generate('one', { beams: 1 })).candidates[0].text);
  assert.deepEqual(generated, expected[1]);
});

test('an abort ends within a step, also while a call waits, and the model can be used on', async () => {
  const reason = new Error('enough');
  const expected = await generator.generate(text);
  await assert.rejects(generator.generate(text, { signal: AbortSignal.abort(reason) }), reason);
  await assert.rejects(generator.stream(text, { signal: AbortSignal.abort(reason) }).next(), reason);

  for (const at of [1, 3]) {
    const controller = new AbortController();
    let steps = 0;
    const onStep = () => ++steps === at && controller.abort(reason);
    await assert.rejects(generator.generate(text, { signal: controller.signal, onStep }), reason);
    assert.equal(steps, at);
    assert.deepEqual(await generator.generate(text), expected);
  }

  const controller = new AbortController();
  const long = generator.generate(Array(1_000_000).fill(text), { signal: controller.signal });
  const waiting = generator.generate(text, { signal: controller.signal });
  const next = generator.generate(text);
  setTimeout(() => controller.abort(reason)); // runs because steps give way to other events
  await Promise.all([assert.rejects(long, reason), assert.rejects(waiting, reason)]);
  assert.deepEqual(await next, expected);

  const streamed = [];
  const stop = new AbortController();
  await assert.rejects(async () => {
    for await (const piece of generator.stream(text, { signal: stop.signal })) {
      streamed.push(piece);
      stop.abort(reason);
    }
  }, reason);
  assert.equal(streamed.length, 1);
  assert.deepEqual(await generator.generate(text), expected);
});

test('what a watcher throws rejects the call, and the model can be used on', async () => {
  const expected = await generator.generate(text);
  const fault = new Error('a broken watcher');
  const onStep = () => {
    throw fault;
  };
  await assert.rejects(generator.generate(text, { onStep }), fault);
  assert.deepEqual(await generator.generate(text), expected);
});

test('after dispose every use is an error, also of calls under way; a second dispose is none', async () => {
  const late = await load();
  const [long, waiting] = [late.generate(Array(100).fill(text)), late.generate(text)];
  const streamed = all(late.stream(text));
  late.dispose();
  late[Symbol.dispose]();
  await late[Symbol.asyncDispose]();
  const calls = [long, waiting, streamed, late.generate(text), late.generate([]), late.stream(text).next()];
  await Promise.all(calls.map((call) => assert.rejects(call, { code: 'disposed', message: /"small"/ })));
});

test('a model of the other kind is an error that says so', async () => {
  await assert.rejects(loadGenerator(smallModelUrl), { name: 'ByteflowError', code: 'invalid-argument', message: /model wide scores texts; it cannot write any/ });
  await assert.rejects(loadClassifier(smallGeneratorUrl), { code: 'invalid-argument', message: /model small writes texts; it cannot score any/ });
});

test('what fails at load fails as it does for classifiers', async () => {
  const bytes = smallGeneratorBytes();
  bytes[bytes.length >> 1] ^= 2;
  await assert.rejects(loadGenerator(bytes), { code: 'invalid-model', message: /checksum/ });
  await assert.rejects(loadGenerator('no-such-model'), (error) => error instanceof ByteflowError && error.code === 'not-found');
  await assert.rejects(load({ backend: 'quantum' }), { code: 'invalid-argument' });
  await assert.rejects(load({ integrity: `sha256-${'A'.repeat(43)}=` }), { code: 'integrity' });
  await assert.rejects(load({ worker: 'yes' }), { code: 'invalid-argument' });
  const reason = new Error('enough');
  await assert.rejects(load({ signal: AbortSignal.abort(reason) }), reason);
  const { inWorker, workerFault } = await load({
    worker() {
      throw new Error('not today');
    },
  });
  assert.deepEqual([inWorker, workerFault.code], [false, 'unsupported']);
});

test('progress is told for both files', async () => {
  const phases = new Set();
  await load({ onProgress: ({ phase }) => phases.add(phase) });
  assert.deepEqual([...phases].sort(), ['model', 'wasm']);
});

test('civilFirst: a label that the classifier lacks is an error, whatever is to be rated', async () => {
  const classifier = await loadClassifier(smallModelUrl);
  const { candidates } = await generator.generate(text);
  for (const label of ['no such label', 0, null]) {
    for (const rated of [candidates, []]) await assert.rejects(civilFirst(rated, classifier, { label }), { code: 'invalid-argument', message: /^label must be one of x, y, .*, not / });
  }
  assert.deepEqual(await civilFirst(candidates, classifier), await civilFirst(candidates, classifier, { label: classifier.labels[0] }));
});
