import { ByteflowError, reason } from './errors.js';

// As much as the core reads of a model (core/src/model/limits.h); an answer without an end would fill the memory.
const longestFile = 1 << 28;

export interface ReadOptions {
  signal?: AbortSignal | undefined;
  /** Called as bytes arrive; `total` is undefined when the server does not say. */
  onBytes?: ((loaded: number, total: number | undefined) => void) | undefined;
}

/** An address as a URL; a relative one is taken from the page's, where there is a page. */
export function resolveUrl(address: string | URL): URL {
  const base = globalThis.location?.href;
  if (!URL.canParse(address, base)) {
    throw new ByteflowError('invalid-argument', `${JSON.stringify(address)} is not a URL; for a path of the file system pass pathToFileURL(path) or the bytes`);
  }
  return new URL(address, base);
}

/** All bytes of an address; a `file:` URL is read from the file system (Node, Deno, Bun). `what` names it in errors. */
export async function readBytes(url: URL, what: string, options: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await (url.protocol === 'file:' ? readFile(url, what, options) : download(url, what, options));
  if (isHtml(bytes)) {
    throw new ByteflowError('unexpected-html', `${url} is a web page, not ${what}: servers answer so for addresses they do not know; check where the file is served`);
  }
  return bytes;
}

async function download(url: URL, what: string, { signal, onBytes }: ReadOptions): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url, { signal: signal ?? null }).catch((cause: unknown) => {
    throw failed(url, what, cause, signal);
  });
  if (!response.ok) {
    const code = response.status === 404 ? 'not-found' : 'network';
    throw new ByteflowError(code, `${what} could not be read: ${url} answered ${response.status} ${response.statusText}`.trimEnd());
  }
  // The length of a compressed body is not the length of the file.
  const length = response.headers.has('content-encoding') ? null : response.headers.get('content-length');
  const total = length === null ? undefined : Number(length);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let loaded = 0;
  const reader = response.body?.getReader();
  const read = () => reader?.read().catch((cause: unknown) => {
    throw failed(url, what, cause, signal);
  });
  try {
    for (let part = await read(); part?.value !== undefined; part = await read()) {
      chunks.push(part.value);
      loaded += part.value.length;
      if (loaded > longestFile) throw new ByteflowError('over-limit', `${what} could not be read: ${url} has more than ${longestFile} bytes`);
      onBytes?.(loaded, total);
    }
  } finally {
    void reader?.cancel().catch(() => {}); // what is left is not wanted: of a file without an end, or after a callback that threw
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

// Without a Response: the first one makes Node load its whole fetch, which takes longer than everything else from import to score.
async function readFile(url: URL, what: string, { signal, onBytes }: ReadOptions): Promise<Uint8Array<ArrayBuffer>> {
  // Not an import: bundlers for pages follow `import('node:fs')` and fail on it.
  const fs = globalThis.process?.getBuiltinModule?.('node:fs/promises');
  if (fs === undefined) throw new ByteflowError('unsupported', `${what} could not be read: this engine cannot open ${url}`);
  const bytes = await fs.readFile(url, signal ? { signal } : {}).catch((cause: NodeJS.ErrnoException) => {
    signal?.throwIfAborted();
    const code = cause.code === 'ENOENT' ? 'not-found' : 'network';
    throw new ByteflowError(code, `${what} could not be read: ${cause.message}`, { cause });
  });
  onBytes?.(bytes.length, bytes.length);
  return bytes;
}

function failed(url: URL, what: string, cause: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  return new ByteflowError('network', `${what} could not be read from ${url}: ${reason(cause)}`, { cause });
}

// By content, for servers mislabel it; the first 64 bytes hold the start of any page.
function isHtml(bytes: Uint8Array): boolean {
  return /^\s*<(!doctype|html)/i.test(new TextDecoder().decode(bytes.subarray(0, 64)));
}
