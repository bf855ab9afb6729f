import { loadClassifier } from 'byteflow';

const toxicity = await loadClassifier('toxicity');
const { labels } = await toxicity.score('you are a stupid idiot');
console.log(labels.toxicity.toFixed(2));
