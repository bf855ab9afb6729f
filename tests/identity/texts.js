// What is scored: texts that are hard on purpose, and real comments where the data folder is there.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// Valid and invalid UTF-16 alike: a lone surrogate becomes U+FFFD on its way to bytes, in every program.
export const hardTexts = [
  '',
  'a',
  '\0',
  'null\0inside\0',
  '😀',
  '😀'.repeat(500),
  '\ud83d',
  '\ude00 reversed \ud83d',
  'a'.repeat(2 ** 20),
  'é'.repeat(1000),
  `${'a'.repeat(381)}😀😀`, // 4-byte characters across a cut at 384 bytes
  'שלום עולם, מה שלומך היום?',
  'مرحبا بالعالم',
  '\u202etxet desrever\u202c',
  'Ünïcödé mixed with кириллица, 漢字, ひらがな and देवनागरी 👩‍👩‍👧‍👦',
  '\ufeffbyte order mark',
  'line\r\nbreaks\n\n\tand tabs',
  Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join(''),
  'x́'.repeat(300),
  'you are a wonderful person',
];

/** The first `count` comments of the test split, or undefined where there is no data folder. */
export async function realComments(count, dataFolder) {
  const file = join(dataFolder, 'toxicity/wiki_toxic.jsonl.xz');
  if (!existsSync(file)) return undefined;
  const xz = spawn('xz', ['--decompress', '--stdout', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const texts = [];
  for await (const line of createInterface({ input: xz.stdout })) {
    const { text, split } = JSON.parse(line);
    if (split === 'test') texts.push(text);
    if (texts.length === count) break;
  }
  xz.kill();
  return texts;
}
