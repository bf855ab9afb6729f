// fingerprints.js [--node PROGRAM]... [--native PROGRAM]... [--native-only]: the fingerprint of each model in models/, by each implementation: 16 digits, and one verdict a model.
// A program for another processor is run through whatever runs it, such as a script with qemu in it.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '../..');
const { values: options } = parseArgs({
  options: {
    node: { type: 'string', multiple: true, default: [process.execPath] },
    native: { type: 'string', multiple: true, default: [join(root, 'build/release/byteflow_fingerprint')] },
    'native-only': { type: 'boolean', default: false },
  },
});
const nodes = options['native-only'] ? [] : options.node;
const models = ['', 'family/'].flatMap((folder) => readdirSync(join(root, 'models', folder)).map((name) => folder + name)).filter((name) => name.endsWith('.byteflow'));
const run = (program, ...args) => execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/** The digits; undefined where this machine or engine cannot run the backend. */
function fingerprintOn(node, model, backend) {
  try {
    return JSON.parse(run(node, join(root, 'web/bin/byteflow.js'), 'inspect', model, '--json', '--backend', backend)).fingerprint;
  } catch (error) {
    if (/cannot run/.test(error.stderr)) return undefined;
    throw error;
  }
}

let [passed, failed, skipped] = [0, 0, 0];
for (const name of models) {
  const model = join(root, 'models', name);
  const found = [];
  for (const native of options.native) for (const backend of ['scalar', 'simd128']) found.push([`${native}, ${backend}`, run(native, model, backend)]);
  for (const node of nodes) {
    const version = run(node, '-p', "`${process.version} ${process.arch}`");
    for (const backend of ['scalar', 'simd128', 'relaxed']) found.push([`Node ${version}, ${backend}`, fingerprintOn(node, model, backend)]);
  }
  const expected = found[0][1];
  process.stdout.write(`${name} ${expected}\n`);
  for (const [implementation, fingerprint] of found) {
    if (fingerprint === undefined) skipped++;
    else if (fingerprint === expected) passed++;
    else failed++;
    process.stdout.write(`  ${implementation.replace(`${root}/`, '').padEnd(48)}  ${fingerprint === undefined ? 'skipped: it cannot run here' : fingerprint === expected ? 'the same' : fingerprint}\n`);
  }
}
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
