import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

// Chromium talks to its maker by itself; a test that counts requests wants silence.
const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];

function requireProgram() {
  if (!existsSync(executablePath)) throw new Error(`no Chromium at ${executablePath}: install it (apt-get install chromium), or say where it is in CHROMIUM`);
}

export async function launch() {
  requireProgram();
  return chromium.launch({ executablePath, args });
}

/** A browser that keeps a profile in a folder, as extensions need it. */
export async function launchProfile(folder, more) {
  requireProgram();
  return chromium.launchPersistentContext(folder, { executablePath, args: [...args, ...more], ignoreDefaultArgs: ['--disable-extensions'] });
}
