// npm run coverage: which lines of core/src the tests and the fuzzers' corpora run, a row a file. The page with every line is build/coverage/html/index.html.
// It counts what is in the repository, not what fuzzers have found on this machine, and ends with exit code 1 where that runs too few lines.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildCoverage } from './cmake-builds.js';
import { seedFolders } from './fuzz-seeds.js';
import { inRoot } from './paths.js';
import { command, step } from './steps.js';
import { installSystemPackages } from './system-packages.js';

const fewestPercent = 90;
const fuzzers = ['classifier', 'generator', 'kernels', 'layers', 'search', 'text'];
const folder = inRoot('build/coverage');
const programs = ['byteflow_tests', ...fuzzers.map((name) => `tests/fuzz/fuzz_${name}`)].map((path) => join(folder, path));

/** What a fuzzer runs: what is kept of what was found, and the models it begins with. libFuzzer may write into the first folder, so that is an empty one. */
function corpusOf(fuzzer) {
  const scratch = join(folder, 'corpus', fuzzer);
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  const kept = [`tests/fuzz/corpus/${fuzzer}`, `tests/fuzz/regressions/${fuzzer}`, seedFolders[fuzzer]].filter((path) => path !== undefined && existsSync(inRoot(path)));
  return [scratch, ...kept.map((path) => inRoot(path))];
}

await command(async () => {
  await installSystemPackages({ fuzz: true });
  await buildCoverage(fuzzers);
  const { report, lines } = await step('coverage', 'a test or a fuzzer failed; the log says which', async (run) => {
    for (const name of readdirSync(folder).filter((name) => name.endsWith('.profraw'))) rmSync(join(folder, name));
    await run(programs[0], [], { env: { LLVM_PROFILE_FILE: join(folder, 'tests.profraw') } });
    for (const [i, fuzzer] of fuzzers.entries()) {
      await run(programs[i + 1], ['-runs=0', ...corpusOf(fuzzer)], { env: { LLVM_PROFILE_FILE: join(folder, `${fuzzer}.profraw`) } });
    }
    const profiles = ['tests', ...fuzzers].map((name) => join(folder, `${name}.profraw`));
    await run('llvm-profdata-19', ['merge', '-sparse', '-o', join(folder, 'all.profdata'), ...profiles]);
    const objects = [programs[0], ...programs.slice(1).flatMap((program) => ['-object', program])];
    const settings = [`-instr-profile=${join(folder, 'all.profdata')}`, ...objects, inRoot('core/src')];
    await run('llvm-cov-19', ['show', '-format=html', `-output-dir=${join(folder, 'html')}`, ...settings]);
    const summary = JSON.parse(await run('llvm-cov-19', ['export', '-summary-only', ...settings]));
    return { report: await run('llvm-cov-19', ['report', '-show-region-summary=false', '-show-branch-summary=false', ...settings]), lines: summary.data[0].totals.lines };
  });
  process.stdout.write(report);
  const percent = (100 * lines.covered) / lines.count;
  const isEnough = percent >= fewestPercent; // not where nothing was counted either
  process.stdout.write(`${isEnough ? 'passed' : 'FAILED'}: ${percent.toFixed(2)}% of the ${lines.count} lines of core/src are run, at least ${fewestPercent}% must be\n`);
  if (!isEnough) process.exitCode = 1;
});
