// The command line as its users run it.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

export const program = join(import.meta.dirname, '../../web/bin/byteflow.js');
export const scratch = mkdtempSync(join(tmpdir(), 'byteflow-cli-'));
after(() => rmSync(scratch, { recursive: true }));

/** Writes a file that is gone after the tests; gives its path. */
export function file(name, content) {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
}

/** Runs the command line with a text as its standard input. */
export function byteflow(args, input = '') {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args]);
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
    child.on('close', (code) => resolve({ code, out, err, json: () => out.trimEnd().split('\n').map((line) => JSON.parse(line)) }));
    child.stdin.on('error', () => {}); // a program that stops early need not read all
    child.stdin.end(input);
  });
}
