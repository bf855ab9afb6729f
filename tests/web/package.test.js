import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadClassifier } from 'byteflow';
import { inRoot } from '../../tools/paths.js';
import { brotliOf, bundle, scriptsOf, sizeRows, sizeTable } from '../../tools/sizes.js';

const folder = join(import.meta.dirname, '../../web');

// Names of what npm ships, and nothing else.
const allowed = [
  /^(LICENSE|README\.md|package\.json)$/,
  /^bin\/byteflow\.js$/,
  /^dist\/(index|worker|inline|cli|score-worker)\.js$/,
  /^dist\/[a-z0-9-]+\.d\.ts$/,
  /^models\/[a-z][a-z0-9-]*\.(byteflow|md)$/,
  /^wasm\/byteflow-(scalar|simd128|relaxed)\.(mjs|wasm)$/,
];

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
    ['a page that scores', "export { loadClassifier } from './dist/index.js';", 12],
    ['a page that writes', "export { loadGenerator } from './dist/index.js';", 13],
    ['a worker', "import './dist/worker.js';", 12],
  ];
  for (const [name, code, allowed] of budgets) {
    const { entry, ...glue } = await scriptsOf(code);
    assert.deepEqual(Object.keys(glue).sort(), ['byteflow-relaxed', 'byteflow-scalar', 'byteflow-simd128']);
    const script = entry + glue['byteflow-relaxed'];
    assert(script <= allowed * 1024, `JavaScript of ${name}: ${script} bytes, ${allowed} KB allowed`);
  }
  for (const backend of ['scalar', 'simd128', 'relaxed']) {
    const wasm = brotliOf(`wasm/byteflow-${backend}.wasm`);
    assert(wasm <= 60 * 1024, `WebAssembly of ${backend}: ${wasm} bytes, 60 KB allowed`);
  }
});

test('links of packed pages lead to packed files', () => {
  const pages = ['README.md', ...readdirSync(join(folder, 'models')).filter((name) => name.endsWith('.md')).map((name) => `models/${name}`)];
  let links = 0;
  for (const page of pages) {
    for (const [, target] of readFileSync(join(folder, page), 'utf8').matchAll(/\]\(([^)\s]*)\)/g)) {
      const path = join(page, '..', target);
      assert(/^https:/.test(target) || (allowed.some((pattern) => pattern.test(path)) && existsSync(join(folder, path))), `${page} leads to ${target}`);
      links++;
    }
  }
  assert(links > 0); // from card to card at least
});

const skip = !existsSync(join(folder, 'models/toxicity-small.byteflow')) && 'there is no model toxicity-small yet';

test('all that a page downloads to score is half a megabyte at most, in brotli', { skip }, async () => {
  const [page, inWorker] = [await scriptsOf("export { loadClassifier } from './dist/index.js';"), await scriptsOf("import './dist/worker.js';")];
  const files = ['wasm/byteflow-relaxed.wasm', 'models/toxicity-small.byteflow'].map(brotliOf);
  const parts = [page.entry, inWorker.entry, inWorker['byteflow-relaxed'], ...files]; // the page itself needs no glue: its worker has it
  const total = parts.reduce((sum, bytes) => sum + bytes, 0);
  assert(total <= 500_000, `${parts.join(' + ')} = ${total} bytes, 500,000 allowed`);
});

test('README.md says these sizes, to a hundredth', async () => {
  const numbersOf = (row) => row.join(' ').match(/\d[\d,]{2,}/g).map((text) => Number(text.replaceAll(',', '')));
  const said = sizeTable.exec(readFileSync(inRoot('README.md'), 'utf8'))[1].trimEnd().split('\n').map((line) => line.split('|').map((cell) => cell.trim()).slice(1, -1));
  for (const [i, row] of (await sizeRows()).entries()) {
    assert.equal(said[i][0], row[0], 'npm run sizes writes the table anew');
    const [old, now] = [numbersOf(said[i].slice(1)), numbersOf(row.slice(1))];
    assert(old.length === now.length && now.every((size, k) => Math.abs(size - old[k]) <= 0.01 * size), `${row[0]}: ${now}, not ${old}; npm run sizes writes the table anew`);
  }
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

test('TypeScript is told of every bundled classifier, and of its labels', async () => {
  const [, declared] = /interface BundledModels \{\n([^}]*)\}/.exec(readFileSync(join(folder, 'dist/model-source.d.ts'), 'utf8'));
  const labels = {};
  for (const [, name, type] of declared.matchAll(/^ *'?([\w-]+)'?: (.*);$/gm)) {
    const other = /^BundledModels\['(.*)'\]$/.exec(type)?.[1];
    labels[name] = other ? labels[other] : type.split(' | ').map((label) => label.slice(1, -1));
  }
  const found = {};
  for (const name of readdirSync(join(folder, 'models')).filter((name) => name.endsWith('.byteflow')).map((name) => name.replace('.byteflow', ''))) {
    const classifier = await loadClassifier(name).catch((error) => assert.equal(error.code, 'invalid-argument')); // a model that writes has no labels
    if (classifier !== undefined) found[name] = classifier.labels;
  }
  assert.deepEqual(labels, found);
});

test('a bundler keeps `import "byteflow/worker"`, which is there for its effect alone', async () => {
  const [{ code }] = await bundle("import './dist/worker.js';");
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
