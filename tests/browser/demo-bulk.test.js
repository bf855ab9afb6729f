import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadClassifier } from 'byteflow';
import { startDemo } from './demo-pages.js';

let demo;

before(async () => (demo = await startDemo()));
after(() => demo?.close());

const withBulk = (check) => demo.withDemo({ tab: 'bulk', acceptDownloads: true }, check);

const file = (name, text) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });

const untilDone = (page, timeout = 60_000) => page.waitForFunction(() => document.getElementById('bulk-announce').textContent.startsWith('Done'), undefined, { timeout });

/** Opens a file and waits until it is scored. */
async function score(page, name, text) {
  await page.evaluate(() => (document.getElementById('bulk-announce').textContent = ''));
  await page.setInputFiles('#file', file(name, text));
  await untilDone(page);
}

/** What a button downloads. */
async function download(page, format) {
  const [saved] = await Promise.all([page.waitForEvent('download'), page.click(`#download-${format}`)]);
  assert.equal(saved.suggestedFilename(), `scores.${format}`);
  const chunks = await (await saved.createReadStream()).toArray();
  return Buffer.concat(chunks).toString('utf8');
}

const records = async (page) => (await download(page, 'ndjson')).trimEnd().split('\n').map((line) => JSON.parse(line));

/** The texts that the table shows, once there are so many. */
async function shown(page, size) {
  await page.waitForFunction((size) => document.querySelectorAll('#rows tbody tr:not(.spacer)').length === size, size);
  return page.$$eval('#rows td.text', (cells) => cells.map(({ textContent }) => textContent));
}

test('pasted lines get the scores that the package gives them', () =>
  withBulk(async (page) => {
    const texts = ['Have a nice day.', 'You are a stupid idiot.', 'Ünïcödé, 漢字 and 😀', '=1+2'];
    await page.fill('#pasted', texts.join('\n'));
    await page.click('#bulk-start');
    await untilDone(page);
    assert.deepEqual(await shown(page, 4), texts);
    const classifier = await loadClassifier('toxicity');
    const expected = await classifier.score(texts);
    for (const [i, { text, scores }] of (await records(page)).entries()) {
      assert.equal(text, texts[i]);
      for (const [label, score] of Object.entries(scores)) assert.equal(score, Number(expected[i].labels[label].toPrecision(6)));
    }
    classifier.dispose();
    assert.match(await page.textContent('#histogram-hint'), /^1 of 4 comments \(25%\) reach the threshold/);
  }));

test('CSV: quotes, commas, line breaks, a byte order mark, short records; the other columns come back', () =>
  withBulk(async (page) => {
    await score(page, 'a.csv', '\ufeffid,comment,"na""me"\r\n1,"one, two",x\r\n2,"line\nbreak ""quoted""",y\r\n3\r\n4,,z\r\n\r\n5,last');
    assert.match(await page.textContent('#bulk-status'), /^3 of 3 comments.*Left out: 2 records without a text$/);
    const found = await records(page);
    assert.deepEqual(found.map(({ scores: _, ...rest }) => rest), [
      { id: '1', comment: 'one, two', 'na"me': 'x' },
      { id: '2', comment: 'line\nbreak "quoted"', 'na"me': 'y' },
      { id: '5', comment: 'last' },
    ]);
    assert.deepEqual(await page.$$eval('#bulk-column option', (options) => options.map(({ text }) => text)), ['id', 'comment', 'na"me']);
    await page.evaluate(() => (document.getElementById('bulk-announce').textContent = ''));
    await page.selectOption('#bulk-column', { label: 'na"me' });
    await untilDone(page);
    assert.deepEqual(await shown(page, 3), ['x', 'y', 'z']);
  }));

test('a semicolon or a tab between columns is found out, and characters of several bytes survive', () =>
  withBulk(async (page) => {
    await score(page, 'a.csv', 'nr;text\n1;ein Satz, mit Komma\n2;grüße aus 京都');
    assert.deepEqual(await shown(page, 2), ['ein Satz, mit Komma', 'grüße aus 京都']);
    const long = Array.from({ length: 60_000 }, (_, i) => `${i}\t😀é漢`).join('\n'); // more than a slice
    await page.setInputFiles('#file', file('b.tsv', `nr\ttext\n${long}`));
    await page.waitForFunction(() => document.getElementById('bulk-status').textContent.includes('of 60,000 comments'));
    await page.waitForSelector('#download-ndjson');
    await page.click('#bulk-cancel');
    const texts = new Set((await records(page)).map(({ text }) => text));
    assert.deepEqual([...texts], ['😀é漢']);
  }));

