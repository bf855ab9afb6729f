// npm run bench: sets up, times byteflow in every engine here and its peers beside it, and prints a report.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { toFrames } from '../identity/frames.js';
import { hardTexts, realComments } from '../identity/texts.js';
import { buildNativeBench } from '../../tools/cmake-builds.js';
import { installEngines, installPeers } from '../../tools/node-packages.js';
import { makePackage } from '../../tools/package.js';
import { inRoot, root } from '../../tools/paths.js';
import { command } from '../../tools/steps.js';
import { machine } from './machine.js';
import { parts } from './parts.js';
import { withEarlier } from './report/earlier.js';
import { report } from './report/report.js';

const help = `Usage: npm run bench -- [options]

Times byteflow on this machine: its kernels, real comments, the first score, and what people use today beside it. Installs and builds what is
missing first. Close what else runs: the figures are the best of many repetitions, but a busy machine still spoils them.

Options:
  --only PARTS   some of ${Object.keys(parts).join(',')}
  --quick        few repetitions: a minute that shows that all works, with figures that mean little
  --json         print one JSON object instead of the report; npm prints lines of its own unless it is called with --silent
  --write        write tests/bench/RESULTS.md, results.json and the pictures too; parts that were not run stay, if they are of this machine
  --help

Examples:
  npm run bench -- --only kernels
  npm run --silent bench -- --json > bench.json
  npm run bench -- --write

Real comments come from the data folder (BYTEFLOW_DATA, else shared/data beside the project); without it a few texts by hand stand in.
The report goes to standard output, progress to standard error. Exit codes: 0 ok, 1 something could not be run, 2 bad usage.`;

function parseOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: Object.keys(parts).join(',') },
      ...Object.fromEntries(['quick', 'json', 'write', 'help'].map((name) => [name, { type: 'boolean', default: false }])),
    },
  });
  const only = values.only.split(',');
  const unknown = only.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) throw new TypeError(`there is no part "${unknown}"; there are ${Object.keys(parts).join(', ')}`);
  return { ...values, only };
}

async function setUp() {
  await makePackage({ bench: true });
  await installEngines();
  await installPeers();
  await buildNativeBench();
  process.stderr.write('\n');
}

/** The texts, as a JSON file for JavaScript and as frames for C++; gives what every part is given. */
async function prepareInputs(quick) {
  const real = await realComments(quick ? 50 : 2000, process.env.BYTEFLOW_DATA ?? join(root, '../shared/data'));
  const comments = real ?? hardTexts;
  const inputs = { model: 'models/toxicity.byteflow', texts: 'build/bench/texts.json', frames: 'build/bench/texts.frames', quick };
  mkdirSync(inRoot('build/bench'), { recursive: true });
  writeFileSync(inRoot(inputs.texts), JSON.stringify(comments));
  writeFileSync(inRoot(inputs.frames), toFrames(comments));
  return { inputs, comments, texts: { count: comments.length, real: real !== undefined } };
}

/** The result of `work`, or { fault }; a line with its time on standard error. */
async function attempt(what, work) {
  process.stderr.write(`${what} ... `);
  const started = performance.now();
  try {
    const result = await work();
    process.stderr.write(result.skipped ? 'skipped\n' : `${((performance.now() - started) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    const fault = error.message.split('\n')[0];
    process.stderr.write(`failed: ${fault}\n`);
    return { fault };
  }
}

async function bench({ only, quick, json, write }) {
  await setUp();
  const { hosts } = await import('./hosts.js'); // needs what has just been installed
  const { inputs, comments, texts } = await prepareInputs(quick);
  const { load, ...hardware } = machine();
  const run = { date: new Date().toISOString().slice(0, 10), load, quick, texts };
  const results = { machine: hardware, runs: Object.fromEntries(only.map((name) => [name, run])) };
  const opened = await hosts();
  results.engines = opened.map(({ name }) => name);
  try {
    for (const name of only) results[name] = await parts[name]({ hosts: opened, inputs, comments, attempt });
  } finally {
    for (const host of opened) await host.close();
  }

  writeFileSync(inRoot('build/bench/results.json'), JSON.stringify(results));
  process.stdout.write(json ? `${JSON.stringify(results)}\n` : `\n${report(results).markdown}`);
  if (write) keep(results);
  const faults = only.flatMap((name) => results[name]).filter(({ fault }) => fault !== undefined);
  if (faults.length > 0) process.exitCode = 1;
}

/** Writes the results into the house, beside those of parts that were run before. */
function keep(results) {
  const file = inRoot('tests/bench/results.json');
  const all = existsSync(file) ? withEarlier(results, JSON.parse(readFileSync(file, 'utf8'))) : results;
  const { markdown, pictures } = report(all);
  writeFileSync(file, `${JSON.stringify(all, undefined, 1)}\n`);
  writeFileSync(inRoot('tests/bench/RESULTS.md'), markdown);
  for (const [name, picture] of Object.entries(pictures)) writeFileSync(inRoot('tests/bench', name), picture);
}

function options() {
  try {
    return parseOptions();
  } catch (error) {
    process.stderr.write(`bench: ${error.message}\nTry \`npm run bench -- --help\`.\n`);
    process.exit(2);
  }
}

const chosen = options();
if (chosen.help) process.stdout.write(`${help}\n`);
else await command(() => bench(chosen));
