import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { Failure, UsageError } from './failure.js';
import { inOrder } from './in-order.js';
import { splitLines } from './lines.js';
import { modelHelp } from './model.js';
import { parseRow } from './rows.js';
import { openScorer, type Scorer, scorerOptions, workersHelp } from './scorer.js';

export const help = `Usage: byteflow serve [options]

Scores texts over HTTP until it is stopped (Ctrl+C, SIGTERM): it takes no new requests then, and finishes those under way.

  GET  /              what the server runs: {"model", "backend", "labels", "thresholds", "maxBytes"}; HEAD / gives the headers alone
  POST /score         a text (text/plain, UTF-8) gives one JSON object: {"labels": {NAME: PROBABILITY}, "bytes", "truncated"};
                      lines of JSON objects with a string "text" (application/x-ndjson) give one such line each, as they come and in
                      order; a line that is wrong gives {"error"} in its place

  --port N            default: 8080; 0 takes any that is free
  --host NAME         the address that is listened on; default: 127.0.0.1, which only this machine reaches. There is no encryption and no
                      password: put a proxy that has both before it, if others shall reach it
  --max-bytes N       the longest text, or line, that is taken; default: 1048576
  --max-requests N    requests under way, above which more are answered with 503; default: 64
                      A connection on which nothing moves for a minute is closed
  --flag              name the labels whose probability reaches the model's threshold, as "flagged": [NAME]
${workersHelp}
${modelHelp}

Examples:
  byteflow serve --port 8080 --workers 2
  curl --data 'have a nice day' http://127.0.0.1:8080/score
  curl --data-binary @comments.ndjson -H 'content-type: application/x-ndjson' http://127.0.0.1:8080/score`;

export async function serve(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      ...scorerOptions,
      port: { type: 'string', default: '8080' },
      host: { type: 'string', default: '127.0.0.1' },
      'max-bytes': { type: 'string', default: '1048576' },
      'max-requests': { type: 'string', default: '64' },
    },
  });
  const port = wholeNumber('--port', values.port, 0, 65_535);
  const limits = { bytes: wholeNumber('--max-bytes', values['max-bytes'], 1, 1 << 24), requests: wholeNumber('--max-requests', values['max-requests'], 1, 1 << 16) };
  const scorer = await openScorer({ ...values, json: true });
  try {
    const server = scoringServer(scorer, limits);
    await listen(server, port, values.host);
    const { address, family, port: listening } = server.address() as AddressInfo;
    console.error(`byteflow: listening on http://${family === 'IPv6' ? `[${address}]` : address}:${listening}/`);
    await untilStopped(server);
  } finally {
    await scorer.close();
  }
}

interface Limits {
  bytes: number;
  requests: number;
}

/** A request that is answered with an error of its own. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }
}

const idleTime = 60_000; // ms without a byte, after which a connection is closed

function scoringServer(scorer: Scorer, limits: Limits): Server {
  let underWay = 0;
  const server = createServer(async (request, response) => {
    underWay++;
    if (!server.listening) response.setHeader('connection', 'close');
    try {
      if (underWay > limits.requests) throw new Refusal(503, `${limits.requests} requests are under way: try again later`, { 'retry-after': '1' });
      await answer(request, response, scorer, limits);
    } catch (error) {
      refuse(request, response, error);
    } finally {
      underWay--;
    }
  });
  server.requestTimeout = 0; // a stream of lines may take hours; one that stands still is closed
  server.timeout = idleTime;
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, scorer: Scorer, limits: Limits): Promise<void> {
  const path = request.url!.replace(/\?.*$/, '');
  if (path !== '/' && path !== '/score') throw new Refusal(404, 'there are GET / and POST /score');
  const methods = path === '/' ? ['GET', 'HEAD'] : ['POST'];
  if (!methods.includes(request.method!)) throw new Refusal(405, `${path} takes ${methods.join(' and ')}`, { allow: methods.join(', ') });
  if (path === '/') return send(response, 200, JSON.stringify(scorer.about));

  const type = contentType(request);
  switch (type) {
    case 'text/plain':
    case 'application/x-www-form-urlencoded': // what curl says by itself; the body is taken as it is
      return send(response, 200, await scorer.score([await wholeText(request, limits.bytes)]));
    case 'application/x-ndjson':
      return scoreStream(request, response, scorer, limits.bytes);
    default:
      throw notTaken(type === '' ? 'an empty content type' : `the content type ${type}`);
  }
}

/** The type of the body. What it is encoded in comes first: other bytes would be scored as if they were UTF-8. */
function contentType({ headers }: IncomingMessage): string {
  const encoding = headers['content-encoding'] || 'identity';
  if (encoding.toLowerCase() !== 'identity') throw notTaken(`the content encoding ${encoding}`, { 'accept-encoding': 'identity' });
  const given = headers['content-type'] ?? 'text/plain';
  const charset = /;\s*charset="?([^\s;"]*)/i.exec(given)?.[1] || 'utf-8';
  if (!/^utf-?8$/i.test(charset)) throw notTaken(`the charset ${charset}`);
  return given.replace(/;.*$/, '').trim().toLowerCase();
}

