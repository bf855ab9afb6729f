import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { backends, isSupported, loadClassifier } from 'byteflow';
import { bits, goldenLines, goldenModels } from './models.js';
import { instantiate, loadInto } from './raw-module.js';

const isUtf8 = (bytes) => Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes);

for (const [name, file] of goldenModels) {
  for (const backend of backends) {
    // The relaxed module runs wherever it loads: it has simd128 within, for engines whose relaxed SIMD is not exact.
    const skip = isSupported(backend) ? false : 'this engine cannot load it';

    test(`${name}, ${backend}: the reference's bits for every text`, { skip }, async () => {
      const raw = loadInto(await instantiate(backend), 'Classifier', readFileSync(file)); // golden texts need not be UTF-8, and a string cannot hold those
      for (const { bytes, logits, probabilities } of goldenLines(name)) {
        const start = bytes.subarray(0, raw.textBuffer().length); // room enough for the core to see where to cut
        raw.textBuffer().set(start);
        assert.equal(raw.score(start.length), 0, raw.errorMessage());
        assert.equal(bits(raw.logits()), logits, bytes.toString('hex'));
        assert.equal(bits(raw.probabilities()), probabilities, bytes.toString('hex'));
      }
      raw.delete();
    });

    test(`${name}, ${backend}: the same through loadClassifier`, { skip }, async (t) => {
      const classifier = await loadClassifier(new Uint8Array(readFileSync(file)), { backend }).catch((error) => {
        if (backend !== 'relaxed' || error.code !== 'unsupported') throw error;
        return loadClassifier(new Uint8Array(readFileSync(file)));
      });
      t.diagnostic(`ran on ${classifier.backend}`);
      for (const { bytes, logits, probabilities } of goldenLines(name).filter(({ bytes }) => isUtf8(bytes))) {
        const text = bytes.toString('utf8');
        const score = await classifier.score(text);
        assert.equal(bits(await classifier.logits(text)), logits, text);
        assert.equal(bits(Object.values(score.labels)), probabilities, text);
        assert.equal(score.bytes, bytes.length, text);
        assert.equal(score.truncated, bytes.length > classifier.maxBytes, text);
      }
      classifier.dispose();
    });
  }
}
