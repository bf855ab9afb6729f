// npm run coverage: which lines of core/src the tests and the fuzzers' corpora run, a row a file. The page with every line is build/coverage/html/index.html.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildCoverage } from './cmake-builds.js';
import { inRoot, root } from './paths.js';
import { command, step } from './steps.js';
import { installSystemPackages } from './system-packages.js';

const fuzzers = ['classifier', 'generator', 'kernels', 'layers', 'search', 'text'];
const folder = inRoot('build/coverage');
const programs = ['byteflow_tests', ...fuzzers.map((name) => `tests/fuzz/fuzz_${name}`)].map((path) => join(folder, path));

/** What a fuzzer runs: what it has found on this machine, what is kept, and the models it begins with. */
function corpusOf(fuzzer) {
  const seeds = { classifier: ['tests/golden'], generator: ['tests/golden/generators'] }[fuzzer] ?? [];
  return [`build/fuzz/corpus/${fuzzer}`, `tests/fuzz/corpus/${fuzzer}`, `tests/fuzz/regressions/${fuzzer}`, ...seeds].map((path) => inRoot(path)).filter(existsSync);
}

await command(async () => {
  await installSystemPackages({ fuzz: true });
  await buildCoverage(fuzzers);
  const report = await step('coverage', 'a test or a fuzzer failed; the log says which', async (run) => {
    for (const name of readdirSync(folder).filter((name) => name.endsWith('.profraw'))) rmSync(join(folder, name));
    await run(programs[0], [], { env: { LLVM_PROFILE_FILE: join(folder, 'tests.profraw') } });
    for (const [i, fuzzer] of fuzzers.entries()) {
      await run(programs[i + 1], ['-runs=0', ...corpusOf(fuzzer)], { env: { LLVM_PROFILE_FILE: join(folder, `${fuzzer}.profraw`) } });
    }
    const profiles = ['tests', ...fuzzers].map((name) => join(folder, `${name}.profraw`));
    await run('llvm-profdata-19', ['merge', '-sparse', '-o', join(folder, 'all.profdata'), ...profiles]);
    const objects = [programs[0], ...programs.slice(1).flatMap((program) => ['-object', program])];
    const settings = [`-instr-profile=${join(folder, 'all.profdata')}`, ...objects, join(root, 'core')];
    await run('llvm-cov-19', ['show', '-format=html', `-output-dir=${join(folder, 'html')}`, ...settings]);
    return run('llvm-cov-19', ['report', '-show-region-summary=false', '-show-branch-summary=false', ...settings]);
  });
  process.stdout.write(report);
});
