// What must be installed on the system, and how it gets there.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { StepFailed, step } from './steps.js';

const forBuild = {
  why: 'to build the WebAssembly modules',
  packages: ['cmake', 'ninja-build', 'python3', 'flatbuffers-compiler', 'libflatbuffers-dev', 'doctest-dev'],
  commands: ['cmake', 'ninja', 'python3', 'flatc'],
};
const forToolchain = {
  why: 'as the compiler under Emscripten',
  packages: ['clang-19', 'lld-19', 'llvm-19'],
  commands: ['emcc'],
};
const forTests = {
  why: 'to run the tests',
  packages: [
    ...['build-essential', 'libsimde-dev', 'chromium', 'xz-utils', 'curl'],
    ...['python3-distributed', 'python3-dask'], // for docs/cluster.md
    ...['python3-torch', 'python3-sklearn', 'python3-tqdm', 'python3-matplotlib', 'python3-flatbuffers', 'python3-pytest', 'fasttext'],
    'libopenblas0-pthread', // PyTorch takes whatever BLAS is there, and the reference one is slow
  ],
  commands: ['c++', 'chromium', 'xz', 'curl'],
};
const forBench = {
  why: 'to run the benchmarks',
  packages: ['build-essential', 'libsimde-dev', 'libbenchmark-dev', 'chromium', 'xz-utils', 'python3-torch', 'python3-flatbuffers'],
  commands: ['c++', 'chromium', 'xz'],
};

const forFuzz = {
  why: 'to fuzz and to measure coverage',
  packages: ['clang-19', 'llvm-19', 'libclang-rt-19-dev', 'libsimde-dev'],
  commands: ['clang++-19', 'llvm-cov-19'],
};

const forAarch64 = {
  why: 'to build for aarch64 and to run it here',
  packages: ['build-essential', 'libsimde-dev', 'g++-aarch64-linux-gnu', 'qemu-user'],
  commands: ['c++', 'aarch64-linux-gnu-g++', 'qemu-aarch64'],
};

export function onPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export async function installSystemPackages({ tests = false, bench = false, fuzz = false, aarch64 = false }) {
  const chosen = [...(tests ? [forTests] : []), ...(bench ? [forBench] : []), ...(fuzz ? [forFuzz] : []), ...(aarch64 ? [forAarch64] : [])];
  const groups = [forBuild, ...(onPath('emcc') ? [] : [forToolchain]), ...chosen];
  await step('system packages', 'apt-get could not install them; check the network, then run the same command again', async (run) => {
    if (!existsSync('/etc/debian_version')) return requireCommands(groups);
    const missing = [];
    for (const { why, packages } of groups) {
      const installed = await installedAmong(run, packages);
      const absent = packages.filter((name) => !installed.has(name));
      if (absent.length > 0) missing.push({ why, packages: absent });
    }
    if (missing.length > 0) await install(run, missing);
  });
}

async function installedAmong(run, packages) {
  // dpkg-query fails when one name is unknown, but still lists the others.
  const query = `dpkg-query --show --showformat '\${Package} \${db:Status-Status}\\n' ${packages.join(' ')} || true`;
  const lines = (await run('sh', ['-c', query])).split('\n');
  return new Set(lines.filter((line) => line.endsWith(' installed')).map((line) => line.split(' ')[0]));
}

async function install(run, missing) {
  const names = missing.flatMap(({ packages }) => packages);
  const reasons = missing.map(({ why, packages }) => `${packages.join(' ')} ${why}`).join('; ');
  const prefix = process.getuid() === 0 ? [] : ['sudo'];
  if (prefix.length > 0 && !onPath('sudo')) {
    throw new StepFailed(`Packages are missing and there is no sudo; run this as root, then the same command again: apt-get install ${names.join(' ')}`);
  }
  process.stderr.write(`installing ${reasons} ... `);
  const apt = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=600'];
  // A broken source that has nothing to do with these packages is no reason to stop.
  await run('sh', ['-c', '"$@" || true', 'sh', ...apt, 'update']);
  await run(apt[0], [...apt.slice(1), 'install', '--yes', '--no-install-recommends', ...names]);
}

function requireCommands(groups) {
  const missing = groups.flatMap(({ commands }) => commands).filter((program) => !onPath(program));
  if (missing.length === 0) return;
  throw new StepFailed(
    `Packages are installed by themselves only on Debian 12; here, put ${missing.join(', ')} on PATH, with the headers of FlatBuffers, doctest, SIMDe and Google Benchmark ` +
      `(CMake 3.25, Emscripten 3.1.60 and Python 3.9 or newer), then run the same command again.`,
  );
}
