// An app as its user sees it: opened in Chromium, it shows the score that Node computes, again while somebody types, and nothing goes wrong.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { loadClassifier } from 'byteflow';

export const texts = ['you are a stupid idiot', 'have a nice day'];

/** What every app shows for each text. */
export async function expectedScores(model = 'toxicity') {
  const toxicity = await loadClassifier(model);
  const scores = await toxicity.score(texts);
  toxicity.dispose();
  return scores.map(({ labels }) => labels.toxicity.toFixed(2));
}

export const folderOf = (app) => join(import.meta.dirname, app);

/** Builds an app as its user does. */
export function build(app) {
  execFileSync('npm', ['run', 'build'], { cwd: folderOf(app), stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' } });
}

/** Opens the page; `workers` is how many it has. */
export async function check(context, address, { workers = 1 } = {}) {
  const page = await context.newPage();
  const [faults, requests] = [[], []];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && !isAboutIcon(message) && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.stack));
  page.on('requestfailed', (request) => faults.push(`${request.url()} failed: ${request.failure().errorText}`));
  page.on('response', (response) => response.status() >= 400 && faults.push(`${response.url()} answered ${response.status()}`));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(address);

  const expected = await expectedScores();
  assert.notEqual(expected[0], expected[1]);
  const shows = (score) => page.waitForFunction((score) => document.querySelector('#score').textContent === score, score, { timeout: 30_000 });
  for (const [i, text] of texts.entries()) {
    if (i > 0) await page.fill('#text', text);
    await shows(expected[i]).catch(async () => {
      const shown = await page.textContent('#score');
      assert.fail(`"${text}" shows ${JSON.stringify(shown)}, not ${expected[i]}\n${faults.join('\n')}`);
    });
  }
  assert.deepEqual(faults, []);
  assert.equal(page.workers().length, workers);
  const { origin, protocol } = new URL(address);
  const foreign = requests.filter((url) => (origin === 'null' ? new URL(url).protocol !== protocol : new URL(url).origin !== origin) && !/^(data|blob):/.test(url));
  assert.deepEqual(foreign, []);
  await page.close();
}

// Browsers ask for an icon by themselves.
const isAboutIcon = (message) => message.location().url.endsWith('/favicon.ico');
