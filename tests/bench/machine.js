// What the figures were measured on.
import { existsSync, readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

// What decides how fast 8-bit products are (x86, then Arm).
const telling = ['avx2', 'avx_vnni', 'avx_vnni_int8', 'avx512_vnni', 'asimddp', 'i8mm'];

export function machine() {
  const cores = cpus();
  const flags = existsSync('/proc/cpuinfo') ? new Set(readFileSync('/proc/cpuinfo', 'utf8').split(/\s+/)) : undefined;
  return {
    cpu: cores[0].model.trim(),
    cores: cores.length,
    features: flags && telling.filter((flag) => flags.has(flag)),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release().split('-')[0]}`,
    load: Number(loadavg()[0].toFixed(2)), // before the run: a busy machine gives lower figures
  };
}