test('NDJSON: strings and objects, and what is broken is counted', () =>
  withBulk(async (page) => {
    const lines = ['{"id": 7, "body": "first", "more": {"a": [1]}}', '{"id": 8, "body": "cut off', '"a bare string"', '{"id": 9, "body": 17}', '', 'null', '{"body": "second", "id": null}'];
    await score(page, 'a.ndjson', lines.join('\r\n'));
    assert.match(await page.textContent('#bulk-status'), /^1 of 1 comment,.*Left out: 3 records without a text; 2 lines that cannot be read$|^2 of 2 comments/);
    const column = await page.$$eval('#bulk-column option', (options) => options.map(({ text }) => text));
    assert.deepEqual(column, ['id', 'body', 'more', 'text']);
    await page.evaluate(() => (document.getElementById('bulk-announce').textContent = ''));
    await page.selectOption('#bulk-column', { label: 'body' });
    await untilDone(page);
    assert.match(await page.textContent('#bulk-status'), /Left out: 2 records without a text; 2 lines that cannot be read$/);
    assert.deepEqual((await records(page)).map(({ scores: _, ...rest }) => rest), [
      { id: 7, body: 'first', more: { a: [1] } },
      { id: null, body: 'second' },
    ]);
  }));

test('what is not what it is said to be does no harm', () =>
  withBulk(async (page) => {
    for (const [format, text] of [['csv', '"never closed, and on\nand on'], ['ndjson', 'no JSON at all'], ['lines', '  \n\n\t\n'], ['csv', ''], ['', '\0\0\0']]) {
      await page.selectOption('#bulk-format', format);
      await page.fill('#pasted', text);
      await page.click('#bulk-start');
      await page.waitForFunction(() => !document.getElementById('bulk-problem').hidden || document.getElementById('bulk-announce').textContent.startsWith('Done'));
      await page.evaluate(() => (document.getElementById('bulk-announce').textContent = ''));
    }
    await page.selectOption('#bulk-format', '');
    await page.fill('#pasted', 'fine again');
    await page.click('#bulk-start');
    await untilDone(page);
    assert.deepEqual(await shown(page, 1), ['fine again']);
    assert.equal(await page.isVisible('#bulk-problem'), false);
  }));

test('CSV that is downloaded is read again as it was, and no spreadsheet runs it', () =>
  withBulk(async (page) => {
    const texts = ['plain', 'with, comma', 'with "quotes"', '=HYPERLINK("x")', '+1', '@sum'];
    await page.fill('#pasted', texts.join('\n'));
    await page.click('#bulk-start');
    await untilDone(page);
    const csv = await download(page, 'csv');
    const [head] = csv.split('\r\n');
    assert.equal(head, 'text,score_toxicity,score_severe_toxicity,score_obscene,score_threat,score_insult,score_identity_attack');
    assert.doesNotMatch(csv, /^"?[=+@]/m);
    await score(page, 'again.csv', csv);
    assert.deepEqual(await shown(page, 6), ['plain', 'with, comma', 'with "quotes"', `'=HYPERLINK("x")`, "'+1", "'@sum"]);
  }));

test('a heading sorts, another press turns the order round', () =>
  withBulk(async (page) => {
    await page.fill('#pasted', 'banana bread is nice\nyou stupid idiot\napple pie is nice\nstupid');
    await page.click('#bulk-start');
    await untilDone(page);
    await shown(page, 4);
    const order = async (heading) => {
      const before = await page.$eval('#rows', (rows) => rows.innerText);
      await page.click(heading);
      await page.waitForFunction((before) => document.getElementById('rows').innerText !== before, before);
      return shown(page, 4);
    };
    assert.deepEqual(await order('#rows th.text button'), ['apple pie is nice', 'banana bread is nice', 'stupid', 'you stupid idiot']);
    assert.deepEqual((await order('#rows th.label button')).slice(0, 2).sort(), ['stupid', 'you stupid idiot']);
    assert.equal(await page.$eval('#rows th.label', (cell) => cell.ariaSort), 'descending');
    assert.deepEqual((await order('#rows th.label button')).slice(2).sort(), ['stupid', 'you stupid idiot']);
    assert.deepEqual(await order('#rows th.number button'), ['banana bread is nice', 'you stupid idiot', 'apple pie is nice', 'stupid']);
    assert.deepEqual((await records(page)).map(({ text }) => text), ['banana bread is nice', 'you stupid idiot', 'apple pie is nice', 'stupid'], 'a download has the order of the table');
  }));

test('rows that may offend are blurred until asked for', () =>
  withBulk(async (page) => {
    await page.fill('#pasted', 'have a nice day\nyou are a stupid idiot');
    await page.click('#bulk-start');
    await untilDone(page);
    await shown(page, 2);
    const covered = () => page.$$eval('#rows td.text span', (texts) => texts.map((text) => [getComputedStyle(text).filter !== 'none', text.ariaHidden, text.title]));
    assert.deepEqual(await covered(), [[false, null, 'have a nice day'], [true, 'true', '']]);
    await page.click('#panel-bulk [data-unveil]');
    assert.deepEqual((await covered()).map(([isBlurred, isHidden]) => [isBlurred, isHidden]), [[false, null], [false, null]]);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'rows');
  }));

