import { loadClassifier } from 'byteflow';

const text = document.querySelector('#text');
const score = document.querySelector('#score');
const toxicity = await loadClassifier('toxicity');
text.oninput = async () => {
  const { labels } = await toxicity.score(text.value);
  score.textContent = labels.toxicity.toFixed(2);
};
text.oninput();
