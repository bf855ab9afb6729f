import { loadClassifier } from 'byteflow';
import model from 'byteflow/models/toxicity-small.byteflow';
import wasmModule from 'byteflow/wasm/byteflow-simd128.wasm';

const toxicity = await loadClassifier(model, { backend: 'simd128', wasmModule });

export default {
  async fetch(request) {
    const { labels } = await toxicity.score(await request.text(), { signal: request.signal });
    return new Response(labels.toxicity.toFixed(2));
  },
};
