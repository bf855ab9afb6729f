import { measure } from 'mitata';

/**
 * The time of one call in milliseconds, the best of many: what else a machine does only ever adds. A call should take at least 50 times the
 * resolution of the engine's clock, 5 microseconds in an isolated page.
 */
export async function bestTime(work, { quick }) {
  const { min } = await measure(work, {
    gc: false, // without --expose-gc mitata fills a gigabyte instead
    batch_threshold: 0,
    min_samples: quick ? 5 : 12,
    min_cpu_time: (quick ? 50 : 600) * 1e6, // ns: enough for an engine to compile what is hot
  });
  return min / 1e6;
}
