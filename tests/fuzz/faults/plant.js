// node tests/fuzz/faults/plant.js [--seconds N] [--only TEXT]...: plants each fault in a copy of the sources, and sees how many runs its fuzzer takes to find it.
// Ends with exit code 1 where one is not found. It shows where the fuzzers are blind; it is no test of byteflow.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inRoot } from '../../../tools/paths.js';
import { faults, soundSource } from './faults.js';

const { values: options } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, only: { type: 'string', multiple: true } } });
const wanted = faults.filter(({ fuzzer, name }) => options.only?.some((text) => `${fuzzer}: ${name}`.includes(text)) ?? true);

const copy = inRoot('build/faults/source');
const build = inRoot('build/faults/build');
const isSame = (from, to) => statSync(from).isFile() && existsSync(to) && readFileSync(from).equals(readFileSync(to));
for (const path of ['CMakeLists.txt', 'core', 'tests/bench', 'tests/core', 'tests/fuzz', 'tests/golden']) {
  // What is the same keeps its time, so that it is not built again; what a run that was broken off has left is written anew.
  cpSync(inRoot(path), join(copy, path), { recursive: true, filter: (from, to) => !from.includes('node_modules') && !isSame(from, to) });
}

/** The program's exit code and all that it wrote. */
function run(program, args) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (error) throw error;
  return { status, output: stdout + stderr };
}

const settings = ['-DBYTEFLOW_SANITIZE=ON', '-DBYTEFLOW_FUZZ=ON', '-DCMAKE_CXX_COMPILER=clang++-19'];
const configured = run('cmake', ['-G', 'Ninja', '-S', copy, '-B', build, ...settings]);
if (configured.status !== 0) throw new Error(configured.output);

/** What the fuzzer makes of the sources as they are: { built, found, runs, words }. */
function fuzz(fuzzer) {
  const built = run('cmake', ['--build', build, '--target', `fuzz_${fuzzer}`]);
  if (built.status !== 0) return { built: false, words: built.output };
  const fresh = join(build, 'corpus', fuzzer);
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const corpora = [fresh, join(copy, 'tests/fuzz/corpus', fuzzer)];
  const limits = [`-max_total_time=${options.seconds}`, '-seed=1', '-timeout=60', `-artifact_prefix=${fresh}/`, '-print_final_stats=1'];
  const { status, output } = run(join(build, 'tests/fuzz', `fuzz_${fuzzer}`), [...limits, ...corpora]);
  const words = /does not hold: (.*)/.exec(output)?.[1] ?? /ERROR: (.*)/.exec(output)?.[1] ?? /runtime error: (.*)/.exec(output)?.[1] ?? '';
  return { built: true, found: status !== 0, runs: Number(/number_of_executed_units: (\d+)/.exec(output)?.[1]), words };
}

let missed = 0;
for (const fault of wanted) {
  const { fuzzer, name, file, from, to } = fault;
  const sound = soundSource(fault);
  writeFileSync(join(copy, file), sound.replace(from, () => to));
  const { built, found, runs, words } = fuzz(fuzzer);
  writeFileSync(join(copy, file), sound);
  if (!built) throw new Error(`The fault "${name}" does not build:\n${words}`);
  if (!found) missed++;
  process.stdout.write(`${found ? 'found' : 'MISSED'}  ${String(runs).padStart(8)} runs  ${fuzzer}: ${name}${found ? `  (${words})` : ''}\n`);
}
process.stdout.write(`${wanted.length - missed} found, ${missed} missed\n`);
process.exitCode = missed > 0 ? 1 : 0;
