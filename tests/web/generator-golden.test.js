import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { backends, isSupported, loadGenerator } from 'byteflow';
import { goldenCases, goldenGenerators } from './models.js';
import { instantiate, loadInto } from './raw-module.js';

const isUtf8 = (bytes) => Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes);
const expected = ({ found }) => found.map(({ bytes, score, complete }) => ({ text: bytes.toString('utf8'), score: score / 2 ** 20, complete }));

for (const [name, file] of goldenGenerators) {
  const cases = goldenCases(name);

  for (const backend of backends) {
    // The relaxed module runs wherever it loads: it has simd128 within, for engines whose relaxed SIMD is not exact.
    const skip = isSupported(backend) ? false : 'this engine cannot load it';

    test(`${name}, ${backend}: the reference's steps, texts and scores`, { skip }, async () => {
      const raw = loadInto(await instantiate(backend), 'Generator', readFileSync(file));
      for (const { bytes, options, steps, found } of cases) {
        const { beams, maxBytes, alpha, temperature, topK = 0, topP, seed } = options;
        const start = bytes.subarray(0, raw.textBuffer().length); // room enough for the core to see where to cut
        raw.textBuffer().set(start);
        const code = temperature === undefined ? raw.begin(start.length, beams, maxBytes, alpha) : raw.beginSampling(start.length, beams, maxBytes, alpha, temperature, topK, topP, seed);
        assert.equal(code, 0, raw.errorMessage());
        let count = 1;
        while (raw.step()) count++;
        assert.equal(count, steps);
        const list = Array.from(raw.candidates());
        const texts = Buffer.from(raw.texts());
        let at = 0;
        const written = Array.from({ length: list.length / 3 }, (_, i) => {
          const [length, score, complete] = list.slice(3 * i, 3 * i + 3);
          return { complete: complete === 1, score: score * 2 ** 20, bytes: texts.subarray(at, (at += length)) };
        });
        assert.deepEqual(written, found);
      }
      raw.delete();
    });

    test(`${name}, ${backend}: the same through loadGenerator`, { skip }, async (t) => {
      const bytes = new Uint8Array(readFileSync(file));
      const generator = await loadGenerator(bytes, { backend }).catch((error) => {
        if (backend !== 'relaxed' || error.code !== 'unsupported') throw error;
        return loadGenerator(bytes);
      });
      t.diagnostic(`ran on ${generator.backend}`);
      const readable = cases.filter(({ bytes }) => isUtf8(bytes));
      assert(readable.length > 10);
      for (const golden of readable) {
        const text = golden.bytes.toString('utf8');
        const { candidates, bytes, truncated } = await generator.generate(text, golden.options);
        assert.deepEqual(candidates, expected(golden), text);
        assert.equal(bytes, golden.bytes.length);
        assert.equal(truncated, bytes > generator.maxBytes);
        let streamed = '';
        for await (const piece of generator.stream(text, golden.options)) streamed += piece;
        assert.equal(streamed, candidates[0].text);
      }
      generator.dispose();
    });
  }
}
