// The core's side of models, as Embind gives it. Views are into WebAssembly memory: valid until the next call.

export interface RawModel {
  modelBuffer(): Uint8Array; // [size]
  load(): number; // 0: ready; otherwise errorMessage() says why not
  errorMessage(): string;
  name(): string;
  backend(): string;
  maxBytes(): number;
  fingerprint(): string; // 16 hexadecimal digits
  textBuffer(): Uint8Array; // [maxBytes + 4]
  delete(): void;
}

export interface RawClassifier extends RawModel {
  labelCount(): number;
  label(index: number): string;
  thresholds(): Float32Array; // [labels]
  score(length: number): number;
  logits(): Float32Array; // [labels]
  probabilities(): Float32Array; // [labels]
  explain(length: number, label: number): number;
  explanation(): Float32Array; // probability, rest, then the begin, end (bytes) and weight of each word
}

export interface RawGenerator extends RawModel {
  maxLength(): number;
  maxBeams(): number;
  begin(length: number, beams: number, maxLength: number, alpha: number): number;
  beginSampling(length: number, beams: number, maxLength: number, alpha: number, temperature: number, topK: number, topP: number, seed: number): number;
  step(): boolean; // false when nothing is left to write
  candidates(): Float64Array; // of each text that was found, best first: its bytes, its score, and 1 where it is complete
  drafts(): Float64Array; // the same of the texts under way
  texts(): Uint8Array; // the bytes of candidates() or drafts(), whichever was called last
}

interface Factory<Raw> {
  create(size: number): Raw | null; // null when memory is lacking
}

/** One instance of a WebAssembly module, with a memory of its own. */
export interface Runtime {
  Classifier: Factory<RawClassifier>;
  Generator: Factory<RawGenerator>;
}

/** The default export of `wasm/byteflow-*.mjs`. */
export type RuntimeFactory = (overrides: {
  instantiateWasm(
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): Record<string, never>;
}) => Promise<Runtime>;
