/** Numbers of passes over all texts: as many as a slow backend has time for, and two at least. */
export function* passes({ quick }) {
  const [most, longest] = quick ? [2, 0] : [7, 15_000]; // ms
  const started = performance.now();
  for (let pass = 0; pass < 2 || (pass < most && performance.now() - started < longest); pass++) yield pass;
}
