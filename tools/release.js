// npm run release: everything that a release needs but the release itself. It tests, builds twice, packs, writes the bill of materials, lets npm go through the
// motions, and says what a person types then.
import { readFileSync } from 'node:fs';
import { command, step, StepFailed } from './steps.js';
import { inRoot } from './paths.js';
import { packTarball, tarball } from './tarball.js';

const read = (path) => readFileSync(inRoot(path), 'utf8');

/** What stands in the way, as sentences. `status` is what `git status --porcelain` prints, `tags` what `git tag --list` does. */
export function obstacles({ version, changelog, demoNeeds, status, tags }) {
  const isWritten = changelog.split('\n').some((line) => line.startsWith(`## ${version}, `) && /\d{4}-\d\d-\d\d$/.test(line));
  return [
    !/^\d+\.\d+\.\d+$/.test(version) && `web/package.json has the version ${version}, which is none of the form 1.2.3`,
    !isWritten && `CHANGELOG.md has no section "## ${version}, YEAR-MONTH-DAY"`,
    demoNeeds !== version && `demo/package.json needs byteflow ${demoNeeds}, not ${version}`,
    status !== '' && `there are changes that are not committed:\n${status.trimEnd()}`,
    tags.split('\n').includes(`v${version}`) && `there is a tag v${version} already: raise the version in web/package.json`,
  ].filter(Boolean);
}

/** Commands of package.json that a release waits for, and what it means when one fails: the tests first, since they build what the others read. */
export const checks = [
  ['test', 'a test fails, or a suite could not be set up'],
  ['test:apps', 'an app fails, or Next could not be set up'],
  ['aarch64', 'a test fails on Arm, or a fingerprint differs there'],
  ['coverage', 'a test or the corpus of a fuzzer fails, or too few lines are run'],
  ['reproduce', 'two builds of the last commit differ'],
  ['sbom', 'the bill of materials could not be written'],
];

async function release() {
  const { version } = JSON.parse(read('web/package.json'));
  await step('is it ready?', 'git says why in the log', async (run) => {
    const found = obstacles({
      version,
      changelog: read('CHANGELOG.md'),
      demoNeeds: JSON.parse(read('demo/package.json')).dependencies.byteflow,
      status: await run('git', ['status', '--porcelain']),
      tags: await run('git', ['tag', '--list']),
    });
    if (found.length > 0) throw new StepFailed(`Not yet:\n${found.map((sentence) => `- ${sentence}`).join('\n')}`);
  });
  for (const [name, advice] of checks) await step(`npm run ${name}`, advice, (run) => run('npm', ['run', name]));
  await packTarball();
  await step('npm publish --dry-run', 'npm says why in the log', (run) => run('npm', ['publish', '--dry-run', tarball]));
  process.stdout.write(`\nReady; the bill of materials is build/byteflow.cdx.json, the coverage build/coverage/html/index.html. To release ${version}:\n\n  npm publish ${tarball}\n  git tag v${version} && git push --tags\n`);
}

if (process.argv[1] === import.meta.filename) await command(release);
