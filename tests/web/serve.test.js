// `byteflow serve`: the answers, the limits, and how it ends.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { loadClassifier } from 'byteflow';
import { byteflow, program } from './command-line.js';
import { smallModel, smallModelUrl } from './models.js';

/** A server of the small model on a free port. */
async function start(...args) {
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', '--model', smallModel, ...args]);
  let err = '';
  const address = await new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      err += text;
      const found = err.match(/listening on (http:\S+)\//);
      if (found !== null) resolve(found[1]);
    });
    child.on('close', () => reject(new Error(`the server ended: ${err}`)));
  });
  const ended = once(child, 'close');
  const stop = async (signal = 'SIGTERM') => {
    child.kill(signal);
    return (await ended)[0];
  };
  return { address, stop, errors: () => err };
}

const post = (address, body, type = 'text/plain') => fetch(`${address}/score`, { method: 'POST', body, headers: { 'content-type': type } });
const ndjson = 'application/x-ndjson';
const lines = async (response) => (await response.text()).trimEnd().split('\n').map((line) => JSON.parse(line));
const classifier = await loadClassifier(smallModelUrl);

let server;
before(async () => (server = await start('--max-bytes', '5000')));
after(() => server.stop());

test('it listens on this machine alone, and says what it runs', async () => {
  assert.match(server.address, /^http:\/\/127\.0\.0\.1:\d+$/);
  const { labels, thresholds, maxBytes, model, backend } = await (await fetch(server.address)).json();
  assert.deepEqual({ labels, thresholds, maxBytes, model, backend }, { labels: [...classifier.labels], thresholds: classifier.thresholds, maxBytes: 130, model: 'wide', backend: classifier.backend });
});

test('HEAD gives the headers of GET, and no body', async () => {
  for (const path of ['/', '/nothing']) {
    const [got, headed] = await Promise.all(['GET', 'HEAD'].map((method) => fetch(`${server.address}${path}`, { method })));
    // fetch asks for connections of other kinds by the two methods.
    const headersOf = ({ headers }) => Object.fromEntries([...headers].filter(([name]) => !['date', 'connection', 'keep-alive'].includes(name)));
    assert.deepEqual([headed.status, headersOf(headed), await headed.text()], [got.status, headersOf(got), '']);
    assert.equal(Number(headed.headers.get('content-length')), (await got.arrayBuffer()).byteLength);
  }
});

test('a text gives one object, equal to the API', async () => {
  for (const text of ['have a nice day', '', 'two\nlines', 'Ünïcödé, 漢字 😀', 'x'.repeat(5_000)]) {
    const response = await post(server.address, text);
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'application/json']);
    assert.deepEqual(await response.json(), await classifier.score(text));
  }
  assert.deepEqual(await (await post(server.address, Buffer.from([0x61, 0xff]))).json(), await classifier.score('a\ufffd'));
  assert.deepEqual(await (await post(server.address, 'a=b&c', 'application/x-www-form-urlencoded')).json(), await classifier.score('a=b&c'));
  for (const type of ['Text/Plain; charset=UTF-8', 'text/plain;x=y;charset="utf8"', 'text/plain; charset=']) assert.deepEqual(await (await post(server.address, 'é', type)).json(), await classifier.score('é'));
  const plain = await fetch(`${server.address}/score`, { method: 'POST', body: 'é', headers: { 'content-encoding': 'Identity' } });
  assert.deepEqual(await plain.json(), await classifier.score('é'));
});

test('NDJSON gives a line each, in order; a wrong line gives an error in its place', async () => {
  const texts = Array.from({ length: 3_000 }, (_, i) => 'y'.repeat(i % 120));
  const rows = texts.map((text) => JSON.stringify({ text }));
  const results = await lines(await post(server.address, rows.join('\n'), ndjson));
  assert.deepEqual(results, await classifier.score(texts));

  const mixed = await lines(await post(server.address, `${rows[1]}\nno json\n\n{"text": 5}\n${rows[2]}\n`, `${ndjson}; charset=utf-8`));
  assert.equal(mixed.length, 4);
  assert.deepEqual([mixed[0], mixed[3]], await classifier.score([texts[1], texts[2]]));
  assert.match(mixed[1].error, /^line:2: not JSON/);
  assert.match(mixed[2].error, /^line:4: no string "text"/);
});

test('a line of NDJSON is answered before the next one comes', async () => {
  const sent = request(`${server.address}/score`, { method: 'POST', headers: { 'content-type': ndjson } });
  sent.write('{"text": "first"}\n');
  const [response] = await once(sent, 'response');
  const [chunk] = await once(response.setEncoding('utf8'), 'data');
  assert.deepEqual(JSON.parse(chunk), await classifier.score('first'));
  sent.end();
  response.resume();
  await once(response, 'end');
});

