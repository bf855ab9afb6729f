// How names and numbers are written.

export const readable = (label: string): string => label.replaceAll('_', ' ');

/** A tenth of a percent near the ends, where it matters: 99.7% is not 100%. */
export const percent = (probability: number): string => `${(100 * probability).toFixed(Math.abs(probability - 0.5) > 0.4 ? 1 : 0)}%`;

export const count = (number: number, one: string, many = `${one}s`): string => `${number.toLocaleString('en')} ${number === 1 ? one : many}`;

export function byteSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(0)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
