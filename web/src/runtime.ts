/** The core's side of a model, as Embind gives it. Views are into WebAssembly memory: valid until the next call. */
export interface RawClassifier {
  modelBuffer(): Uint8Array; // [size]
  load(): number; // 0: ready; otherwise errorMessage() says why not
  errorMessage(): string;
  name(): string;
  labelCount(): number;
  label(index: number): string;
  thresholds(): Float32Array; // [labels]
  maxBytes(): number;
  backend(): string;
  textBuffer(): Uint8Array; // [maxBytes + 4]
  score(length: number): number;
  logits(): Float32Array; // [labels]
  probabilities(): Float32Array; // [labels]
  explain(length: number, label: number): number;
  explanation(): Float32Array; // probability, rest, then the begin, end (bytes) and weight of each word
  delete(): void;
}

/** One instance of a WebAssembly module, with a memory of its own. */
export interface Runtime {
  Classifier: { create(size: number): RawClassifier | null }; // null when memory is lacking
}

/** The default export of `wasm/byteflow-*.mjs`. */
export type RuntimeFactory = (overrides: {
  instantiateWasm(
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): Record<string, never>;
}) => Promise<Runtime>;
