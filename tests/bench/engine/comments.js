// Every comment through the package, on the calling thread; each comment's time is the best of several passes, so that the spread is the comments'
// and not the machine's.
import { loadClassifier } from 'byteflow';
import { passes } from './passes.js';
import { obstacle } from './support.js';

export async function run({ backend, texts: file, quick }, { read }) {
  const why = await obstacle(backend);
  if (why !== undefined) return { skipped: why };
  const texts = JSON.parse(new TextDecoder().decode(await read(file)));
  const classifier = await loadClassifier('toxicity', { backend, worker: false });
  const milliseconds = new Array(texts.length).fill(Infinity);
  for (const _ of passes({ quick })) {
    for (const [i, text] of texts.entries()) {
      const started = performance.now();
      await classifier.score(text);
      milliseconds[i] = Math.min(milliseconds[i], performance.now() - started);
    }
  }
  return { milliseconds };
}
