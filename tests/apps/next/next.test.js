// Next: scored on the server for the first view, and in the browser afterwards.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { launch } from '../../browser/chromium.js';
import { build, check, expectedScores, folderOf } from '../app.js';

test('next: the server imports and scores, the browser goes on', async () => {
  build('next');
  const program = folderOf('next/node_modules/next/dist/bin/next');
  const server = spawn(process.execPath, [program, 'start', '--port', '0'], { cwd: folderOf('next'), env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' } });
  const browser = await launch();
  try {
    let output = '';
    const address = await new Promise((resolve, reject) => {
      const listen = (text) => {
        output += text;
        const found = output.match(/http:\/\/localhost:\d+/);
        if (found !== null) resolve(found[0]);
      };
      for (const stream of [server.stdout, server.stderr]) stream.setEncoding('utf8').on('data', listen);
      server.on('close', () => reject(new Error(`next ended: ${output}`)));
    });
    const html = await (await fetch(address)).text();
    assert.match(html, new RegExp(`<p id="server">${(await expectedScores())[0]}</p>`));
    await check(await browser.newContext(), `${address}/`);
  } finally {
    server.kill();
    await browser.close();
  }
});
