// compare.js [--model FILE] [--count N] [--node PROGRAM]...: scores the same texts with every implementation and compares the logits byte for
// byte with the integer reference, which defines them.
import { execFileSync, spawn } from 'node:child_process';
import { createReadStream, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { toFrames } from './frames.js';
import { hardTexts, realComments } from './texts.js';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const dataFolder = process.env.BYTEFLOW_DATA ?? join(root, '../shared/data');

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: join(root, 'models/toxicity.byteflow') },
    count: { type: 'string', default: '2000' },
    node: { type: 'string', multiple: true, default: [process.execPath] },
  },
});

function implementations() {
  const native = join(root, 'build/release/byteflow_logits');
  const nodes = new Map(options.node.map((program) => [execFileSync(program, ['-p', "`${process.version} ${process.arch}`"], { encoding: 'utf8' }).trim(), program]));
  const backends = ['scalar', 'simd128'];
  const wasmBackends = [...backends, 'relaxed', undefined];
  return [
    {
      name: 'integer reference, Python',
      program: '/usr/bin/python3',
      args: ['-m', 'byteflow_train', 'reference', options.model],
      env: { PYTHONPATH: join(root, 'models/training') },
    },
    ...backends.map((backend) => ({ name: `native ${backend}`, program: native, args: [options.model, backend] })),
    ...[...nodes].flatMap(([version, program]) =>
      wasmBackends.map((backend) => ({
        name: `wasm ${backend ?? 'by default'}, Node ${version}`,
        program,
        args: [join(here, 'wasm-logits.js'), options.model, ...(backend ? [backend] : [])],
      })),
    ),
  ];
}

/** Resolves to { logits }, to { unable } when this machine or engine cannot run it, or to { fault } when it failed. */
function logitsOf({ program, args, env = {} }, textsFile) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    const output = [];
    let errors = '';
    child.stdout.on('data', (data) => output.push(data));
    child.stderr.on('data', (data) => (errors += data));
    child.on('error', (error) => resolve({ fault: error.message }));
    child.on('close', (code) => resolve(code === 0 ? { logits: Buffer.concat(output) } : code === 3 ? { unable: errors.trim() } : { fault: `exit code ${code}: ${errors.trim()}` }));
    child.stdin.on('error', () => {}); // a program that ends early says why by its exit
    createReadStream(textsFile).pipe(child.stdin);
  });
}

/** Results in the order of `programs`, as many at a time as there are cores. */
async function logitsOfAll(programs, textsFile) {
  const results = new Array(programs.length);
  const waiting = programs.entries();
  const worker = async () => {
    for (const [i, program] of waiting) results[i] = await logitsOf(program, textsFile);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}

function verdict(texts, reference, { logits, unable, fault }) {
  if (unable !== undefined) return `skipped: ${unable}`;
  if (fault !== undefined) return fault;
  if (reference.fault !== undefined) return 'nothing to compare with';
  const expected = reference.logits;
  if (logits.length !== expected.length) return `${logits.length} bytes of logits, not ${expected.length}`;
  if (logits.equals(expected)) return 'identical';
  const bytesPerText = expected.length / texts.length;
  const differing = texts.filter((_, i) => !sameText(expected, logits, i, bytesPerText));
  return `differs in ${differing.length} texts, the first ${JSON.stringify(differing[0].slice(0, 60))}`;
}

function sameText(a, b, index, bytesPerText) {
  const from = index * bytesPerText;
  return a.subarray(from, from + bytesPerText).equals(b.subarray(from, from + bytesPerText));
}

const comments = await realComments(Number(options.count), dataFolder);
const texts = [...hardTexts, ...(comments ?? [])];
if (comments === undefined) process.stdout.write(`real comments skipped: no data in ${dataFolder}; say where it is in BYTEFLOW_DATA\n`);

const textsFile = join(root, 'build/identity/texts.frames');
mkdirSync(dirname(textsFile), { recursive: true });
writeFileSync(textsFile, toFrames(texts));

const programs = implementations();
const [reference, ...results] = await logitsOfAll(programs, textsFile);
const [{ name: referenceName }, ...others] = programs;
process.stdout.write(`${texts.length} texts, ${hardTexts.length} of them hard by hand; each against the ${referenceName}\n`);
if (reference.fault !== undefined) process.stdout.write(`  the ${referenceName} gave no result: ${reference.fault}\n`);

let passed = 0;
let skipped = comments === undefined ? 1 : 0;
for (const [i, { name }] of others.entries()) {
  const result = verdict(texts, reference, results[i]);
  if (result === 'identical') passed++;
  if (result.startsWith('skipped')) skipped++;
  process.stdout.write(`  ${name.padEnd(36)}  ${result}\n`);
}
const failed = others.length - passed - results.filter(({ unable }) => unable !== undefined).length;
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed === 0 ? 0 : 1;
