// The programs called node that tests run.
import { existsSync } from 'node:fs';
import { inRoot } from './paths.js';

/** The user's, then newer ones where there is a package of them for this system; the last is the newest. */
export const nodes = () => [process.execPath, ...['node22', 'node24'].map((name) => inRoot(`tests/engines/node_modules/${name}/bin/node`))].filter((program) => existsSync(program));
