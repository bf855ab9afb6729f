// docs/api.md: what TypeDoc makes of the declarations that the package ships.
import { readFileSync } from 'node:fs';
import { inRoot } from './paths.js';

export const apiPageFile = inRoot('docs/api.md');

/** The page as it should be; `run(program, args)` fails when TypeDoc has a warning. */
export async function apiPage(run) {
  await run(inRoot('tests/gates/node_modules/.bin/typedoc'), ['--options', inRoot('tests/gates/typedoc.json')]);
  return `<!-- Made by \`npm run docs\` from the comments in web/src. -->\n\n${readFileSync(inRoot('build/api/api.md'), 'utf8')}`;
}
