// A step of the set-up: one line on standard error with its time, its programs' output in a log, and one clear sentence when it fails.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import { inRoot, root } from './paths.js';

/** What a person needs to read, and no stack trace. */
export class StepFailed extends Error {}

/**
 * Runs `work(run)`; `run(program, args, options)` gives the program's standard output and rejects when the program fails.
 * `advice` completes the sentence "NAME failed: ...".
 */
export async function step(name, advice, work) {
  const logFile = inRoot('build/logs', `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.log`);
  mkdirSync(inRoot('build/logs'), { recursive: true });
  const log = createWriteStream(logFile);
  const started = performance.now();
  process.stderr.write(`${name} ... `);
  try {
    const result = await work((program, args, options) => runLogged(log, program, args, options));
    process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stderr.write('failed\n');
    if (error instanceof StepFailed) throw error;
    log.write(`${error.stack}\n`);
    throw new StepFailed(`${name} failed: ${advice}. The log is ${relative(root, logFile)}.`);
  } finally {
    log.end();
  }
}

function runLogged(log, program, args, { cwd = root, env = {} } = {}) {
  log.write(`$ ${[program, ...args].join(' ')}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['inherit', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
      log.write(data);
    });
    child.stderr.on('data', (data) => log.write(data));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}

/** The body of a command: a step that failed is one sentence and exit code 1. */
export async function command(body) {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    process.exitCode = 1;
  }
}
