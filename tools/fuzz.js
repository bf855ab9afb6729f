// npm run fuzz -- --minutes N [--only NAME] [--at-once]: each fuzzer for so long, on what earlier runs have found, one after the other or all at once. An input
// that fails is kept in tests/fuzz/regressions, and is run first from then on. `npm test` runs this for some seconds.
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildFuzzers } from './cmake-builds.js';
import { seedModels } from './fuzz-seeds.js';
import { inRoot, root } from './paths.js';
import { StepFailed, command } from './steps.js';
import { installSystemPackages } from './system-packages.js';

const targets = ['classifier', 'generator', 'kernels', 'layers', 'search', 'text', 'ndjson'];

/** Models in a folder of their own, since libFuzzer reads whole folders. The shipped ones are too large for a run of seconds; libFuzzer cuts at 1 MB unless it is told. */
function seedsOf(target, isLong) {
  const models = seedModels(target, { shipped: isLong });
  if (models.length === 0) return [];
  const seeds = inRoot(`build/fuzz/seeds-${isLong ? 'long' : 'short'}`, target);
  rmSync(seeds, { recursive: true, force: true });
  mkdirSync(seeds, { recursive: true });
  for (const model of models) copyFileSync(model, join(seeds, basename(model)));
  return isLong ? [`-max_len=${Math.max(...models.map((model) => statSync(model).size))}`, seeds] : [seeds];
}

function commandOf(target, seconds) {
  if (target === 'ndjson') return [process.execPath, ['tests/fuzz/ndjson.js', '--seconds', String(seconds)]];
  const isLong = seconds >= 60;
  const found = inRoot('build/fuzz/corpus', target);
  const regressions = inRoot('tests/fuzz/regressions', target);
  mkdirSync(found, { recursive: true });
  mkdirSync(regressions, { recursive: true });
  const kept = inRoot('tests/fuzz/corpus', target);
  const folders = [found, ...(existsSync(kept) ? [kept] : []), regressions, ...seedsOf(target, isLong)];
  // Five minutes for one input: libFuzzer counts by the clock, whatever else the machine does, and sanitizers are slow. Below that nothing is
  // reported as slow, which would keep the input as if it had failed.
  const settings = [`-max_total_time=${seconds}`, '-timeout=300', '-report_slow_units=300', '-rss_limit_mb=3072', `-artifact_prefix=${regressions}/`, '-print_final_stats=1'];
  return [inRoot(`build/fuzz/tests/fuzz/fuzz_${target}`), [...settings, ...folders]];
}

/** Resolves to the fuzzer's closing words, or to undefined when it found something. */
function run(target, seconds) {
  const [program, args] = commandOf(target, seconds);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output = (output + text).slice(-20_000)));
    child.on('error', reject);
    child.on('close', (code) => {
      const runs = /number_of_executed_units: (\d+)/.exec(output)?.[1] ?? /Done (\d+) runs/.exec(output)?.[1];
      if (code !== 0 || runs === undefined) process.stdout.write(`${output}\n`);
      resolve(code === 0 ? runs : undefined);
    });
  });
}

await command(async () => {
  const { values } = parseArgs({ options: { minutes: { type: 'string' }, seconds: { type: 'string' }, only: { type: 'string', multiple: true }, 'at-once': { type: 'boolean', default: false } } });
  const seconds = values.seconds !== undefined ? Number(values.seconds) : 60 * Number(values.minutes ?? 1);
  const wanted = targets.filter((target) => values.only?.includes(target) ?? true);
  if (!(seconds > 0) || wanted.length === 0) throw new StepFailed(`Usage: npm run fuzz -- --minutes N [--only NAME]... [--at-once]; the names are ${targets.join(', ')}.`);
  await installSystemPackages({ fuzz: true });
  await buildFuzzers(wanted.filter((target) => target !== 'ndjson'));
  let failed = 0;
  const fuzz = async (target) => {
    const runs = await run(target, seconds);
    if (runs === undefined) failed++;
    process.stdout.write(`${target.padEnd(12)}${runs === undefined ? 'found something: the input is in tests/fuzz/regressions' : `${Number(runs).toLocaleString('en')} runs, nothing found`}\n`);
  };
  if (values['at-once']) await Promise.all(wanted.map(fuzz));
  else for (const target of wanted) await fuzz(target);
  process.stdout.write(`${wanted.length - failed} passed, ${failed} failed\n`);
  if (failed > 0) process.exitCode = 1;
});
