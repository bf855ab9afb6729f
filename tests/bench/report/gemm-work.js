// What dense layers would take at the figures of gemm alone.

/** Products of all texts, and the time in ms that they would take at gemm's figures of 32 rows; NaN without a measurement. */
export function gemmWork(row) {
  const dense = row?.layers?.kernels.filter(({ kernel }) => kernel === 'gemm') ?? [];
  if (dense.length === 0) return { macs: NaN, ideal: NaN };
  let macs = 0;
  let ideal = 0;
  for (const layer of dense) {
    macs += layer.macs;
    ideal += layer.macs / gemmFigure(row, layer) / 1e6;
  }
  return { macs, ideal };
}

/** GMAC/s of a layer's shape with 32 rows, in the same engine and backend. */
export const gemmFigure = ({ gemm }, { inputs, outputs }) => gemm.find((other) => other.rows === 32 && other.inputs === inputs && other.outputs === outputs)?.gmacs;

/** ms that all comments took. */
export const wholeTime = ({ all }) => all.mean * all.count;
