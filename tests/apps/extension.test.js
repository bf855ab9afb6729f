// A real extension, unpacked: its page has the address chrome-extension://ID/, where no worker and no file of the package is needed.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { launchProfile } from '../browser/chromium.js';
import { build, check, folderOf } from './app.js';

// Chromium's id of an unpacked extension: the first half of a digest of its path, in the letters a to p.
const idOf = (folder) =>
  createHash('sha256').update(folder).digest('hex').slice(0, 32).replace(/./g, (digit) => 'abcdefghijklmnop'[parseInt(digit, 16)]);

test('extension: a page with byteflow/inline and the model in its script', async () => {
  build('extension');
  const folder = folderOf('extension');
  const profile = mkdtempSync(join(tmpdir(), 'byteflow-profile-'));
  const context = await launchProfile(profile, [`--disable-extensions-except=${folder}`, `--load-extension=${folder}`]);
  try {
    await check(context, `chrome-extension://${idOf(folder)}/popup.html`, { workers: 0 });
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
});
