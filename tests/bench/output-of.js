import { spawn } from 'node:child_process';
import { root } from '../../tools/paths.js';

/** The standard output of a program; rejects with what it wrote to standard error when it fails. */
export function outputOf(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    child.on('error', reject);
    child.on('close', (code, signal) => (code === 0 ? resolve(output) : reject(new Error(errors.trim() || `${program} ended with ${signal ?? `exit code ${code}`}`))));
  });
}
