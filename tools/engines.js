// The JavaScript engines that tests run: the user's Node, and those of tests/engines where there is a package of them for this system.
import { existsSync } from 'node:fs';
import { inRoot } from './paths.js';

const here = (programs) => programs.filter((program) => existsSync(program));
const installed = (path) => inRoot(`tests/engines/node_modules/${path}`);

/** The user's Node, then newer ones; the last is the newest. */
export const nodes = () => here([process.execPath, ...['node22', 'node24'].map((name) => installed(`${name}/bin/node`))]);

export const deno = installed('@deno/linux-x64-glibc/deno');
export const bun = installed('@oven/bun-linux-x64-baseline/bin/bun');
/** The edge runtime of Cloudflare Workers. */
export const workerd = installed('@cloudflare/workerd-linux-64/bin/workerd');
