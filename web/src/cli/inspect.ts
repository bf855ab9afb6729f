import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ByteflowError, loadClassifier, loadGenerator } from 'byteflow';
import { Failure, UsageError } from './failure.js';
import { locateModel } from './model.js';
import { type ModelFile, readModelFile } from './model-file.js';
import { print, table } from './output.js';

export const help = `Usage: byteflow inspect NAME|FILE [options]

Prints what a model file holds: configuration, a classifier's labels with their calibration and suggested thresholds, tensors,
activations, where it came from. A damaged file is an error that names the fault.

  --json              print one JSON object

Examples:
  byteflow inspect toxicity
  byteflow inspect my.byteflow --json | jq -r .provenance.recipe`;

interface Report extends ModelFile {
  bytes: number;
  sha256: string;
}

export async function inspect(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { json: { type: 'boolean', default: false } } });
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new UsageError('inspect takes one model');
  const bytes = await readModelBytes(file);
  await check(bytes);
  const report: Report = { ...readModelFile(bytes), bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  await print(values.json ? JSON.stringify(report) : page(report));
}

/** The core's checks: it tells a model of another kind from one that is damaged. */
async function check(bytes: Uint8Array): Promise<void> {
  const isAnotherKind = (error: unknown) => error instanceof ByteflowError && error.code === 'invalid-argument';
  const model = await loadClassifier(bytes).catch((error: unknown) => {
    if (!isAnotherKind(error)) throw error;
    return loadGenerator(bytes);
  });
  model.dispose();
}

async function readModelBytes(nameOrFile: string): Promise<Buffer> {
  return readFile(locateModel(nameOrFile)).catch((cause: Error) => {
    throw new Failure(`cannot read ${nameOrFile}: ${cause.message}`, { cause });
  });
}

function page(report: Report): string {
  const { name, version, bytes, sha256, config, labels, calibration, tensors, activations, provenance } = report;
  const sections = {
    [`${name}, format version ${version}, ${bytes.toLocaleString('en')} bytes, sha256 ${sha256}`]: '',
    Configuration: table([['field', 'value'], ...Object.entries(config).map(([field, value]) => [field, String(value)])]),
    ...(labels.length > 0 && { Labels: table([['label', 'slope', 'offset', 'threshold'], ...labels.map((label, i) => [label, calibration.slope[i]!, calibration.offset[i]!, calibration.threshold[i]!])]) }),
    Tensors: table([['tensor', 'type', 'shape', 'bytes'], ...tensors.map((tensor) => [tensor.name, tensor.type, tensor.shape.join(' x '), tensor.bytes])]),
    Activations: table([['activation', 'scale', 'zero point'], ...activations.map((a) => [a.name, a.scale, a.zero_point])]),
    Provenance: Object.entries(provenance).map(([field, text]) => `${field}:\n${text.trimEnd().replace(/^/gm, '  ')}`).join('\n'),
  };
  return Object.entries(sections).map(([title, body]) => `${title}\n${body}`.trimEnd()).join('\n\n');
}
