// All faults, by the fuzzer that must find them.
import { readFileSync } from 'node:fs';
import { inRoot } from '../../../tools/paths.js';
import { kernels } from './kernels.js';
import { layers } from './layers.js';
import { searches } from './search.js';
import { texts } from './text.js';

export const faults = Object.entries({ kernels, layers, search: searches, text: texts }).flatMap(([fuzzer, list]) => list.map((fault) => ({ fuzzer, ...fault })));

/** The source that a fault is planted in, as it is. */
export function soundSource({ fuzzer, name, file, from }) {
  const sound = readFileSync(inRoot(file), 'utf8');
  if (sound.split(from).length !== 2) throw new Error(`${file} does not hold exactly once what the fault "${name}" replaces: bring tests/fuzz/faults/${fuzzer}.js up to date`);
  return sound;
}
