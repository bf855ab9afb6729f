// compare.js [--model FILE] [--count N] [--node PROGRAM]...: scores the same texts with every implementation and compares the logits byte for
// byte with the integer reference, which defines them.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
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
  const nodes = new Map(options.node.map((program) => [execFileSync(program, ['--version'], { encoding: 'utf8' }).trim(), program]));
  const backends = ['scalar', 'simd128'];
  return [
    {
      name: 'integer reference, Python',
      program: '/usr/bin/python3',
      args: ['-m', 'byteflow_train', 'reference', options.model],
      env: { PYTHONPATH: join(root, 'models/training') },
    },
    ...backends.map((backend) => ({ name: `native ${backend}`, program: native, args: [options.model, backend] })),
    ...[...nodes].flatMap(([version, program]) =>
      backends.map((backend) => ({
        name: `wasm ${backend}, Node ${version}`,
        program,
        args: [join(here, 'wasm-logits.js'), options.model, backend],
      })),
    ),
  ];
}

/** Raw logits, or undefined with a line on standard output when the program failed. */
function logitsOf({ name, program, args, env = {} }, textsFile) {
  const input = openSync(textsFile, 'r');
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    env: { ...process.env, ...env },
    stdio: [input, 'pipe', 'pipe'],
    maxBuffer: 2 ** 28,
  });
  closeSync(input);
  if (status === 0) return stdout;
  process.stdout.write(`${name} failed: ${error?.message ?? stderr.toString('utf8').trim()}\n`);
  return undefined;
}

function verdict(texts, expected, logits) {
  if (logits === undefined) return 'no result';
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

const [reference, ...others] = implementations();
const expected = logitsOf(reference, textsFile);
let passed = 0;
process.stdout.write(`${texts.length} texts, ${hardTexts.length} of them hard by hand; each against the ${reference.name}\n`);
for (const implementation of others) {
  const result = expected === undefined ? 'nothing to compare with' : verdict(texts, expected, logitsOf(implementation, textsFile));
  if (result === 'identical') passed++;
  process.stdout.write(`  ${implementation.name.padEnd(28)}  ${result}\n`);
}
process.stdout.write(`${passed} passed, ${others.length - passed} failed\n`);
process.exitCode = passed === others.length ? 0 : 1;
