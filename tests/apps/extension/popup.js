import { loadClassifier } from 'byteflow/inline';
import model from 'byteflow/models/toxicity.byteflow';

const text = document.querySelector('#text');
const score = document.querySelector('#score');
const toxicity = await loadClassifier(model);
text.oninput = async () => {
  const { labels } = await toxicity.score(text.value);
  score.textContent = labels.toxicity.toFixed(2);
};
text.oninput();
