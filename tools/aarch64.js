// npm run aarch64: the core, compiled for aarch64 and run under qemu: its whole suite, and the fingerprints of the released models beside this machine's.
import { chmodSync, writeFileSync } from 'node:fs';
import { buildAarch64, buildNativeLogits } from './cmake-builds.js';
import { inRoot } from './paths.js';
import { command, step } from './steps.js';
import { installSystemPackages } from './system-packages.js';

const emulator = ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu'];

await command(async () => {
  await installSystemPackages({ aarch64: true });
  await buildNativeLogits();
  await buildAarch64();
  const tests = await step('core, aarch64', 'a test failed; the log says which', (run) => run(emulator[0], [...emulator.slice(1), inRoot('build/aarch64/byteflow_tests')]));
  process.stdout.write(tests);

  // A program of one name, as the comparison wants it.
  const fingerprint = inRoot('build/aarch64/fingerprint');
  writeFileSync(fingerprint, `#!/bin/sh\nexec ${emulator.join(' ')} "${inRoot('build/aarch64/byteflow_fingerprint')}" "$@"\n`);
  chmodSync(fingerprint, 0o755);
  const natives = [inRoot('build/release/byteflow_fingerprint'), fingerprint].flatMap((program) => ['--native', program]);
  process.stdout.write(
    await step('fingerprints, aarch64', 'one differs; the log says which', (run) => run(process.execPath, ['tests/identity/fingerprints.js', '--native-only', ...natives])),
  );
});
