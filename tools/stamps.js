// A stamp lies inside what was made and holds a hash of what it was made from: deleting the one, or changing the other, makes it anew.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRoot } from './paths.js';

const made = new Set(['node_modules', 'dist', 'generated', '.stamp']);

function* filesUnder(path) {
  if (!existsSync(path)) return;
  if (statSync(path).isFile()) {
    yield path;
    return;
  }
  for (const name of readdirSync(path).sort()) {
    if (!made.has(name)) yield* filesUnder(join(path, name));
  }
}

function hashOf(inputs, settings) {
  const hash = createHash('sha256').update(JSON.stringify(settings));
  for (const input of inputs) {
    for (const file of filesUnder(inRoot(input))) hash.update(`\0${file}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** Calls `make` unless the stamp at `path` fits `inputs` (files and folders, from the root) and `settings`. */
export async function unlessStamped(path, inputs, settings, make) {
  const stamp = inRoot(path);
  const hash = hashOf(inputs, settings);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  rmSync(stamp, { force: true }); // so that a break half-way is seen
  await make();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}
