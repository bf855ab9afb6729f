// In the place of package-files.ts in the entry `byteflow/inline`, which is one script and asks for no other file.
import relaxedGlue from '../wasm/byteflow-relaxed.mjs';
import relaxedWasm from '../wasm/byteflow-relaxed.wasm';
import scalarGlue from '../wasm/byteflow-scalar.mjs';
import scalarWasm from '../wasm/byteflow-scalar.wasm';
import simd128Glue from '../wasm/byteflow-simd128.mjs';
import simd128Wasm from '../wasm/byteflow-simd128.wasm';
import type * as files from './package-files.js';

const decode = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

export const wasmFiles: typeof files.wasmFiles = {
  relaxed: { wasm: () => decode(relaxedWasm), glue: async () => ({ default: relaxedGlue }) },
  simd128: { wasm: () => decode(simd128Wasm), glue: async () => ({ default: simd128Glue }) },
  scalar: { wasm: () => decode(scalarWasm), glue: async () => ({ default: scalarGlue }) },
};

export const modelFiles: typeof files.modelFiles = {};

export const startWorker: typeof files.startWorker = undefined;

export const scripts: typeof files.scripts = () => [];
