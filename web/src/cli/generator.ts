import { type Generator, loadGenerator } from 'byteflow';
import { UsageError } from './failure.js';
import { backendHelp, backendOf, openModel } from './model.js';

// A corrector's lexicon chooses among what was found, so more is looked for; chosen on the dev splits that the model's card names.
const defaultBeams = { 'civil-rewrite': '4', autocorrect: '12' } as const;

/** The bundled models that write, each the default of its commands. */
type WriterName = keyof typeof defaultBeams;

/** Options of every command that runs a model which writes. */
export const generatorOptions = (model: WriterName) =>
  ({
    model: { type: 'string', default: model },
    backend: { type: 'string' },
    beams: { type: 'string', default: defaultBeams[model] },
    'max-bytes': { type: 'string' },
  }) as const;

export const generatorHelp = (model: WriterName) => `  --beams N           texts that are followed side by side, and so candidates; 1 is fastest; default: ${defaultBeams[model]}
  --max-bytes N       the longest text to write; default: the longest that the model can; more is lowered to that
  --model NAME|FILE   a bundled model or a .byteflow file; default: ${model}
${backendHelp}`;

export interface GeneratorValues {
  model: string;
  backend?: string | undefined;
  beams: string;
  'max-bytes'?: string | undefined;
}

export interface Writer {
  generator: Generator;
  /** What the options say, as `generate` takes it. */
  search: { beams: number; maxBytes: number | undefined };
}

export async function openWriter({ model, backend, beams, 'max-bytes': maxBytes }: GeneratorValues): Promise<Writer> {
  const search = { beams: wholeNumber('--beams', beams), maxBytes: maxBytes === undefined ? undefined : wholeNumber('--max-bytes', maxBytes) };
  const options = { backend: backendOf(backend) };
  const generator = await openModel(model, (url) => loadGenerator(url, options), '`byteflow score` and `byteflow explain` run it');
  if (search.beams > generator.maxBeams) throw new UsageError(`--beams is at most ${generator.maxBeams}, not ${search.beams}`);
  return { generator, search };
}

export function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`${option} is a whole number from 1 on, not ${text}`);
}