const notTaken = (what: string, headers?: Record<string, string>): Refusal =>
  new Refusal(415, `${what} is not taken here: a body is text/plain or application/x-ndjson, in UTF-8 and not compressed`, headers);

async function wholeText(request: IncomingMessage, most: number): Promise<string> {
  const tooLong = () => new Refusal(413, `a text is at most ${most} bytes here (--max-bytes)`);
  if (Number(request.headers['content-length']) > most) throw tooLong();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(request)) {
    bytes += chunk.length;
    if (bytes > most) throw tooLong();
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

async function scoreStream(request: IncomingMessage, response: ServerResponse, scorer: Scorer, most: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const results = async function* () {
    let first = 1;
    const numbered = async function* () {
      for await (const lines of splitLines(chunksOf(request), 'the request', most)) {
        // A chunk has at most 64 KB, so its lines may go together.
        yield { lines, first };
        first += lines.length;
      }
    };
    const work = ({ lines, first }: { lines: string[]; first: number }) => scoredRows(lines, first, scorer);
    try {
      for await (const printed of inOrder(numbered(), work, scorer.atOnce)) if (printed !== '') yield `${printed}\n`;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      yield `${JSON.stringify({ error: error.message })}\n`; // a line that is too long: where the next one begins is not known
    }
  };
  // A reader that is slow holds back the scoring, and that the sender; one that leaves ends both.
  const body = Readable.from(results());
  await new Promise<void>((resolve, reject) => pipeline(body, response, (error) => (error ? reject(error) : resolve())));
  linger(request);
}

/** What is printed of lines of NDJSON: one line each, but for blank ones. */
async function scoredRows(lines: readonly string[], first: number, scorer: Scorer): Promise<string> {
  const rows = lines.map((text, i) => (text.trim() === '' ? undefined : parsed(text, first + i))).filter((row) => row !== undefined);
  const texts = rows.filter((row) => typeof row === 'string');
  const scored = texts.length === 0 ? [] : (await scorer.score(texts)).split('\n');
  return rows.map((row) => (typeof row === 'string' ? scored.shift()! : JSON.stringify(row))).join('\n');
}

function parsed(text: string, number: number): string | { error: string } {
  try {
    return parseRow({ text, file: 'line', number }).text;
  } catch (error) {
    if (error instanceof Failure) return { error: error.message };
    throw error;
  }
}

function send(response: ServerResponse, status: number, json: string, headers: Record<string, string> = {}): void {
  const body = `${json}\n`;
  // The length is given, since HEAD has the headers of GET and no body to count.
  const all = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers };
  response.writeHead(status, all).end(body);
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (request.destroyed && !request.complete) return void response.destroy(); // the client has left
  const refusal = error instanceof Refusal ? error : new Refusal(500, error instanceof Error ? error.message : String(error));
  if (refusal.status === 500) console.error(`byteflow: ${request.method} ${request.url}: ${refusal.message}`);
  if (response.headersSent) return void response.destroy(); // too late to say it
  send(response, refusal.status, JSON.stringify({ error: refusal.message }), refusal.headers);
  linger(request);
}

// An iteration that ends early closes the connection, and with it the way of the answer.
const chunksOf = (request: IncomingMessage): AsyncIterable<Buffer> => request.iterator({ destroyOnReturn: false });

const lingerTime = 1_000; // ms in which a client that still sends can read the answer: closed at once, the connection would be reset

function linger(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  setTimeout(() => request.complete || request.destroy(), lingerTime);
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening').catch((cause: NodeJS.ErrnoException) => {
    const fault = cause.code === 'EADDRINUSE' ? 'it is taken; --port chooses another' : cause.message;
    throw new Failure(`cannot listen on ${host} port ${port}: ${fault}`, { cause });
  });
}

const graceTime = 10_000; // ms for the requests under way when the server is stopped

/** Resolves when the server has been stopped and its requests are done; a second signal ends them at once. */
async function untilStopped(server: Server): Promise<void> {
  const stopped = once(server, 'close');
  const stop = () => {
    if (!server.listening) return server.closeAllConnections();
    console.error('byteflow: stopping; requests under way are finished');
    server.close();
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), graceTime).unref();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, stop);
  await stopped;
  for (const signal of signals) process.off(signal, stop);
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) throw new UsageError(`${option} is a number from ${least} to ${most}, not ${text}`);
  return value;
}
