// `score --workers`, and what keeps its results in order.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'rolldown';
import { byteflow, program } from './command-line.js';
import { smallModel } from './models.js';

// It is no export of the package, so it is taken from the source.
const entry = join(import.meta.dirname, '../../web/src/cli/in-order.ts');
const [{ code }] = (await build({ input: entry, write: false, logLevel: 'silent' })).output;
const { inOrder } = await import(`data:text/javascript,${encodeURIComponent(code)}`);

const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const score = (args, input) => byteflow(['score', '--model', smallModel, ...args], input);

/** Texts of every length up to 200, so that each result shows whose it is and some take longer than others. */
const texts = Array.from({ length: 1_000 }, (_, i) => 'x'.repeat((i * 83) % 201));

test('in order: results keep the order of the items, however long each takes', async () => {
  const items = Array.from({ length: 200 }, (_, i) => i);
  const results = [];
  for await (const result of inOrder(toAsync(items), (i) => later((i * 7) % 5, i), 4)) results.push(result);
  assert.deepEqual(results, items);
});

test('in order: never more at once than allowed, and nothing is taken in while nobody fetches', async () => {
  let [taken, running, most] = [0, 0, 0];
  const endless = (async function* () {
    for (;;) yield taken++;
  })();
  const work = async (i) => {
    most = Math.max(most, ++running);
    await later(1);
    running--;
    return i;
  };
  const results = inOrder(endless, work, 3);
  for (let i = 0; i < 20; i++) assert.equal((await results.next()).value, i);
  await later(50);
  assert(taken <= 20 + 3 + 1, `${taken} items were taken in for 20 results`);
  assert.equal(most, 3);
  await results.return();
});

test('in order: a result is there before the next item comes', async () => {
  const slow = (async function* () {
    yield 'first';
    await later(60_000);
  })();
  assert.deepEqual(await inOrder(slow, async (item) => item, 4).next(), { done: false, value: 'first' });
});

test('in order: what went well before a fault is not lost, and the fault comes through', async () => {
  const faulty = (async function* () {
    yield 1;
    yield 2;
    throw new Error('the source broke');
  })();
  const seen = [];
  await assert.rejects(async () => {
    for await (const result of inOrder(faulty, (i) => later(5, i), 4)) seen.push(result);
  }, /the source broke/);
  assert.deepEqual(seen, [1, 2]);
  const failing = inOrder(toAsync([1, 2, 3]), async (i) => (i === 2 ? Promise.reject(new Error('work failed')) : i), 3);
  assert.equal((await failing.next()).value, 1);
  await assert.rejects(failing.next(), /work failed/);
});

async function* toAsync(items) {
  yield* items;
}

test('score --workers: the same lines in the same order as without', async () => {
  const input = `${texts.join('\n')}\n`;
  const [one, three] = await Promise.all([score(['--json'], input), score(['--json', '--workers', '3'], input)]);
  assert.equal(three.code, 0);
  assert.deepEqual(three.json().map(({ bytes }) => bytes), texts.map((text) => text.length));
  assert.equal(three.out, one.out);
  const cards = await Promise.all([score(['--flag'], 'a\nb\n'), score(['--flag', '--workers', '2'], 'a\nb\n')]);
  assert.equal(cards[0].out, cards[1].out);
});

test('score --workers: a fault names its line, and the lines before it are scored', async () => {
  const rows = texts.slice(0, 500).map((text) => JSON.stringify({ text }));
  const { code, json, err } = await score(['--json', '--ndjson', '--workers', '2'], [...rows, 'no json', ...rows].join('\n'));
  assert.equal(code, 1);
  assert.match(err, /^byteflow: -:501: not JSON/m);
  assert.equal(json().length, 500);
});

test('score --workers: a model that cannot be loaded is one error, not one a worker', async () => {
  const { code, err } = await byteflow(['score', '--workers', '4', '--model', join(import.meta.dirname, 'workers.test.js')], 'text\n');
  assert.equal(code, 1);
  assert.match(err, /^byteflow: .+\n$/);
});

test('score --workers answers a line before the next one comes', async () => {
  const child = spawn(process.execPath, [program, 'score', '--json', '--workers', '2', '--model', smallModel]);
  child.stdin.write('first\n');
  const [answer] = await child.stdout.setEncoding('utf8').take(1).toArray();
  assert.equal(JSON.parse(answer).bytes, 5);
  child.stdin.end();
});

test('score --workers into a pipe that closes early ends quietly', async () => {
  const child = spawn('sh', ['-c', `yes 'one more line' | "$0" "$1" score --json --workers 2 --model "$2" | head -n 1`, process.execPath, program, smallModel]);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
  await once(child, 'close');
  assert.equal(JSON.parse(out).bytes, 13);
  assert.equal(err, '');
});

test('score --workers: memory does not grow with the input', { skip: process.platform !== 'linux' }, async () => {
  const lines = 120_000;
  const pipe = `yes 'some comment of ordinary length' | head -n ${lines} | "$0" "$1" score --json --workers 2 --model "$2"`;
  const child = spawn('sh', ['-c', `exec 3>&1; ${pipe} 3>&-`, process.execPath, program, join(import.meta.dirname, '../golden/tiny.byteflow')]);
  let [count, rest, err] = [0, '', ''];
  const resident = []; // KB, one for each tenth of the lines
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const pieces = (rest + text).split('\n');
    rest = pieces.pop();
    count += pieces.length;
    if (count >= (resident.length + 1) * (lines / 10)) resident.push(residentMemory(child.pid));
  });
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
  await once(child, 'close');
  assert.equal(count, lines);
  assert.match(err, /^(byteflow: [\d,]+ lines  [\d.]+ s  [\d,.]+\/s\n)*$/); // a line each half minute, on a machine that is so slow
  // The heaps of the engine's threads fill up until they are collected; from the third tenth on they have.
  const [early, late] = [Math.max(...resident.slice(2, 5)), Math.max(...resident.slice(7))];
  assert(late < 1.2 * early, `${resident.join(', ')} KB`);
});

/** Of the program among the descendants of a shell. */
function residentMemory(shell) {
  const pids = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ');
  const status = pids.map((pid) => readFileSync(`/proc/${pid}/status`, 'utf8')).find((text) => /^Name:\s+(node|MainThread)/.test(text));
  return Number(status?.match(/^VmRSS:\s+(\d+)/m)[1]);
}
