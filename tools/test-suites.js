// Every suite: how to run it and how to read its counts.
import { readdirSync } from 'node:fs';
import { nodes } from './engines.js';
import { installApps, installGates, installNext } from './node-packages.js';
import { inRoot } from './paths.js';
import { packTarball } from './tarball.js';

// Debian's, which has the packages that the set-up installs; the first python3 on PATH may be another.
const python = '/usr/bin/python3';

const testFiles = (folder) =>
  readdirSync(inRoot(folder))
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => `${folder}/${name}`)
    .sort();

// Each gives { passed, failed, skipped } from a runner's closing lines, or undefined where there are none.
function numbers(output, patterns) {
  const found = Object.entries(patterns).map(([key, pattern]) => [key, output.match(pattern)?.[1]]);
  if (found.every(([, text]) => text === undefined)) return undefined;
  return Object.fromEntries(found.map(([key, text]) => [key, Number(text ?? 0)]));
}
const doctest = (output) =>
  numbers(output, { passed: /test cases:.*?(\d+) passed/, failed: /test cases:.*?(\d+) failed/, skipped: /test cases:.*?(\d+) skipped/ });
const nodeTest = (output) => numbers(output, { passed: /^ℹ pass (\d+)$/m, failed: /^ℹ fail (\d+)$/m, skipped: /^ℹ skipped (\d+)$/m });
const pytest = (output) =>
  numbers(output, { passed: /^.*?(\d+) passed.* in [\d.]+s/m, failed: /^.*?(\d+) (?:failed|error).* in [\d.]+s/m, skipped: /^.*?(\d+) skipped.* in [\d.]+s/m });
const plain = (output) => numbers(output, { passed: /^(\d+) passed/m, failed: /(\d+) failed/m, skipped: /(\d+) skipped/m });

const onNode = (folder) => ['--test', '--test-reporter=spec', ...testFiles(folder)];

/** `setUp` are steps that a suite needs beside the common ones; a heavy one is run only when it is named. */
export const suites = () => [
  { name: 'core, native with sanitizers', program: inRoot('build/native/byteflow_tests'), args: [], count: doctest },
  { name: 'core, wasm scalar', program: process.execPath, args: ['build/wasm-scalar/byteflow_tests.cjs'], count: doctest },
  { name: 'core, wasm simd128', program: nodes().at(-1), args: ['build/wasm-simd128/byteflow_tests.cjs'], count: doctest },
  ...(nodes().length > 1 ? [{ name: 'core, wasm relaxed', program: nodes().at(-1), args: ['build/wasm-relaxed/byteflow_tests.cjs'], count: doctest }] : []),
  { name: 'package', program: process.execPath, args: onNode('tests/web'), count: nodeTest },
  ...(nodes().length > 1 ? [{ name: 'package, newer Node', program: nodes().at(-1), args: ['--test', '--test-reporter=spec', 'tests/web/golden.test.js', 'tests/web/classifier.test.js', 'tests/web/generator-golden.test.js', 'tests/web/generator.test.js'], count: nodeTest }] : []),
  { name: 'fuzz', program: process.execPath, args: ['tools/fuzz.js', '--seconds', '4'], count: plain },
  { name: 'training', program: python, args: ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'tests/training'], count: pytest },
  { name: 'identity', program: process.execPath, args: ['tests/identity/compare.js', ...nodes().flatMap((node) => ['--node', node])], count: plain },
  { name: 'fingerprints', program: process.execPath, args: ['tests/identity/fingerprints.js', ...nodes().flatMap((node) => ['--node', node])], count: plain },
  { name: 'hostile', program: process.execPath, args: onNode('tests/hostile'), count: nodeTest },
  { name: 'faults', program: process.execPath, args: onNode('tests/faults'), count: nodeTest },
  { name: 'soak, Node', program: process.execPath, args: ['--expose-gc', 'tests/soak/soak.js', '--calls', '3000'], count: plain },
  { name: 'soak, Chromium', program: process.execPath, args: ['tests/soak/soak.js', '--browser', '--calls', '500'], count: plain },
  { name: 'browser', program: process.execPath, args: onNode('tests/browser'), count: nodeTest },
  { name: 'documentation', program: process.execPath, args: onNode('tests/docs'), count: nodeTest, setUp: [packTarball, installApps] },
  { name: 'gates', program: process.execPath, args: onNode('tests/gates'), count: nodeTest, setUp: [packTarball, installGates] },
  { name: 'apps', program: process.execPath, args: onNode('tests/apps'), count: nodeTest, setUp: [packTarball, installApps] },
  { name: 'apps, Next', program: process.execPath, args: onNode('tests/apps/next'), count: nodeTest, setUp: [packTarball, installNext], isHeavy: true },
];
