import { createReadStream, type ReadStream, statSync } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Failure } from './failure.js';

export interface Line {
  text: string;
  file: string;
  number: number; // from 1
}

export const fileHelp = `  FILE                - is standard input, which is read where no file is named; .gz files are unpacked, and so is gzip that comes in by
                      standard input`;

const chunkBytes = 1 << 14; // little enough that what is read is not far ahead of what is done, which progress tells by it

/** Lines of files, `.gz` ones unpacked, `-` being standard input; memory holds one line and one chunk. */
export class LineReader {
  /** Bytes of all files; undefined when standard input is among them. */
  readonly totalBytes: number | undefined;
  #bytesOfFinishedFiles = 0;
  #current: ReadStream | undefined;

  constructor(readonly files: readonly string[]) {
    const sizes = files.map(sizeOf);
    this.totalBytes = sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, size) => sum + size!, 0);
  }

  /** Bytes read so far, as stored. */
  get bytesRead(): number {
    return this.#bytesOfFinishedFiles + (this.#current?.bytesRead ?? 0);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Line> {
    for await (const lines of this.chunks()) yield* lines;
  }

  /** The lines as they come in: those of a chunk together. */
  async *chunks(): AsyncGenerator<Line[]> {
    for (const file of this.files) {
      this.#current = file === '-' ? undefined : createReadStream(file, { highWaterMark: chunkBytes });
      const stream = this.#current ?? process.stdin;
      let number = 0;
      const plain = file.endsWith('.gz') ? unpacked(stream) : file === '-' ? unpackedIfGzip(stream) : stream;
      for await (const texts of splitLines(plain, file)) yield texts.map((text) => ({ text, file, number: ++number }));
      this.#bytesOfFinishedFiles = this.bytesRead;
      this.#current = undefined;
    }
  }
}

function sizeOf(file: string): number | undefined {
  if (file === '-') return undefined;
  try {
    const { size } = statSync(file);
    return size;
  } catch (cause) {
    throw cannotRead(file, cause);
  }
}

export function unpacked(stream: Readable): Readable {
  return pipeline(stream, createGunzip(), () => {}); // an error reaches whoever reads the result
}

/** Standard input has no name that tells; no text in UTF-8 begins as gzip does. */
async function* unpackedIfGzip(stream: Readable): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  const following = async function* (head: Buffer) {
    yield head;
    for (let next; !(next = await chunks.next()).done; ) yield next.value;
  };
  try {
    let { value: head = Buffer.of() } = await chunks.next();
    // Only then: a line must not wait for the next one.
    if (head.length === 1 && head[0] === gzipMagic[0]) head = Buffer.concat([head, (await chunks.next()).value ?? Buffer.of()]);
    const all = following(head);
    yield* gzipMagic.every((byte, i) => head[i] === byte) ? unpacked(Readable.from(all)) : all;
  } finally {
    stream.destroy(); // a reader that stops early must not leave the program waiting for input
  }
}

const gzipMagic = [0x1f, 0x8b];

// Far above any text that a model reads, far below what would fill the memory: 16 MB.
const longestLine = 1 << 24;

/** The lines of a stream, those of a chunk together; not by node:readline, which also splits at U+2028 and U+2029: inside a JSON string they are ordinary characters. */
export async function* splitLines(stream: AsyncIterable<Buffer>, name: string, longest = longestLine): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  let restBytes = 0;
  try {
    for await (const chunk of stream) {
      const pieces = decoder.decode(chunk, { stream: true }).split('\n');
      pieces[0] = rest + pieces[0];
      const bytes = bytesOfPieces(chunk);
      bytes[0]! += restBytes;
      const tooLong = bytes.findIndex((count) => count > longest);
      rest = pieces.pop()!;
      restBytes = bytes.at(-1)!;
      const lines = tooLong < 0 ? pieces : pieces.slice(0, tooLong);
      if (lines.length > 0) yield lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
      if (tooLong >= 0) throw new Failure(`${name}: a line is longer than ${longest} bytes`);
    }
  } catch (cause) {
    throw cause instanceof Failure ? cause : cannotRead(name, cause);
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest];
}

/** The lengths of the pieces into which line ends cut a chunk: those of its text, since in UTF-8 this byte is nothing but a line end, and after bytes that are no UTF-8 too. */
function bytesOfPieces(chunk: Buffer): number[] {
  const counts: number[] = [];
  let start = 0;
  for (let end; (end = chunk.indexOf(0x0a, start)) >= 0; start = end + 1) counts.push(end - start);
  return [...counts, chunk.length - start];
}

function cannotRead(file: string, cause: unknown): Failure {
  return new Failure(`cannot read ${file}: ${cause instanceof Error ? cause.message : cause}`, { cause });
}
