import { build } from 'esbuild';

// An edge runtime compiles WebAssembly when a worker is deployed and reads no files, so both files are modules of the worker: the runtime gives
// a WebAssembly.Module for the one and bytes for the other. Wrangler does the same by its rules CompiledWasm and Data.
await build({ entryPoints: ['worker.js'], bundle: true, format: 'esm', minify: true, outdir: 'site', loader: { '.wasm': 'copy', '.byteflow': 'copy' }, assetNames: '[name]' });
