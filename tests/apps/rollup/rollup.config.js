import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeResolve } from '@rollup/plugin-node-resolve';

// Rollup leaves the addresses in `new URL('...', import.meta.url)` as they are, so the files lie as they do in the package: scripts in one folder
// (any name), the worker's among them, and wasm/ and models/ beside it.
for (const folder of ['wasm', 'models']) cpSync(fileURLToPath(new URL(`../${folder}`, import.meta.resolve('byteflow'))), `site/${folder}`, { recursive: true });

export default { input: { main: 'main.js', worker: 'byteflow/worker' }, output: { dir: 'site/app', format: 'es' }, plugins: [nodeResolve()] };
