// The fenced blocks of a page of documentation.
import { readFileSync } from 'node:fs';

const fence = /^( *)```(\S+)(?: (\S+))?\n([^]*?)^\1```$/gm;
const nameInFirstLine = /^(?:\/\/|#|<!--) ([\w.-]+\.\w+)\b/;

/** Each has a language, a place where it runs if it is not the usual one, the file that its first line names, its text, and the line where it begins. */
export function blocksOf(file) {
  const page = readFileSync(file, 'utf8');
  return [...page.matchAll(fence)].map(({ 1: indent, 2: language, 3: place, 4: body, index }) => {
    const text = body.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    return { language, place, text, name: text.match(nameInFirstLine)?.[1], line: page.slice(0, index).split('\n').length };
  });
}
