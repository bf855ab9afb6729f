import { Failure } from './failure.js';
import type { Line } from './lines.js';

/** One object of an NDJSON file. */
export interface Row {
  text: string;
  split: string | undefined;
  /** A label that is absent is unknown, not zero. */
  labels: Map<string, number>;
}

/** Parses a line of NDJSON; an error names the file and the line. */
export function parseRow(line: Line): Row {
  const value = parseJson(line);
  if (!isObject(value)) throw fault(line, 'not a JSON object');
  const { text, split, labels } = value;
  if (typeof text !== 'string') throw fault(line, 'no string "text"');
  if (split !== undefined && typeof split !== 'string') throw fault(line, '"split" is not a string');
  if (labels !== undefined && !isObject(labels)) throw fault(line, '"labels" is not an object');
  const known = Object.entries(labels ?? {}).filter(([, target]) => target !== null);
  return { text, split, labels: new Map(known.map(([label, target]) => [label, probability(line, label, target)])) };
}

export const isBlank = (line: Line): boolean => line.text.trim() === '';

function parseJson(line: Line): unknown {
  try {
    return JSON.parse(line.text);
  } catch (cause) {
    throw fault(line, `not JSON: ${(cause as Error).message}`);
  }
}

function probability(line: Line, label: string, value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) throw fault(line, `label "${label}" is not a number from 0 to 1`);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fault({ file, number }: Line, what: string): Failure {
  return new Failure(`${file}:${number}: ${what}`);
}
