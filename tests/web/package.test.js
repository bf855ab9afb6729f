import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'rolldown';

const folder = join(import.meta.dirname, '../../web');
const brotliBytes = (content) => brotliCompressSync(content).length;

// Names of what npm ships, and nothing else.
const allowed = [
  /^(LICENSE|README\.md|package\.json)$/,
  /^bin\/byteflow\.js$/,
  /^dist\/(index|worker|inline|cli|score-worker)\.js$/,
  /^dist\/[a-z0-9-]+\.d\.ts$/,
  /^models\/[a-z][a-z0-9-]*\.(byteflow|md)$/,
  /^wasm\/byteflow-(scalar|simd128|relaxed)\.(mjs|wasm)$/,
];

/** What a bundler makes of a program: an array of chunks. */
async function bundle(program, output = {}) {
  const entry = { name: 'entry', resolveId: (id) => (id === 'entry' ? id : undefined), load: (id) => (id === 'entry' ? program : undefined) };
  return (await build({ input: 'entry', plugins: [entry], write: false, output, logLevel: 'silent' })).output;
}

const [index, worker] = ['index', 'worker'].map((name) => JSON.stringify(join(folder, `dist/${name}.js`)));

/** Bytes in brotli of the scripts that a page's bundler ships for a program: the program itself, and the glue of the best backend. */
async function scriptsOf(program) {
  const chunks = await bundle(program, { minify: true });
  const sizes = Object.fromEntries(chunks.map(({ isEntry, name, code }) => [isEntry ? 'entry' : name, brotliBytes(code)]));
  assert.deepEqual(Object.keys(sizes).sort(), ['byteflow-relaxed', 'byteflow-scalar', 'byteflow-simd128', 'entry']);
  return { entry: sizes.entry, glue: sizes['byteflow-relaxed'] };
}

test('npm ships what is allowed, and all of what is needed', () => {
  const report = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [{ files }] = Object.values(JSON.parse(report));
  const paths = files.map(({ path }) => path);
  for (const path of paths) assert(allowed.some((pattern) => pattern.test(path)), `${path} is not on the list`);
  for (const pattern of allowed.filter((pattern) => !pattern.source.includes('models'))) assert(paths.some((path) => pattern.test(path)), `nothing matches ${pattern}`);
  for (const backend of ['scalar', 'simd128', 'relaxed']) for (const kind of ['mjs', 'wasm']) assert(paths.includes(`wasm/byteflow-${backend}.${kind}`));
});

test('the sizes stay within their budgets, in brotli', async () => {
  const budgets = [
    ['a page that scores', `export { loadClassifier } from ${index};`, 12],
    ['a page that writes', `export { loadGenerator } from ${index};`, 13],
    ['a worker', `import ${worker};`, 12],
  ];
  for (const [name, code, allowed] of budgets) {
    const { entry, glue } = await scriptsOf(code);
    const script = entry + glue;
    assert(script <= allowed * 1024, `JavaScript of ${name}: ${script} bytes, ${allowed} KB allowed`);
  }
  for (const backend of ['scalar', 'simd128', 'relaxed']) {
    const wasm = brotliBytes(readFileSync(join(folder, `wasm/byteflow-${backend}.wasm`)));
    assert(wasm <= 60 * 1024, `WebAssembly of ${backend}: ${wasm} bytes, 60 KB allowed`);
  }
});

const smallModel = join(folder, 'models/toxicity-small.byteflow');
const skip = !existsSync(smallModel) && 'there is no model toxicity-small yet';

test('all that a page downloads to score is half a megabyte at most, in brotli', { skip }, async () => {
  const [page, inWorker] = [await scriptsOf(`export { loadClassifier } from ${index};`), await scriptsOf(`import ${worker};`)];
  const files = [join(folder, 'wasm/byteflow-relaxed.wasm'), smallModel].map((file) => brotliBytes(readFileSync(file)));
  const parts = [page.entry, inWorker.entry, inWorker.glue, ...files]; // the page itself needs no glue: its worker has it
  const total = parts.reduce((sum, bytes) => sum + bytes, 0);
  assert(total <= 500_000, `${parts.join(' + ')} = ${total} bytes, 500,000 allowed`);
});

test('each entry names its types first, and both files are there', () => {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const entries = Object.values(exports).filter((target) => typeof target === 'object');
  assert.equal(entries.length, 3);
  for (const entry of entries) {
    assert.deepEqual(Object.keys(entry), ['types', 'default']);
    for (const file of Object.values(entry)) assert(existsSync(join(folder, file)), file);
  }
});

test('a bundler keeps `import "byteflow/worker"`, which is there for its effect alone', async () => {
  const [{ code }] = await bundle(`import ${JSON.stringify(join(folder, 'dist/worker.js'))};`);
  assert.match(code, /addEventListener\("message"/);
});

test('the package has no runtime dependencies and no install scripts', () => {
  const { dependencies, scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  assert.equal(dependencies, undefined);
  for (const hook of ['preinstall', 'install', 'postinstall']) assert.equal(scripts[hook], undefined);
});

test('importing has no effects: nothing is read, started or defined', () => {
  const code = `const before = Object.keys(globalThis).length; await import('byteflow'); process.exitCode = Object.keys(globalThis).length - before;`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', code], { cwd: folder });
});
