import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { loadClassifier } from 'byteflow';
import { smallModelBytes, smallModelUrl } from './models.js';

const wasm = readFileSync(new URL(import.meta.resolve('byteflow/wasm/byteflow-scalar.wasm')));
const page = '<!doctype html><title>Home</title>';

const answers = {
  '/model': [200, 'application/octet-stream', smallModelBytes()],
  '/wasm': [200, 'application/wasm', wasm],
  '/wasm-mislabelled': [200, 'application/octet-stream', wasm],
  '/wasm-truncated': [200, 'application/wasm', wasm.subarray(0, 1000)],
  '/wasm-truncated-mislabelled': [200, 'text/plain', wasm.subarray(0, 1000)],
  '/page': [200, 'text/html', page],
  '/broken': [503, 'text/plain', 'later'],
};

let server;
let base;

before(async () => {
  server = createServer((request, response) => {
    if (request.url === '/stalled') return response.writeHead(200).flushHeaders();
    if (request.url === '/half') return response.on('close', () => server.emit('half closed')).write(smallModelBytes().subarray(0, 100));
    const [status, type, body] = answers[request.url] ?? [404, 'text/plain', 'no'];
    response.writeHead(status, { 'content-type': type, 'content-length': body.length }).end(body);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  base = `http://127.0.0.1:${server.address().port}`;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

test('a model comes over HTTP, with progress', async () => {
  const seen = [];
  const classifier = await loadClassifier(`${base}/model`, { onProgress: ({ loaded, total }) => seen.push(loaded / total) });
  assert.equal(classifier.model, 'wide');
  assert.equal(seen.at(-1), 1);
});

test('the WebAssembly file comes over HTTP, whatever its declared type', async () => {
  for (const path of ['/wasm', '/wasm-mislabelled']) {
    assert.equal((await loadClassifier(smallModelUrl, { backend: 'scalar', wasmUrl: base + path })).backend, 'scalar');
  }
});

test('the WebAssembly file can be passed as bytes or compiled', async () => {
  assert.equal((await loadClassifier(smallModelUrl, { backend: 'scalar', wasmBinary: wasm })).backend, 'scalar');
  assert.equal((await loadClassifier(smallModelUrl, { backend: 'scalar', wasmModule: new WebAssembly.Module(wasm) })).backend, 'scalar');
});

const rejects = (source, options, code, message) => assert.rejects(loadClassifier(source, options), { name: 'ByteflowError', code, message });

test('a file that is not there is named', async () => {
  await rejects(`${base}/gone`, {}, 'not-found', /model file.*\/gone answered 404/);
  await rejects(pathToFileURL('/no/such.byteflow'), {}, 'not-found', /model file.*\/no\/such\.byteflow/);
  await rejects(smallModelUrl, { backend: 'scalar', wasmUrl: `${base}/gone` }, 'not-found', /WebAssembly file \(scalar\).*\/gone/);
  await rejects('missing', {}, 'not-found', /"missing"; there is .*\btoxicity\b/);
});

test('a web page in place of a file is said to be one', async () => {
  await rejects(`${base}/page`, {}, 'unexpected-html', /\/page is a web page, not the model file/);
  await rejects(smallModelUrl, { backend: 'scalar', wasmUrl: `${base}/page` }, 'unexpected-html', /web page, not byteflow's WebAssembly file/);
});

test('a damaged WebAssembly file is named', async () => {
  for (const path of ['/wasm-truncated', '/wasm-truncated-mislabelled']) {
    await rejects(smallModelUrl, { backend: 'scalar', wasmUrl: base + path }, 'bad-wasm', new RegExp(path));
  }
  const foreign = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0); // valid, and empty
  await rejects(smallModelUrl, { backend: 'scalar', wasmBinary: foreign }, 'bad-wasm', /scalar/);
});

test('a server in trouble and a server that is not there are network errors', async () => {
  await rejects(`${base}/broken`, {}, 'network', /503/);
  await rejects('http://127.0.0.1:9/model', {}, 'network', /127\.0\.0\.1:9/);
});

test('an abort stops a download', async () => {
  const reason = new Error('enough');
  const controller = new AbortController();
  const loading = loadClassifier(`${base}/stalled`, { signal: controller.signal });
  setTimeout(() => controller.abort(reason), 50);
  await assert.rejects(loading, reason);
});

test('what onProgress throws is passed on as it is, and ends the download', async () => {
  const fault = new Error('a bug of the page');
  const onProgress = ({ phase }) => {
    if (phase === 'model') throw fault;
  };
  const closed = once(server, 'half closed');
  for (const source of [smallModelUrl, `${base}/half`]) await assert.rejects(loadClassifier(source, { onProgress }), fault);
  await closed;
});

test('a signal that is null is none, as for fetch', async () => {
  for (const source of [smallModelUrl, `${base}/model`]) {
    const classifier = await loadClassifier(source, { signal: null });
    assert.equal((await classifier.score('text', { signal: null })).bytes, 4);
  }
});

test('options that are null are a TypeError, and unknown ones are ignored, as README.md says', async () => {
  await assert.rejects(loadClassifier(smallModelUrl, null), TypeError);
  const classifier = await loadClassifier(smallModelUrl, { backends: 'quantum' });
  for (const call of ['score', 'explain', 'logits']) {
    await assert.rejects(classifier[call]('text', null), TypeError);
    assert.deepEqual(await classifier[call]('text', { labels: 'none' }), await classifier[call]('text'));
  }
  await assert.rejects(classifier.fingerprint(null), TypeError);
});

test('arguments that make no sense are named', async () => {
  await rejects(7, {}, 'invalid-argument', /not by number/);
  await rejects('a/relative.path', {}, 'invalid-argument', /"a\/relative\.path" is not a URL/);
  await rejects(smallModelUrl, { backend: 'quantum' }, 'invalid-argument', /relaxed, simd128, scalar, not "quantum"/);
  await rejects(smallModelUrl, { wasmBinary: wasm }, 'invalid-argument', /need `backend`/);
});
