// A program of a user with strict settings: it is compiled, never run.
import { type Classifier, ByteflowError, loadClassifier } from 'byteflow';

export async function toxicityOf(texts: readonly string[]): Promise<number[]> {
  await using toxicity = await loadClassifier('toxicity', { onProgress: ({ phase, loaded, total }) => console.log(phase, loaded, total ?? '?') });
  const scores = await toxicity.score(texts);
  // @ts-expect-error: a bundled model has labels that are known, and this is none of them
  scores[0]?.labels.kindness;
  return scores.map(({ labels }) => labels.toxicity);
}

export async function load(url: URL, signal: AbortSignal): Promise<Classifier | undefined> {
  try {
    return await loadClassifier(url, { signal, backend: 'simd128', worker: false });
  } catch (error) {
    if (error instanceof ByteflowError && error.code === 'not-found') return undefined;
    throw error;
  }
}

// @ts-expect-error: there is no such backend
void loadClassifier('toxicity', { backend: 'quantum' });
