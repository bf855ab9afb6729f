// in-node.js PART SETTINGS: runs a part of this folder and prints its result as JSON; page.html is its sibling for browsers.
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { inRoot } from '../../../tools/paths.js';

const url = (path) => pathToFileURL(inRoot(path)).href;
const read = async (path) => new Uint8Array(await readFile(inRoot(path)));

const [part, settings] = process.argv.slice(2);
const { run } = await import(`./${part}.js`);
const result = JSON.stringify(await run(JSON.parse(settings), { url, read }));
process.stdout.write(`\n${result}\n`, () => process.exit()); // some peers leave timers and workers behind, and print lines of their own
