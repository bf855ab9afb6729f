// What the command line says of long work on standard error.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, mock, test } from 'node:test';
import { build } from 'rolldown';

const { output } = await build({ input: join(import.meta.dirname, '../../web/src/cli/progress.ts'), platform: 'node', write: false, logLevel: 'silent' });
const { LineProgress } = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);

after(() => mock.restoreAll());

/** What is written of work that adds lines at given seconds and ends at another. */
function told(isTTY, adds, end, reader = { bytesRead: 0, totalBytes: undefined }) {
  let [now, written] = [0, ''];
  const clock = mock.method(performance, 'now', () => 1_000 * now);
  const write = mock.method(process.stderr, 'write', (text) => (written += text));
  const wasTTY = process.stderr.isTTY;
  process.stderr.isTTY = isTTY;
  try {
    const progress = new LineProgress(reader);
    for (const [at, lines] of adds) {
      now = at;
      progress.add(lines);
    }
    now = end;
    progress.end();
  } finally {
    process.stderr.isTTY = wasTTY;
    for (const { mock } of [clock, write]) mock.restore();
  }
  return written;
}

test('a log: a line each half minute and the sum of long work, nothing of shorter work', () => {
  assert.equal(told(false, [[3, 1]], 29.9), '');
  assert.equal(told(false, [[10, 20_000], [31, 1_000], [40, 1_000], [62, 3_000]], 70), ['21,000 lines  31.0 s  677/s', '25,000 lines  62.0 s  403/s', '25,000 lines  70.0 s  357/s'].map((line) => `byteflow: ${line}\n`).join(''));
});

test('a terminal: a bar after two seconds, and the sum in its place', () => {
  const wipe = '\r\x1b[K';
  assert.equal(told(true, [[1, 500]], 1.9), '');
  assert.equal(told(true, [[1, 500], [2, 500], [2.05, 500], [4, 500]], 5), `${wipe}1,000 lines  2.0 s  500/s${wipe}2,000 lines  4.0 s  500/s${wipe}2,000 lines  5.0 s  400/s\n`);
  const half = `${'█'.repeat(15).padEnd(30)} 50%  `;
  assert.equal(told(true, [[4, 1]], 5, { bytesRead: 50, totalBytes: 100 }), `${wipe}${half}1 line  4.0 s  0.25/s${wipe}1 line  5.0 s  0.2/s\n`);
});

test('one line is no lines, slow work has a rate that is not 0, and no lines need no word', () => {
  assert.equal(told(false, [[31, 1]], 60), 'byteflow: 1 line  31.0 s  0.032/s\nbyteflow: 1 line  60.0 s  0.017/s\n');
  assert.equal(told(true, [], 10), '');
});
