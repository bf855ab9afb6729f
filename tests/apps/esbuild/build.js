import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// esbuild leaves the addresses in `new URL('...', import.meta.url)` as they are, so the files lie as they do in the package: scripts in one folder
// (any name), the worker's among them, and wasm/ and models/ beside it.
await build({ entryPoints: { main: 'main.js', worker: 'byteflow/worker' }, bundle: true, splitting: true, format: 'esm', minify: true, outdir: 'site/app' });
for (const folder of ['wasm', 'models']) cpSync(fileURLToPath(new URL(`../${folder}`, import.meta.resolve('byteflow'))), `site/${folder}`, { recursive: true });
