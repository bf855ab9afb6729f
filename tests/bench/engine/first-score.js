// From import to the first score, the model's load included. Worth running only where nothing is loaded yet. No import of its own stands above.

export async function run({ text }) {
  const started = performance.now();
  const { loadClassifier } = await import('byteflow');
  const classifier = await loadClassifier('toxicity');
  await classifier.score(text);
  return { milliseconds: performance.now() - started, backend: classifier.backend };
}
