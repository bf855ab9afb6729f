/** The results with those parts of earlier ones that were not run again; of another machine there are none. */
export function withEarlier(results, earlier) {
  if (earlier.machine.cpu !== results.machine.cpu || earlier.machine.cores !== results.machine.cores) return results;
  return { ...earlier, ...results, runs: { ...earlier.runs, ...results.runs } };
}
