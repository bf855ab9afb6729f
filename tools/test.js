// npm test: sets up, builds, runs every suite, and closes with the sum. A suite that fails does not hide the others. `npm test -- NAME...` runs
// only the suites whose names contain a NAME.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { buildNativeLogits, buildNativeTests } from './cmake-builds.js';
import { installEngines } from './node-packages.js';
import { makePackage } from './package.js';
import { inRoot, root } from './paths.js';
import { command } from './steps.js';
import { suites } from './test-suites.js';

/** Runs a suite; its output goes to a log, and to standard output when it failed. */
async function runSuite({ name, program, args, count }) {
  const started = performance.now();
  const { code, output } = await new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', (error) => resolve({ code: 1, output: `${error.message}\n` }));
    child.on('close', (code, signal) => resolve({ code: code ?? 1, output: signal ? `${output}\nended by ${signal}\n` : output }));
  });
  const counts = { passed: 0, failed: 0, skipped: 0, ...count(output) };
  // A runner that broke off, or one that found nothing to run, has counted no failure of its own.
  if (counts.failed === 0 && (code !== 0 || counts.passed + counts.skipped === 0)) counts.failed = 1;

  const log = `build/logs/test-${name.replaceAll(/[^a-z0-9]+/gi, '-')}.log`;
  mkdirSync(inRoot('build/logs'), { recursive: true });
  writeFileSync(inRoot(log), output);
  if (counts.failed > 0) process.stdout.write(`\n${output}\n`);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const row = [name.padEnd(30), `passed ${counts.passed}`.padEnd(12), `failed ${counts.failed}`.padEnd(10), `skipped ${counts.skipped}`.padEnd(11)];
  process.stdout.write(`${row.join('  ')}  ${seconds} s${counts.failed + counts.skipped > 0 ? `, see ${log}` : ''}\n`);
  return counts;
}

await command(async () => {
  await makePackage({ tests: true });
  await installEngines();
  await buildNativeTests();
  await buildNativeLogits();

  const named = process.argv.slice(2);
  const wanted = suites().filter(({ name, isHeavy }) => (named.length === 0 ? !isHeavy : named.some((part) => name.includes(part))));
  for (const setUp of new Set(wanted.flatMap(({ setUp = [] }) => setUp))) await setUp();
  process.stderr.write('\n');

  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const suite of wanted) {
    for (const [key, value] of Object.entries(await runSuite(suite))) sum[key] += value;
  }
  process.stdout.write(`\n${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}\n`);
  if (sum.failed > 0 || sum.passed === 0) process.exitCode = 1;
});
