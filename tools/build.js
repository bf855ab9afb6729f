// npm run build: the WebAssembly modules, the package and the demo.
import { makePackage } from './package.js';
import { command } from './steps.js';

await command(() => makePackage({}));
