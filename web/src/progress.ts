export interface Progress {
  /** What is being read: the WebAssembly file or the model file. They are read side by side. */
  phase: 'wasm' | 'model';
  /** Bytes read so far. */
  loaded: number;
  /** Bytes of the file; undefined when the server does not say. */
  total: number | undefined;
}

export type OnProgress = (progress: Progress) => void;

/** The listener for the bytes of one file. */
export function inPhase(phase: Progress['phase'], onProgress: OnProgress | undefined) {
  return onProgress && ((loaded: number, total: number | undefined) => onProgress({ phase, loaded, total }));
}
