// npm run sbom: a bill of materials in CycloneDX 1.5, build/byteflow.cdx.json: the package, each file that it ships with its digest, where each model comes
// from, and what it was built with. Nothing that is installed with the package is missing: it has no dependencies.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot, root } from './paths.js';

const web = inRoot('web');
const output = (program, args, cwd = root) => execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const sha256 = (bytes) => [{ alg: 'SHA-256', content: createHash('sha256').update(bytes).digest('hex') }];

/** What npm would publish. */
function shippedFiles() {
  const [{ files }] = Object.values(JSON.parse(output('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], web)));
  return files.map(({ path }) => path).sort();
}

function fileComponent(path) {
  const bytes = readFileSync(join(web, path));
  const component = { type: path.endsWith('.byteflow') ? 'machine-learning-model' : 'file', name: path, hashes: sha256(bytes) };
  if (!path.endsWith('.byteflow')) return component;
  const { provenance } = JSON.parse(output(process.execPath, ['web/bin/byteflow.js', 'inspect', join(web, path), '--json']));
  return { ...component, properties: Object.entries(provenance).map(([name, value]) => ({ name: `byteflow:${name}`, value })) };
}

const bill = JSON.parse(output('npm', ['sbom', '--sbom-format', 'cyclonedx', '--workspace', 'web', '--package-lock-only']));
const emcc = /emcc.*/.exec(output('sh', ['-c', 'PATH=$(wasm/toolchain.sh):$PATH emcc --version']))?.[0];
// npm describes the workspace that the package is a part of, and calls the package by its folder.
const packageAt = bill.components.findIndex((component) => component['bom-ref'].startsWith('byteflow@'));
bill.metadata.component = { ...bill.components.splice(packageAt, 1)[0], name: 'byteflow' };
bill.metadata.properties = [
  { name: 'byteflow:commit', value: output('git', ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*']).trim() },
  { name: 'byteflow:emcc', value: emcc },
  { name: 'byteflow:flatc', value: output('flatc', ['--version']).trim() },
  { name: 'byteflow:node', value: process.version },
];
bill.components = [...bill.components, ...shippedFiles().map(fileComponent)];
// A bill of the same files is the same bill.
delete bill.serialNumber;
delete bill.metadata.timestamp;
mkdirSync(inRoot('build'), { recursive: true });
writeFileSync(inRoot('build/byteflow.cdx.json'), `${JSON.stringify(bill, undefined, 2)}\n`);
process.stdout.write(`build/byteflow.cdx.json: ${bill.components.length} components\n`);
