// Builds the package: from ../core, ../models and wasm/ (which the CMake build fills) to dist/ and models/.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'rolldown';

const here = import.meta.dirname;
const root = dirname(here);
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const run = (program, ...args) => execFileSync(program, args, { cwd: here, stdio: 'inherit' });
const bundle = (input, file, external, options = {}) =>
  build({ cwd: here, input, external, output: { file, format: 'esm' }, makeAbsoluteExternalsRelative: false, logLevel: 'warn', ...options });

for (const folder of ['dist', 'models', 'src/generated']) rmSync(join(here, folder), { recursive: true, force: true });

const modelFiles = readdirSync(join(root, 'models')).filter((name) => /^[a-z][a-z0-9-]*\.(byteflow|md)$/.test(name));
const models = modelFiles.filter((name) => name.endsWith('.byteflow')).map((name) => name.replace('.byteflow', ''));
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));

run('flatc', '--ts', '-o', 'src/generated', join(root, 'core/src/model/model.fbs'));
// Each address is a literal, since bundlers find files by such expressions.
const addresses = models.map((name) => `  '${name}': () => new URL('../models/${name}.byteflow', import.meta.url),\n`);
writeFileSync(join(here, 'src/generated/version.ts'), `export const version = ${JSON.stringify(version)};\n`);
writeFileSync(join(here, 'src/generated/model-files.ts'), `export const modelFiles = {\n${addresses.join('')}};\n`);
run(process.execPath, tsc, '-p', 'tsconfig.types.json'); // first: the CLI is checked against the declarations it will meet
run(process.execPath, tsc, '-p', 'tsconfig.json');
await bundle('src/index.ts', 'dist/index.js', /\/wasm\//);
await bundle('src/worker.ts', 'dist/worker.js', /\/wasm\//);
await bundle('src/index.ts', 'dist/inline.js', [], {
  moduleTypes: { '.wasm': 'base64' },
  transform: { define: { 'import.meta.url': 'undefined' } }, // else the glue names a file beside it, and bundlers look for it
  resolve: { alias: { [join(here, 'src/package-files.js')]: join(here, 'src/package-files.inline.ts') } },
});
await bundle('src/cli/main.ts', 'dist/cli.js', ['byteflow', /^node:/]);
await bundle('src/cli/score-worker.ts', 'dist/score-worker.js', ['byteflow', /^node:/]);

copyFileSync(join(root, 'LICENSE'), join(here, 'LICENSE'));
mkdirSync(join(here, 'models'));
for (const file of modelFiles.filter((name) => name.endsWith('.byteflow'))) copyFileSync(join(root, 'models', file), join(here, 'models', file));
// A card has few of its neighbours with it here: a link to another would be broken, so it becomes the path in the project.
const withoutLinks = (card) =>
  card.replaceAll(/\[([^\]]*)\]\((?!https?:)([^)]*)\)/g, (link, text, path) => (modelFiles.includes(path) ? link : path.endsWith(text) ? `\`${path}\`` : `${text} (\`${path}\`)`));
for (const file of modelFiles.filter((name) => name.endsWith('.md'))) writeFileSync(join(here, 'models', file), withoutLinks(readFileSync(join(root, 'models', file), 'utf8')));
