// Files that come broken, from a server or beside another: an error that has a name, and the next load works.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { loadClassifier } from 'byteflow';
import { smallModelBytes, smallModelUrl } from '../web/models.js';

const wasm = (backend) => new Uint8Array(readFileSync(new URL(import.meta.resolve(`byteflow/wasm/byteflow-${backend}.wasm`))));
const whole = Buffer.from(smallModelBytes());
const half = whole.subarray(0, whole.length >> 1);

// How a server fails, by path.
const answers = {
  '/whole': (response) => response.writeHead(200, { 'content-length': whole.length }).end(whole),
  '/broken-off': (response) => response.writeHead(200, { 'content-length': whole.length }).write(half, () => response.socket.destroy()),
  '/broken-off-in-chunks': (response) => response.writeHead(200).write(half, () => response.socket.destroy()),
  '/short': (response) => response.writeHead(200).end(half), // as if it were all
  '/endless': (response) => {
    const block = Buffer.alloc(1 << 22);
    const more = () => response.destroyed || response.write(block, more);
    response.writeHead(200);
    more();
  },
};

let server;
let base;

before(async () => {
  server = createServer((request, response) => answers[request.url](response));
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  base = `http://127.0.0.1:${server.address().port}`;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

/** Fails as it should, and leaves nothing behind that the next load meets. */
async function fails(source, options, code, message) {
  await assert.rejects(loadClassifier(source, options), { name: 'ByteflowError', code, message });
  assert.equal((await loadClassifier(`${base}/whole`)).model, 'wide');
}

for (const path of ['/broken-off', '/broken-off-in-chunks']) {
  test(`a connection that is lost half-way (${path})`, async () => {
    await fails(base + path, {}, 'network', new RegExp(`could not be read from .*${path}`));
    await fails(smallModelUrl, { backend: 'scalar', wasmUrl: base + path }, 'network', /WebAssembly file/);
  });
}

test('a file that ends too early', () => fails(`${base}/short`, {}, 'invalid-model', /truncated/));

test('a file without an end: no more is read than a model may have, and the connection is closed', { timeout: 60_000 }, async () => {
  const closed = once(server, 'request').then(([, response]) => once(response, 'close')); // which never ends by itself
  await fails(`${base}/endless`, {}, 'over-limit', /has more than 268435456 bytes/);
  await closed;
});

test('the WebAssembly file of another backend', () => fails(smallModelUrl, { backend: 'scalar', wasmBinary: wasm('simd128') }, 'bad-wasm', /is byteflow .* simd128, and this is byteflow .* scalar/));

test('the WebAssembly file of another version', async () => {
  const { version } = JSON.parse(readFileSync(new URL(import.meta.resolve('byteflow/package.json')), 'utf8'));
  const other = wasm('scalar');
  const at = Buffer.from(other.buffer).indexOf(`${version} scalar`);
  assert(at > 0);
  other[at] = '9'.charCodeAt(0);
  await fails(smallModelUrl, { backend: 'scalar', wasmBinary: other }, 'bad-wasm', /is byteflow 9.* scalar, and this is byteflow .* scalar: serve the files of one version/);
  await fails(smallModelUrl, { backend: 'scalar', wasmModule: new WebAssembly.Module(other) }, 'bad-wasm', /is byteflow 9/);
});
