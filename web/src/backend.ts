import { ByteflowError } from './errors.js';

/** One WebAssembly module each, best first. All give the same numbers, bit by bit. */
export const backends = ['relaxed', 'simd128', 'scalar'] as const;
export type Backend = (typeof backends)[number];

/** A module of one function () -> v128, to learn whether the engine knows an instruction. */
function moduleWith(...instructions: number[]): Uint8Array<ArrayBuffer> {
  const body = [0, ...instructions, 11]; // no locals; end
  return Uint8Array.of(
    ...[0, 97, 115, 109, 1, 0, 0, 0], // "\0asm", version 1
    ...[1, 5, 1, 96, 0, 1, 123], // types: () -> v128
    ...[3, 2, 1, 0], // functions: one, of type 0
    ...[10, body.length + 2, 1, body.length, ...body], // code
  );
}

const zeros = [65, 0, 253, 15]; // i32.const 0; i8x16.splat
const probes: Record<Backend, (() => Uint8Array<ArrayBuffer>) | undefined> = {
  relaxed: () => moduleWith(...zeros, ...zeros, ...zeros, 253, 147, 2), // i32x4.relaxed_dot_i8x16_i7x16_add_s
  simd128: () => moduleWith(...zeros, 253, 98), // i8x16.popcnt, the last to be added
  scalar: undefined,
};

/** Whether this engine can load the backend's module; false for what is no backend. */
export function isSupported(backend: Backend): boolean {
  if (typeof WebAssembly !== 'object' || !backends.includes(backend)) return false;
  const probe = probes[backend];
  return probe === undefined || WebAssembly.validate(probe());
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
