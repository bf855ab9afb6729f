import { build } from 'esbuild';

await build({ entryPoints: ['popup.js'], bundle: true, format: 'esm', minify: true, loader: { '.byteflow': 'binary' }, outdir: 'site' });
