import { loadClassifier } from 'byteflow';

/** Why this engine does not run the backend, in the words of the package; undefined when it does. */
export async function obstacle(backend) {
  try {
    (await loadClassifier('toxicity', { backend, worker: false })).dispose();
  } catch (error) {
    if (!['unsupported', 'invalid-argument'].includes(error.code)) throw error;
    return error.message;
  }
}

/** The backend that the package chooses here. */
export async function bestBackend() {
  const classifier = await loadClassifier('toxicity', { worker: false });
  classifier.dispose();
  return classifier.backend;
}
