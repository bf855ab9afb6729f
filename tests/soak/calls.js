// The calls of a soak, in Node and in a page alike.
import { randomFrom } from '../hostile/random.js';

const lengths = [0, 1, 2, 3, 7, 50, 130, 300, 1_000, 4_096, 16_384, 65_536];
const alphabets = ['abcdefghijklmnopqrstuvwxyz    ', 'éüñßçø ', '漢字假名 ', '😀👩‍👩‍👧‍👦🏿', '\0\t\n\x1b', '\ud800\udc00\udbff', ' '];

/**
 * Calls until `calls` are made or `minutes` are over. Results are compared with those of a first run on another backend, and models now and then with
 * their fingerprints; `models` score texts, `generators` write some. `memory` is asked for at the end of each of ten parts. Gives { calls, faults, seconds }.
 */
export async function soak({ byteflow, models, generators, calls, minutes, seed, report, memory }) {
  const random = randomFrom(seed);
  const bytes = models.map((model) => Uint8Array.from(model));
  const faults = [];
  const fault = (what) => faults.length < 20 && faults.push(what);

  // What is right: texts of every length, scored once.
  const texts = lengths.flatMap((length) => alphabets.map((alphabet) => Array.from({ length }, () => alphabet[random(alphabet.length)]).join('')));
  const expected = [];
  for (const model of bytes) {
    const classifier = await byteflow.loadClassifier(model, { backend: 'scalar', worker: false });
    const scores = await classifier.score(texts);
    expected.push({ fingerprint: await classifier.fingerprint(), scores: scores.map((score) => JSON.stringify(score)), explained: JSON.stringify(await classifier.explain(texts[30])) });
    classifier.dispose();
  }

  const search = { beams: 2, maxBytes: 16 };
  const written = [];
  for (const model of generators) {
    const generator = await byteflow.loadGenerator(Uint8Array.from(model), { backend: 'scalar', worker: false });
    const generations = await generator.generate(texts, search);
    const greedy = await generator.generate(texts, { ...search, beams: 1 });
    written.push({ fingerprint: await generator.fingerprint(), generations: generations.map((generation) => JSON.stringify(generation)), streamed: greedy.map(({ candidates }) => candidates[0].text) });
    generator.dispose();
  }

  const loaded = new Array(bytes.length);
  const take = async (i) => (loaded[i] ??= await byteflow.loadClassifier(bytes[i], { backend: 'simd128' }));
  const writers = new Array(generators.length);
  const takeWriter = async (i) => (writers[i] ??= await byteflow.loadGenerator(Uint8Array.from(generators[i]), { backend: 'simd128' }));
  const times = [];
  const acts = {
    async score(i) {
      const at = random(texts.length);
      const score = await (await take(i)).score(texts[at]);
      if (JSON.stringify(score) !== expected[i].scores[at]) fault(`model ${i}: text ${at} has another score`);
    },
    async batch(i) {
      const from = random(texts.length - 8);
      const scores = await (await take(i)).score(texts.slice(from, from + 8));
      scores.forEach((score, k) => JSON.stringify(score) === expected[i].scores[from + k] || fault(`model ${i}: text ${from + k} of a batch has another score`));
    },
    async explain(i) {
      if (JSON.stringify(await (await take(i)).explain(texts[30])) !== expected[i].explained) fault(`model ${i}: another explanation`);
    },
    async fingerprint(i) {
      if ((await (await take(i)).fingerprint()) !== expected[i].fingerprint) fault(`model ${i}: another fingerprint`);
    },
    async abort(i) {
      const controller = new AbortController();
      const call = (await take(i)).score(texts, { signal: controller.signal });
      const when = random(3);
      if (when === 0) controller.abort();
      else setTimeout(() => controller.abort(), when);
      await call.catch(({ name }) => name === 'AbortError' || fault(`model ${i}: an abort gave ${name}`));
    },
    async dispose(i) {
      const classifier = await take(i);
      loaded[i] = undefined;
      const call = random(2) ? classifier.score(texts[random(texts.length)]) : Promise.resolve();
      classifier.dispose();
      await call.catch(({ code }) => code === 'disposed' || fault(`model ${i}: a disposal gave ${code}`));
      await classifier.score('late').then(() => fault('a call after dispose() was answered'), ({ code }) => code === 'disposed' || fault(`after a disposal: ${code}`));
    },
    async badModel(i) {
      const bad = bytes[i].slice(0, random(4) ? undefined : random(bytes[i].length));
      bad[random(bad.length || 1)] ^= 1 << random(8);
      await byteflow.loadClassifier(bad, { backend: 'simd128' }).then(
        (classifier) => (classifier.dispose(), fault('a bad model was loaded')),
        ({ name }) => name === 'ByteflowError' || fault(`a bad model gave ${name}`),
      );
    },
    async badArgument(i) {
      const classifier = await take(i);
      for (const call of [classifier.score(7), classifier.explain('a', { label: 'none' })]) await call.then(() => fault('a bad argument was taken'), ({ code }) => code === 'invalid-argument' || fault(`a bad argument gave ${code}`));
    },
  };
  const actsOfWriters = {
    async generate(i) {
      const at = random(texts.length);
      const generation = await (await takeWriter(i)).generate(texts[at], search);
      if (JSON.stringify(generation) !== written[i].generations[at]) fault(`generator ${i}: another generation for text ${at}`);
    },
    async stream(i) {
      const at = random(texts.length);
      const whole = written[i].streamed[at];
      const controller = new AbortController();
      const stream = (await takeWriter(i)).stream(texts[at], { ...search, beams: 1, signal: controller.signal });
      const when = random(4); // at once, after a piece, after a while, never
      if (when === 0) controller.abort();
      if (when === 2) setTimeout(() => controller.abort(), 1);
      let text = '';
      const error = await (async () => {
        for await (const piece of stream) {
          text += piece;
          if (when === 1) controller.abort();
        }
      })().then(() => undefined, ({ name }) => name);
      if (error === undefined ? text !== whole || when === 0 : error !== 'AbortError' || when === 3) fault(`generator ${i}: a stream for text ${at} gave ${error ?? 'another text'}`);
      if (!whole.startsWith(text)) fault(`generator ${i}: pieces for text ${at} are not those of its text`);
    },
    async printOfWriter(i) {
      if ((await (await takeWriter(i)).fingerprint()) !== written[i].fingerprint) fault(`generator ${i}: another fingerprint`);
    },
    async disposeWriter(i) {
      const generator = await takeWriter(i);
      writers[i] = undefined;
      const call = random(2) ? generator.generate(texts[random(texts.length)], search) : Promise.resolve();
      generator.dispose();
      await call.catch(({ code }) => code === 'disposed' || fault(`generator ${i}: a disposal gave ${code}`));
      await generator.generate('late').then(() => fault('a generator wrote after dispose()'), ({ code }) => code === 'disposed' || fault(`after a disposal: ${code}`));
    },
  };
  // As often as the number says; loads and disposals are rare, as they are in use.
  const often = { score: 1_000, batch: 60, explain: 60, fingerprint: 2, abort: 6, dispose: 4, badModel: 4, badArgument: 10, generate: 100, stream: 40, printOfWriter: 1, disposeWriter: 4 };
  const chances = Object.entries(often).flatMap(([name, weight]) => Array(weight).fill(name));

  const began = performance.now();
  const share = () => Math.max(made / calls, (performance.now() - began) / (60_000 * minutes));
  const parts = 10;
  const sizes = [];
  let made = 0;
  let printed = performance.now();
  while (share() < 1 && faults.length < 20) {
    const name = chances[random(chances.length)];
    const started = performance.now();
    const call = name in acts ? acts[name](random(bytes.length)) : actsOfWriters[name](random(generators.length));
    await call.catch((error) => fault(`${name}: ${error.stack ?? error}`));
    made++;
    if (name === 'score') times.push(performance.now() - started);
    const now = performance.now();
    // A part ends, or a minute has gone by; where calls are few there are fewer parts.
    if (share() * parts < sizes.length + 1 && now - printed < 60_000) continue;
    printed = now;
    const { heap, process } = await memory();
    if (share() * parts >= sizes.length + 1) sizes.push({ heap, process });
    times.sort((a, b) => a - b);
    const at = (quantile) => (times[Math.floor(quantile * (times.length - 1))] ?? 0).toFixed(2);
    await report(`${made.toLocaleString('en')} calls  p50 ${at(0.5)} ms  p99 ${at(0.99)} ms  heap ${(heap / 2 ** 20).toFixed(1)} MB  process ${(process / 2 ** 20).toFixed(0)} MB`);
    times.length = 0;
  }
  for (const model of [...loaded, ...writers]) model?.dispose();

  // The first third is warm-up: code is compiled, pools are filled.
  const later = sizes.slice(Math.ceil(sizes.length / 3));
  for (const kind of ['heap', 'process']) {
    const [first, last] = [later[0]?.[kind], later.at(-1)?.[kind]];
    if (last > 1.2 * first + 2 ** 24) fault(`${kind}: ${first} bytes after a third of the calls, ${last} at the end`);
  }
  return { calls: made, faults, seconds: (performance.now() - began) / 1_000 };
}
