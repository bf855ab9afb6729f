// A program of a user with strict settings: it is compiled, never run.
import { type Candidate, type Classifier, ByteflowError, civilFirst, loadClassifier, loadGenerator } from 'byteflow';

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

export async function civil(text: string, onStep: (beams: Candidate[]) => void): Promise<string | undefined> {
  await using rewrite = await loadGenerator('civil-rewrite', { worker: false });
  await using toxicity = await loadClassifier('toxicity');
  const { candidates } = await rewrite.generate(text, { beams: 4, maxBytes: 200, onStep });
  const generations = await rewrite.generate([text, text]);
  let streamed = generations[1]?.candidates[0]?.text ?? '';
  for await (const piece of rewrite.stream(text, { temperature: 0.8, seed: 1 })) streamed += piece;
  return (await civilFirst(candidates, toxicity, { label: 'insult' })).find((rated) => rated.toxicity < 0.5)?.text ?? streamed;
}

export async function oneOrMany(texts: string | string[], signal: AbortSignal): Promise<number> {
  await using toxicity = await loadClassifier('toxicity-small');
  await using rewrite = await loadGenerator('civil-rewrite');
  const scores = [await toxicity.score(texts, { signal })].flat();
  const generations = [await rewrite.generate(texts, { signal })].flat();
  // @ts-expect-error: toxicity-small has the labels of toxicity, and this is none of them
  scores[0]?.labels.kindness;
  return scores[0]!.labels.identity_attack + generations.length;
}

// @ts-expect-error: there is no such backend
void loadClassifier('toxicity', { backend: 'quantum' });
