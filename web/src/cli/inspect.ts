import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Backend, loadClassifier, loadGenerator } from 'byteflow';
import { Failure, UsageError } from './failure.js';
import { backendHelp, backendOf, isAnotherKind, locateModel, modelOptions, withMessage } from './model.js';
import { type ModelFile, readModelFile } from './model-file.js';
import { digits, print, printable, table } from './output.js';

export const help = `Usage: byteflow inspect NAME|FILE [options]

Prints what a model file holds: configuration, a classifier's labels with their calibration and suggested thresholds, tensors with their
shapes and ranges, activations, where it came from, digests, and the model's fingerprint: of what it computes, and so the same wherever
byteflow computes right. A damaged file is an error that names the fault.

  --json              print one JSON object, with the sha256 of each tensor
${backendHelp}

Examples:
  byteflow inspect toxicity
  byteflow inspect toxicity --json | jq -r .fingerprint             # compare it with another machine's
  byteflow inspect my.byteflow --json | jq -r .provenance.recipe
  byteflow inspect my.byteflow --json | jq '.tensors | map(.bytes) | add'`;

interface Report extends ModelFile {
  bytes: number;
  sha256: string;
  fingerprint: string;
}

export async function inspect(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { json: { type: 'boolean', default: false }, backend: modelOptions.backend } });
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new UsageError('inspect takes one model');
  const bytes = await readModelBytes(file);
  const fingerprint = await fingerprintOf(bytes, backendOf(values.backend)).catch((error: unknown) => {
    throw withMessage(error, (message) => message.replace('the model bytes', () => file)); // bytes have no name of their own
  });
  const report: Report = { ...readModelFile(bytes), bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), fingerprint };
  await print(values.json ? JSON.stringify(report) : page(report));
}

/** After the core's checks: it tells a model of another kind from one that is damaged. */
async function fingerprintOf(bytes: Uint8Array, backend: Backend | undefined): Promise<string> {
  const model = await loadClassifier(bytes, { backend }).catch((error: unknown) => {
    if (!isAnotherKind(error)) throw error;
    return loadGenerator(bytes, { backend });
  });
  return model.fingerprint().finally(() => model.dispose());
}

async function readModelBytes(nameOrFile: string): Promise<Buffer> {
  return readFile(locateModel(nameOrFile)).catch((cause: Error) => {
    throw new Failure(`cannot read ${nameOrFile}: ${cause.message}`, { cause });
  });
}

function page(report: Report): string {
  const { name, version, bytes, sha256, config, labels, calibration, tensors, activations, provenance, weights_sha256, fingerprint } = report;
  const sections = {
    [`${name}, format version ${version}, ${bytes.toLocaleString('en')} bytes`]: `${table([['sha256', 'of'], [sha256, 'the file'], [weights_sha256, `the weights, ${verdict(report)}`]])}\nfingerprint ${fingerprint}`,
    Configuration: table([['field', 'value'], ...Object.entries(config).map(([field, value]) => [field, String(value)])]),
    ...(labels.length > 0 && { Labels: table([['label', 'slope', 'offset', 'threshold'], ...labels.map((label, i) => [label, calibration.slope[i]!, calibration.offset[i]!, calibration.threshold[i]!])]) }),
    Tensors: table([
      ['tensor', 'type', 'shape', 'bytes', 'min', 'max', 'scales'],
      ...tensors.map(({ name, type, shape, bytes, min, max, scales }) => [name, type, shape.join(' x '), bytes, min, max, scales === null ? '' : range(scales)]),
    ]),
    Activations: table([['activation', 'scale', 'zero point', 'from', 'to'], ...activations.map((a) => [a.name, a.scale, a.zero_point, a.min, a.max])]),
    Provenance: Object.entries(provenance).map(([field, text]) => `${field}:\n${text.trimEnd().split('\n').map((line) => `  ${printable(line)}`).join('\n')}`).join('\n'),
  };
  return Object.entries(sections).map(([title, body]) => `${title}\n${body}`.trimEnd()).join('\n\n');
}

const range = ({ count, min, max }: { count: number; min: number; max: number }): string => (count === 1 ? digits(min) : `${count}: ${digits(min)} to ${digits(max)}`);

function verdict({ weights_sha256, provenance }: Report): string {
  const written = provenance['weights_sha256'];
  if (written === undefined) return 'of which its provenance says nothing';
  return written === weights_sha256 ? 'as its provenance says' : `but its provenance says ${written}`;
}
