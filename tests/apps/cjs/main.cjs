async function main() {
  const { loadClassifier } = await import('byteflow');
  const toxicity = await loadClassifier('toxicity');
  const { labels } = await toxicity.score('you are a stupid idiot');
  console.log(labels.toxicity.toFixed(2));
}

main();