test('a file can be dropped', () =>
  withBulk(async (page) => {
    await page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['dropped one\ndropped two'], 'dropped.txt'));
      document.getElementById('drop').dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    });
    await untilDone(page);
    assert.deepEqual(await shown(page, 2), ['dropped one', 'dropped two']);
  }));

test('a cancel ends it at once, keeps what is scored, and leaves the tab usable', () =>
  withBulk(async (page) => {
    await page.setInputFiles('#file', file('long.txt', 'a comment of ordinary length, as people write them\n'.repeat(50_000)));
    await page.waitForSelector('#download-ndjson:visible');
    await page.click('#bulk-cancel');
    await page.waitForFunction(() => /^Cancelled after [\d,]+ comments; they are below$/.test(document.getElementById('bulk-status').textContent));
    const size = (await records(page)).length;
    assert(size > 0 && size < 50_000);
    await page.waitForTimeout(500);
    assert.equal((await records(page)).length, size, 'nothing is scored behind the back');
    await score(page, 'short.txt', 'fine again');
    assert.deepEqual(await shown(page, 1), ['fine again']);
  }));

test('a new file ends the one before', () =>
  withBulk(async (page) => {
    await page.setInputFiles('#file', file('long.txt', 'a comment of the first file\n'.repeat(50_000)));
    await page.waitForFunction(() => document.querySelectorAll('#rows tbody tr:not(.spacer)').length > 0);
    await score(page, 'short.txt', 'of the second file');
    assert.deepEqual(await shown(page, 1), ['of the second file']);
    assert.match(await page.textContent('#bulk-status'), /^1 of 1 comment,/);
  }));

// What a page does in one go, in ms, counts as frozen from here on: far above what drawing a screen of rows takes even on a busy machine, far below what parsing, sorting or
// laying out a hundred thousand rows in the page would.
const frozen = 250;

test('100,000 rows do not freeze the page: they are read, scored, sorted, scrolled and saved', { timeout: 600_000 }, () =>
  withBulk(async (page) => {
    await page.evaluate(() => {
      globalThis.blocks = [];
      new PerformanceObserver((list) => blocks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
    });
    const rows = Array.from({ length: 100_000 }, (_, i) => `${i},"no. ${i}"`);
    const folder = mkdtempSync(join(tmpdir(), 'byteflow-')); // a real file: the bytes of one made up would be unpacked in the page, all at once
    writeFileSync(join(folder, 'large.csv'), `id,text\n${rows.join('\n')}`);
    await page.setInputFiles('#file', join(folder, 'large.csv'));
    await page.waitForFunction(() => document.querySelectorAll('#rows tbody tr:not(.spacer)').length > 5);
    await page.click('#rows th.label button'); // sorted while it grows
    await untilDone(page, 500_000);
    assert.match(await page.textContent('#bulk-status'), /^100,000 of 100,000 comments/);

    await page.click('#rows th.number button');
    for (const share of [0.5, 1, 0.25, 1]) {
      await page.$eval('#rows', (scroller, share) => (scroller.scrollTop = share * scroller.scrollHeight), share);
      await page.waitForTimeout(200);
    }
    await page.waitForFunction(() => [...document.querySelectorAll('#rows td.number')].at(-1)?.textContent === '100,000');
    assert((await page.locator('#rows tbody tr').count()) < 60, 'only the rows that are seen exist');
    await page.click('#rows th.label button');
    await page.waitForFunction(() => document.querySelector('#rows').scrollTop === 0);

    const saved = await records(page);
    assert.equal(saved.length, 100_000);
    const toxicity = saved.map(({ scores }) => scores.toxicity);
    assert(toxicity.every((score, i) => i === 0 || score <= toxicity[i - 1]));
    assert.equal(new Set(saved.map(({ id }) => id)).size, 100_000);

    rmSync(folder, { recursive: true });
    const blocks = await page.evaluate(() => globalThis.blocks);
    const longest = Math.max(0, ...blocks);
    assert(longest < frozen, `the page stood still for ${longest} ms`);
  }));
