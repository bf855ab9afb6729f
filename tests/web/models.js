import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { backends, loadClassifier } from 'byteflow';

const golden = join(import.meta.dirname, '../golden');
const models = join(import.meta.dirname, '../../models');

/** Models with a .golden file in tests/golden: [name, path of the model]. */
export const goldenModels = readdirSync(golden)
  .filter((file) => file.endsWith('.golden'))
  .map((file) => file.replace('.golden', ''))
  .map((name) => [name, [golden, models].map((folder) => join(folder, `${name}.byteflow`)).find(existsSync)])
  .filter(([, model]) => model !== undefined); // search.golden is of a search without a model

/** Lines of a .golden file: the text's bytes, and the bits of its outputs in hexadecimal. */
export function goldenLines(name) {
  const lines = readFileSync(join(golden, `${name}.golden`), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [text, logits, probabilities] = line.split(' ');
    return { bytes: Buffer.from(text === '-' ? '' : text, 'hex'), logits, probabilities };
  });
}

/** Lines of an .explained file: the text's bytes, the number of the label, the bits of the rest, and the words as they stand. */
export function explainedLines(name) {
  const lines = readFileSync(join(golden, `${name}.explained`), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [text, label, rest, words] = line.split(' ');
    return { bytes: Buffer.from(text === '-' ? '' : text, 'hex'), label: Number(label), rest, words };
  });
}

/** A small model for tests that need any: 7 labels, a prefix of 130 bytes. */
export const smallModel = join(golden, 'wide.byteflow');
export const smallModelUrl = pathToFileURL(smallModel);
export const smallModelBytes = () => new Uint8Array(readFileSync(smallModel));

/** The bits of float32 numbers, as a .golden file writes them. */
export const bits = (floats) => Buffer.from(Float32Array.from(floats).buffer).toString('hex');

/** A classifier on each backend that runs here; two at least. */
export async function loadOnEveryBackend() {
  const loaded = await Promise.allSettled(backends.map((backend) => loadClassifier(smallModelUrl, { backend })));
  const fault = loaded.find(({ reason }) => reason !== undefined && reason.code !== 'unsupported');
  if (fault !== undefined) throw fault.reason;
  const classifiers = loaded.filter(({ value }) => value !== undefined).map(({ value }) => value);
  assert(classifiers.length >= 2);
  return classifiers;
}

const generators = join(golden, 'generators');

/** Generators with a .golden file: [name, path of the model]. */
export const goldenGenerators = readdirSync(generators)
  .filter((file) => file.endsWith('.golden'))
  .map((file) => file.replace('.golden', ''))
  .map((name) => [name, [generators, models].map((folder) => join(folder, `${name}.byteflow`)).find(existsSync)]);

/** Cases of a generator's .golden file: the text's bytes, the options of `generate`, and what is written, scores in units of 2^-20. */
export function goldenCases(name) {
  const float = (hex) => Buffer.from(hex, 'hex').readFloatLE();
  const fromHex = (hex) => Buffer.from(hex === '-' ? '' : hex, 'hex');
  const cases = [];
  for (const line of readFileSync(join(generators, `${name}.golden`), 'utf8').trimEnd().split('\n')) {
    const [kind, ...words] = line.split(' ');
    if (kind === 'case') {
      const [beams, maxBytes, alpha, sample, temperature, topK, topP, seed, text] = words;
      const sampling = { temperature: float(temperature), topK: Number(topK) || undefined, topP: float(topP), seed: Number(seed) };
      const options = { beams: Number(beams), maxBytes: Number(maxBytes), alpha: float(alpha), ...(sample === '1' && sampling) };
      cases.push({ bytes: fromHex(text), options, steps: 0, found: [] });
    }
    if (kind === 'step') cases.at(-1).steps++;
    if (kind === 'text') cases.at(-1).found.push({ complete: words[0] === '1', score: Number(words[1]), bytes: fromHex(words[2]) });
  }
  return cases;
}

/** A small generator for tests that need any: it reads 60 bytes and writes 48. */
export const smallGenerator = join(generators, 'small.byteflow');
export const smallGeneratorUrl = pathToFileURL(smallGenerator);
export const smallGeneratorBytes = () => new Uint8Array(readFileSync(smallGenerator));
