// What dense layers would take at the figures of gemm alone.

/** Products of all texts, and the time in ms that they would take at gemm's figures of 32 rows. */
export function gemmWork(row) {
  const dense = row?.layers?.kernels.filter(({ kernel }) => kernel === 'gemm') ?? [];
  if (dense.length === 0) return { macs: NaN, ideal: NaN };
  return { macs: sum(dense, ({ macs }) => macs), ideal: sum(dense, (layer) => layer.macs / gemmFigure(row, layer) / 1e6) };
}

/** GMAC/s of a layer's shape with 32 rows, in the same engine and backend. */
export const gemmFigure = ({ gemm }, { inputs, outputs }) => gemm.find((other) => other.rows === 32 && other.inputs === inputs && other.outputs === outputs)?.gmacs;

const sum = (list, of) => list.reduce((total, item) => total + of(item), 0);
