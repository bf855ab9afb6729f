import { parseArgs } from 'node:util';
import { civilHelp, civilOptions, openToxicity, rankingBy } from './civil.js';
import { generatorHelp, generatorOptions, openWriter } from './generator.js';
import { LineReader } from './lines.js';
import { onOneLine, print } from './output.js';
import { readTexts, textHelp, textOptions, warnIfCut } from './texts.js';

const model = 'civil-rewrite';

export const help = `Usage: byteflow rewrite [FILE...] [options]

Writes each line of the files, or of standard input, anew as it comes: by default a rude sentence as a civil one. One line in, one line out.

${textHelp}
  --json              print a JSON object a line, with all candidates, best first: {"candidates": [{"text", "score", "complete"}], "bytes",
                      "truncated"}; a score is the logarithm of a probability, over a length penalty; what is not complete was cut
${civilHelp}
${generatorHelp(model)}

Examples:
  echo 'this guy is dumb as a post .' | byteflow rewrite
  byteflow rewrite comments.txt --civil-first > civil.txt
  byteflow rewrite comments.txt --json | jq -r '.candidates[].text'`;

export async function rewrite(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...generatorOptions(model), ...textOptions, ...civilOptions, json: { type: 'boolean', default: false } },
  });
  const lines = new LineReader(positionals.length > 0 ? positionals : ['-']);
  const { generator, search } = await openWriter(values);
  const rank = rankingBy(values['civil-first'] ? await openToxicity(values) : undefined);
  for await (const text of readTexts(lines, values)) {
    const generation = await generator.generate(text, search);
    const candidates = await rank(generation.candidates);
    if (!values.json) warnIfCut(text, generation, generator);
    await print(values.json ? JSON.stringify({ ...generation, candidates }) : onOneLine(candidates[0]!.text));
  }
}