test('what it does not take is refused, with a reason', async () => {
  const { address } = server;
  const tooLong = 'x'.repeat(5_001);
  const cases = [
    [fetch(`${address}/nothing`), 404, /GET \/ and POST \/score/],
    [fetch(`${address}/score`), 405, /takes POST/],
    [fetch(`${address}/score`, { method: 'HEAD' }), 405],
    [fetch(address, { method: 'POST' }), 405, /takes GET and HEAD$/],
    [post(address, '{}', 'application/json'), 415, /^the content type application\/json is not taken here: a body is text\/plain or application\/x-ndjson, in UTF-8/],
    [post(address, 'text', ''), 415, /^an empty content type is not taken/],
    [post(address, 'text', '; charset=utf-8'), 415, /^an empty content type is not taken/],
    [post(address, 'text', 'text/plain; charset=ISO-8859-1'), 415, /^the charset ISO-8859-1 is not taken/],
    [post(address, '{"text": "a"}', `${ndjson};charset="utf-16"`), 415, /^the charset utf-16 is not taken/],
    [fetch(`${address}/score`, { method: 'POST', body: gzipSync('text'), headers: { 'content-type': 'text/plain', 'content-encoding': 'gzip' } }), 415, /^the content encoding gzip is not taken.* not compressed$/],
    [post(address, tooLong), 413, /5000 bytes/],
    [fetch(`${address}/score`, { method: 'POST', body: new Blob([tooLong]).stream(), duplex: 'half', headers: { 'content-type': 'text/plain' } }), 413, /5000 bytes/],
  ];
  for (const [promise, status, message] of cases) {
    const response = await promise;
    assert.equal(response.status, status);
    if (message === undefined) assert.equal(await response.text(), '');
    else assert.match((await response.json()).error, message);
  }
  const [{ error }] = (await lines(await post(address, `{"text": "${tooLong}${'x'.repeat(70_000)}`, ndjson))).slice(-1);
  assert.match(error, /line is longer than 5000/);
  assert.equal((await post(address, 'still there')).status, 200);
});

test('a line of NDJSON has as many bytes as a text may have, wherever it ends; those before it are answered', async () => {
  const row = (text) => JSON.stringify({ text });
  const ofBytes = (bytes, fill) => row(fill.repeat((bytes - row('').length) / Buffer.byteLength(fill)));
  for (const [fill, most, more] of [['x', 5_000, 5_001], ['漢', 4_997, 5_012]]) {
    const longest = ofBytes(most, fill);
    assert.deepEqual(await lines(await post(server.address, `${longest}\n${longest}`, ndjson)), await classifier.score([longest, longest].map((line) => JSON.parse(line).text)));
    const tooLong = ofBytes(more, fill);
    for (const end of ['', '\n', `\n${row('after')}\n`]) {
      const found = await lines(await post(server.address, `${row('before')}\n${tooLong}${end}`, ndjson));
      assert.deepEqual(found, [await classifier.score('before'), { error: 'the request: a line is longer than 5000 bytes' }]);
    }
  }
});

test('a client that leaves in the middle does no harm', async () => {
  for (let i = 0; i < 5; i++) {
    const sent = request(`${server.address}/score`, { method: 'POST', headers: { 'content-type': ndjson } });
    sent.on('error', () => {});
    sent.write(`${'{"text": "one of many"}\n'.repeat(2_000)}`);
    await once(sent, 'response');
    sent.destroy();
  }
  assert.deepEqual(await (await post(server.address, 'text')).json(), await classifier.score('text'));
  assert.equal(server.errors().trim().split('\n').length, 1, server.errors());
});

test('above the limit of requests it answers 503, and takes new ones afterwards', async () => {
  const small = await start('--max-requests', '1');
  const held = request(`${small.address}/score`, { method: 'POST', headers: { 'content-type': ndjson } });
  held.write('{"text": "a"}\n');
  const [response] = await once(held, 'response');
  const refused = await post(small.address, 'text');
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1']);
  held.end();
  response.resume();
  await once(response, 'end');
  assert.equal((await post(small.address, 'text')).status, 200);
  assert.equal(await small.stop(), 0);
});

test('with workers and --flag: the same answers', async () => {
  const threaded = await start('--workers', '2', '--flag');
  const texts = Array.from({ length: 500 }, (_, i) => 'z'.repeat(i % 90));
  const results = await lines(await post(threaded.address, texts.map((text) => JSON.stringify({ text })).join('\n'), ndjson));
  const expected = (await classifier.score(texts)).map((score) => ({ ...score, flagged: classifier.labels.filter((label) => score.labels[label] >= classifier.thresholds[label]) }));
  assert.deepEqual(results, expected);
  assert.equal(await threaded.stop('SIGINT'), 0);
});

test('stopped, it finishes what is under way and takes nothing new', async () => {
  const { address, stop } = await start();
  const sent = request(`${address}/score`, { method: 'POST', headers: { 'content-type': ndjson } });
  sent.write('{"text": "before"}\n');
  const [response] = await once(sent, 'response');
  let out = '';
  response.setEncoding('utf8').on('data', (text) => (out += text));
  await once(response, 'data');
  const ended = stop();
  await assert.rejects(async () => {
    for (;;) await fetch(address); // until the signal has come through
  });
  sent.end('{"text": "after"}\n');
  await once(response, 'end');
  assert.deepEqual(out.trimEnd().split('\n').map((line) => JSON.parse(line)), await classifier.score(['before', 'after']));
  assert.equal(await ended, 0);
});

test('a port that is taken is an error that names it', async () => {
  const port = new URL(server.address).port;
  const { code, err } = await byteflow(['serve', '--model', smallModel, '--port', port]);
  assert.equal(code, 1);
  assert.match(err, new RegExp(`^byteflow: cannot listen on 127\\.0\\.0\\.1 port ${port}: it is taken; --port chooses another\n$`));
});
