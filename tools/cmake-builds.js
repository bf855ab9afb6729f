// The C++ builds, one folder each under build/. ninja decides what is out of date.
import { rmSync } from 'node:fs';
import { delimiter } from 'node:path';
import { inRoot } from './paths.js';
import { unlessStamped } from './stamps.js';
import { step } from './steps.js';

const advice = 'the compiler says why in the log';

async function build(run, name, { configure = ['cmake'], settings = [], targets, toolchain = '' }) {
  const folder = `build/${name}`;
  const env = { PATH: [toolchain, process.env.PATH].filter(Boolean).join(delimiter) };
  await unlessStamped(`${folder}/.stamp`, [], { configure, settings, toolchain }, async () => {
    rmSync(inRoot(folder), { recursive: true, force: true });
    await run(configure[0], [...configure.slice(1), '-G', 'Ninja', '-B', folder, ...settings], { env });
  });
  await run('cmake', ['--build', folder, '--target', ...targets], { env });
}

export function buildNativeTests() {
  return step('native tests, sanitized', advice, (run) =>
    build(run, 'native', { settings: ['-DBYTEFLOW_SANITIZE=ON'], targets: ['byteflow_tests'] }),
  );
}

export function buildNativeLogits() {
  return step('native logits and fingerprint tools', advice, (run) =>
    build(run, 'release', { targets: ['byteflow_logits', 'byteflow_fingerprint'] }),
  );
}

export function buildAarch64() {
  const settings = ['-DCMAKE_SYSTEM_NAME=Linux', '-DCMAKE_SYSTEM_PROCESSOR=aarch64', '-DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++'];
  return step('tests and fingerprint tool, aarch64', advice, (run) =>
    build(run, 'aarch64', { settings, targets: ['byteflow_tests', 'byteflow_fingerprint'] }),
  );
}

export function buildNativeBench() {
  return step('native benchmarks', advice, (run) =>
    build(run, 'release', { targets: ['byteflow_bench'] }),
  );
}

export function buildNativeSearches() {
  return step('native searches', advice, (run) =>
    build(run, 'release', { targets: ['byteflow_searches'] }),
  );
}

export function buildFuzzers(targets) {
  if (targets.length === 0) return undefined;
  return step('fuzzers, sanitized', advice, (run) =>
    build(run, 'fuzz', {
      settings: ['-DBYTEFLOW_SANITIZE=ON', '-DBYTEFLOW_FUZZ=ON', '-DCMAKE_CXX_COMPILER=clang++-19'],
      targets: targets.map((target) => `fuzz_${target}`),
    }),
  );
}

export function buildCoverage(fuzzers) {
  return step('tests and fuzzers, counting lines', advice, (run) =>
    build(run, 'coverage', {
      settings: ['-DBYTEFLOW_COVERAGE=ON', '-DCMAKE_CXX_COMPILER=clang++-19'],
      targets: ['byteflow_tests', ...fuzzers.map((fuzzer) => `fuzz_${fuzzer}`)],
    }),
  );
}

/** Writes web/wasm/, with `tests` build/wasm-BACKEND/byteflow_tests.cjs, and with `bench` build/wasm-BACKEND/tests/bench/byteflow_bench.mjs. */
export async function buildWasm({ tests, bench }) {
  const toolchain = (await step('WebAssembly toolchain', 'its last lines in the log say what to do', (run) => run('wasm/toolchain.sh', []))).trim();
  const targets = ['byteflow_module', ...(tests ? ['byteflow_tests'] : []), ...(bench ? ['byteflow_bench'] : [])];
  for (const [backend, simd128, relaxed] of [['scalar', 'OFF', 'OFF'], ['simd128', 'ON', 'OFF'], ['relaxed', 'ON', 'ON']]) {
    const settings = [`-DBYTEFLOW_SIMD128=${simd128}`, `-DBYTEFLOW_RELAXED=${relaxed}`];
    await step(`WebAssembly, ${backend}`, advice, (run) =>
      build(run, `wasm-${backend}`, { configure: ['emcmake', 'cmake'], settings, targets, toolchain }),
    );
  }
}
