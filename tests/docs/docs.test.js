// Every block of code in the documentation runs as it stands there: see README.md.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { bun, deno } from '../../tools/engines.js';
import { inRoot, root } from '../../tools/paths.js';
import { serve } from '../../tools/static-server.js';
import { tarball } from '../../tools/tarball.js';
import { launch } from '../browser/chromium.js';
import { blocksOf } from './blocks.js';

const pages = ['README.md', 'web/README.md', ...readdirSync(inRoot('docs')).filter((name) => name.endsWith('.md') && name !== 'api.md').map((name) => `docs/${name}`)];

const scratch = mkdtempSync(join(tmpdir(), 'byteflow-docs-'));
const modules = join(scratch, 'node_modules');
const env = { ...process.env, PATH: [join(modules, '.bin'), dirname(process.execPath), '/usr/bin', process.env.PATH].join(delimiter) };

/** Runs a program; what it printed is shown when it fails. */
function run(program, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, env, encoding: 'utf8', timeout: 300_000 });
  assert.equal(status, 0, `${program} ended with ${status ?? error}\n${stdout}${stderr}`);
}

let browser;
before(async () => {
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--prefix', scratch, tarball], scratch);
  for (const [name, target] of [['vite', 'vite'], ['.bin/vite', 'vite/bin/vite.js'], ['.bin/esbuild', 'esbuild/bin/esbuild']]) symlinkSync(inRoot('tests/apps/node_modules', target), join(modules, name));
  for (const program of [deno, bun].filter(existsSync)) symlinkSync(program, join(modules, '.bin', basename(program)));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  rmSync(scratch, { recursive: true });
});

for (const page of pages) {
  const blocks = blocksOf(inRoot(page));
  if (blocks.length === 0) continue;
  test(page, async (t) => {
    const folder = join(scratch, page.replaceAll('/', '-'));
    mkdirSync(folder);
    cpSync(join(import.meta.dirname, 'given'), folder, { recursive: true });
    symlinkSync(modules, join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'byteflow'));
    // First the files, so that a page may show one before those that it needs.
    for (const { name, text } of blocks) if (name !== undefined) writeFileSync(join(folder, name), text);
    for (const block of blocks) await t.test(`${page}:${block.line}, ${block.name ?? block.language}`, { skip: lacks(block) }, () => runBlock(block, folder));
    if (existsSync(join(folder, 'dist/index.html'))) await t.test(`${page}, as it was bundled`, () => open(join(folder, 'dist'), 'index.html', { isScored: true }));
  });
}

/** Why a block cannot run here: an engine that has no package for this system, or a model that is not released yet. */
function lacks({ text }) {
  const engine = ['deno', 'bun'].find((name) => new RegExp(`^${name} `, 'm').test(text) && !existsSync(join(modules, '.bin', name)));
  if (engine !== undefined) return `there is no ${engine} here`;
  const models = { 'civil-rewrite': /civil-rewrite|byteflow rewrite/, autocorrect: /autocorrect|byteflow correct/ };
  const absent = Object.entries(models).filter(([name, pattern]) => pattern.test(text) && !existsSync(inRoot(`models/${name}.byteflow`)));
  return absent.length > 0 && `there is no model ${absent.map(([name]) => name).join(', ')} yet`;
}

async function runBlock({ language, place, text, name, line }, folder) {
  if (language === 'sh') return run('bash', ['-eu', '-c', text], folder);
  if (language === 'html') {
    assert(name !== undefined, 'a page begins with its name: <!-- page.html -->');
    return open(folder, name, { isScored: /\bscore\b/.test(text), isOffline: text.includes('serviceWorker.register') });
  }
  if (language === 'js' && place === 'page') {
    writeFileSync(join(folder, `block-${line}.js`), text);
    writeFileSync(join(folder, `block-${line}.html`), pageAround(`block-${line}.js`));
    return open(folder, `block-${line}.html`, { isScored: /(score|output)\.textContent/.test(text) });
  }
  if (name !== undefined) return; // another block uses it
  assert.equal(language, 'js', `nothing runs ${language}`);
  writeFileSync(join(folder, `block-${line}.mjs`), text);
  run(process.execPath, [`block-${line}.mjs`], folder);
}

const pageAround = (script) => `<!doctype html>
<meta charset="utf-8">
<script type="importmap">{ "imports": { "byteflow": "./node_modules/byteflow/dist/index.js" } }</script>
<textarea id="text"></textarea> <output id="score"></output> <output id="output"></output>
<script type="module" src="${script}"></script>`;

/** Opens a page: nothing may fail, and where it scores, a score appears once somebody types. */
async function open(folder, path, { isScored, isOffline = false }) {
  const server = await serve(folder);
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const faults = [];
    page.on('console', (message) => message.type() === 'error' && !message.location().url.endsWith('/favicon.ico') && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.stack));
    await page.goto(`${server.address}${path}`, { waitUntil: 'networkidle' });
    if (isScored) await showsScore(page, faults);
    if (isOffline) {
      await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
      await context.setOffline(true);
      await page.reload();
      await showsScore(page, faults);
    }
    assert.deepEqual(faults, []);
  } finally {
    await context.close();
    server.close();
  }
}

async function showsScore(page, faults) {
  const hasScore = () => page.evaluate(() => [...document.querySelectorAll('output')].some(({ textContent }) => textContent !== ''));
  for (let tries = 0; !(await hasScore()); tries++) {
    assert(tries < 150, `no score appears\n${faults.join('\n')}`);
    await page.fill('#text', `you are a stupid idiot${' '.repeat(tries % 2)}`); // the listener may not be there yet
    await page.waitForTimeout(200);
  }
}
