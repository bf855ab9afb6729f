import { Failure } from './failure.js';
import type { Line } from './lines.js';

/** One object of an NDJSON file. */
export interface Row {
  text: string;
  split: string | undefined;
  /** A label that is absent is unknown, not zero. */
  labels: Map<string, number>;
}

/** A text and what it is to become, any of the targets. */
export interface Pair {
  source: string;
  targets: string[];
  split: string | undefined;
}

/** Parses a line of NDJSON; an error names the file and the line. */
export function parseRow(line: Line): Row {
  const { text, labels, ...value } = parseObject(line);
  if (typeof text !== 'string') throw fault(line, 'no string "text"');
  const split = splitOf(line, value);
  if (labels !== undefined && !isObject(labels)) throw fault(line, '"labels" is not an object');
  const known = Object.entries(labels ?? {}).filter(([, target]) => target !== null);
  return { text, split, labels: new Map(known.map(([label, target]) => [label, probability(line, label, target)])) };
}

/** Parses a line of NDJSON; an error names the file and the line. */
export function parsePair(line: Line): Pair {
  const { source, targets, ...value } = parseObject(line);
  if (typeof source !== 'string') throw fault(line, 'no string "source"');
  if (!Array.isArray(targets) || targets.length === 0 || !targets.every((target) => typeof target === 'string')) throw fault(line, 'no strings "targets"');
  return { source, targets, split: splitOf(line, value) };
}

export const isBlank = (line: Line): boolean => line.text.trim() === '';

function parseObject(line: Line): Record<string, unknown> {
  const value = parseJson(line);
  if (!isObject(value)) throw fault(line, 'not a JSON object');
  return value;
}

function splitOf(line: Line, { split }: Record<string, unknown>): string | undefined {
  if (split !== undefined && typeof split !== 'string') throw fault(line, '"split" is not a string');
  return split;
}

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
