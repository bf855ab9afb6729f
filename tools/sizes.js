// npm run sizes: writes the table of sizes in README.md anew, from the package as it was built last. tests/web/package.test.js compares the two.
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';
import { makePackage } from './package.js';
import { inRoot } from './paths.js';
import { command } from './steps.js';
import { packTarball, tarball } from './tarball.js';

const shipped = (path) => inRoot('web', path);
const bytesOf = (...paths) => paths.map((path) => statSync(shipped(path)).size);
export const brotliBytes = (content) => brotliCompressSync(content).length;
export const brotliOf = (path) => brotliBytes(readFileSync(shipped(path)));

/** What a bundler makes of a program that may import './dist/...' of the package: an array of chunks. */
export async function bundle(program, output = {}) {
  const entry = {
    name: 'entry',
    resolveId: (id) => (id === 'entry' ? id : id.startsWith('./dist/') ? shipped(id) : undefined),
    load: (id) => (id === 'entry' ? program : undefined),
  };
  const { build } = await import('rolldown'); // by whoever needs it: before the first set-up it is not there
  return (await build({ input: 'entry', plugins: [entry], write: false, output, logLevel: 'silent' })).output;
}

/** Bytes in brotli of the scripts that a page's bundler ships for a program: { entry, and each backend's glue by its name }. */
export async function scriptsOf(program) {
  const chunks = await bundle(program, { minify: true });
  return Object.fromEntries(chunks.map(({ isEntry, name, code }) => [isEntry ? 'entry' : name, brotliBytes(code)]));
}

const programs = {
  score: "export { loadClassifier } from './dist/index.js';",
  write: "export { loadGenerator } from './dist/index.js';",
  both: "export { loadClassifier, loadGenerator } from './dist/index.js';",
  worker: "import './dist/worker.js';",
};

const backends = {
  relaxed: 'glue and module where the engine knows relaxed SIMD',
  simd128: 'instead of those where it does not',
  scalar: 'where there is no SIMD',
};

/** The rows of the table: [what it is, bytes, bytes in brotli]. */
export async function sizeRows() {
  const scripts = {};
  for (const [name, program] of Object.entries(programs)) scripts[name] = await scriptsOf(program);
  const models = readdirSync(shipped('models')).filter((name) => name.endsWith('.byteflow')).map((name) => `models/${name}`);
  const rest = ['dist', 'models', 'bin'].flatMap((folder) => readdirSync(shipped(folder)).map((name) => `${folder}/${name}`)).filter((path) => /\.(md|d\.ts)$|^bin/.test(path));
  const texts = (list) => list.map((count) => count.toLocaleString('en')).join(', ');
  const row = (what, bytes, brotli = '') => [what, texts(bytes), typeof brotli === 'string' ? brotli : texts(brotli)];
  const ofIndex = ['score', 'write', 'both'].map((name) => scripts[name].entry.toLocaleString('en'));
  return [
    row('`dist/index.js`; a bundler drops what a page does not use', bytesOf('dist/index.js'), `${ofIndex[0]} to score, ${ofIndex[1]} to write, ${ofIndex[2]} for both`),
    row('`dist/worker.js`, loaded by the worker of a page', bytesOf('dist/worker.js'), [scripts.worker.entry]),
    ...Object.entries(backends).map(([name, where]) => {
      const [glue, wasm] = ['mjs', 'wasm'].map((kind) => `wasm/byteflow-${name}.${kind}`);
      return row(`\`${glue}\`, \`.wasm\`; ${where}`, bytesOf(glue, wasm), [scripts.worker[`byteflow-${name}`], brotliOf(wasm)]);
    }),
    ...models.map((path, i) => row(`\`${path}\`${i === 0 ? '; a page loads the models that it names' : ''}`, bytesOf(path), [brotliOf(path)])),
    row('`dist/inline.js`, instead of all scripts and WebAssembly files, for extensions and pages from the file system', bytesOf('dist/inline.js'), [brotliOf('dist/inline.js')]),
    row('`dist/cli.js`, `dist/score-worker.js`, command line only', bytesOf('dist/cli.js', 'dist/score-worker.js')),
    row('`models/*.md`, `bin/byteflow.js`, `dist/*.d.ts`, `package.json`, `README.md`, `LICENSE`', [bytesOf(...rest, 'package.json', 'README.md', 'LICENSE').reduce((sum, bytes) => sum + bytes)]),
  ];
}

/** The table of README.md, whose rows have the form of sizeRows(). */
export const sizeTable = /^\| file \| bytes \| brotli \|\n\|---\|---\|---\|\n((?:\|.*\|\n)+)/m;

async function writeSizes() {
  await makePackage({});
  await packTarball();
  const packed = ['the package, gzip', statSync(tarball).size.toLocaleString('en'), ''];
  const rows = [...(await sizeRows()), packed].map((cells) => `| ${cells.join(' | ')} |\n`.replaceAll('  ', ' '));
  const page = readFileSync(inRoot('README.md'), 'utf8');
  writeFileSync(inRoot('README.md'), page.replace(sizeTable, `| file | bytes | brotli |\n|---|---|---|\n${rows.join('')}`));
}

if (process.argv[1] === import.meta.filename) await command(writeSizes);
