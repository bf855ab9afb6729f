// wasm-logits.js MODEL [BACKEND]: frames on standard input, raw float32 logits on standard output, through the package. Exits with 3 where the
// backend cannot run.
import { readFileSync } from 'node:fs';
import { loadClassifier } from 'byteflow';
import { fromFrames } from './frames.js';

const [model, backend] = process.argv.slice(2);
const classifier = await loadClassifier(readFileSync(model), { backend }).catch((error) => {
  if (error.code !== 'unsupported') throw error;
  process.stderr.write(error.message);
  process.exit(3);
});
const logits = [];
for (const text of fromFrames(readFileSync(0))) logits.push(Buffer.from((await classifier.logits(text)).buffer));
process.stdout.write(Buffer.concat(logits));
