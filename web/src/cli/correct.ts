import { parseArgs } from 'node:util';
import { Corrector } from './corrector.js';
import { generatorHelp, generatorOptions, openWriter } from './generator.js';
import { LineReader } from './lines.js';
import { onOneLine, print } from './output.js';
import { readTexts, textHelp, textOptions } from './texts.js';

const model = 'autocorrect';

export const help = `Usage: byteflow correct [FILE...] [options]

Corrects the spelling of each line of the files, or of standard input, word by word, as it comes. A word stays as it is where the model says
so, and where it has digits or signs in it, as addresses have.

${textHelp}
  --json              print a JSON object a line: {"text", "words": [{"start", "end", "text", "candidates": [{"text", "score", "complete"}]}]};
                      start and end count UTF-16 units of the line; candidates are the model's, best first
${generatorHelp(model)}

Examples:
  echo 'recieve' | byteflow correct
  byteflow correct letter.txt > corrected.txt
  byteflow correct words.txt --json | jq -c '[.words[0].candidates[].text]'`;

export async function correct(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...generatorOptions(model), ...textOptions, json: { type: 'boolean', default: false } },
  });
  const lines = new LineReader(positionals.length > 0 ? positionals : ['-']);
  const corrector = new Corrector(await openWriter(values));
  for await (const text of readTexts(lines, values)) {
    const correction = await corrector.correct(text);
    await print(values.json ? JSON.stringify(correction) : onOneLine(correction.text));
  }
}
