import { ByteflowError } from './errors.js';

/** One WebAssembly module each, best first. All give the same numbers, bit by bit. */
export const backends = ['simd128', 'scalar'] as const;
export type Backend = (typeof backends)[number];

// The smallest module that needs simd128: a function () -> v128 of `i32.const 0; i8x16.splat; i8x16.popcnt`.
const simd128Probe = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0], // "\0asm", version 1
  ...[1, 5, 1, 96, 0, 1, 123], // types: () -> v128
  ...[3, 2, 1, 0], // functions: one, of type 0
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11], // code
);

/** Whether this engine can load the backend's module. */
export function isSupported(backend: Backend): boolean {
  if (typeof WebAssembly !== 'object') return false;
  return backend === 'scalar' || WebAssembly.validate(simd128Probe);
}

/** The backend asked for, or the best this engine can load. */
export function chooseBackend(forced?: Backend): Backend {
  if (forced !== undefined && !backends.includes(forced)) {
    throw new ByteflowError('invalid-argument', `backend must be one of ${backends.join(', ')}, not ${JSON.stringify(forced)}`);
  }
  const chosen = forced ?? backends.find(isSupported);
  if (chosen === undefined || !isSupported(chosen)) {
    throw new ByteflowError('unsupported', `this engine cannot run ${chosen === undefined ? 'WebAssembly' : `the ${chosen} backend`}`);
  }
  return chosen;
}
