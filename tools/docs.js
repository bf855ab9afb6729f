// npm run docs: writes docs/api.md.
import { writeFileSync } from 'node:fs';
import { apiPage, apiPageFile } from './api-page.js';
import { installGates } from './node-packages.js';
import { makePackage } from './package.js';
import { command, step } from './steps.js';
import { packTarball } from './tarball.js';

await command(async () => {
  await makePackage({});
  await packTarball();
  await installGates();
  await step('docs/api.md', 'TypeDoc says in the log what is wrong', async (run) => writeFileSync(apiPageFile, await apiPage(run)));
});
