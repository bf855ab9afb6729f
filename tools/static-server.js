// Serves a folder of files on this machine only.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** Serves at `port`, or at a free one where that is taken; 0 takes a free one. `headers` go with every file. Gives the address and how to stop. */
export async function serve(folder, port = 0, headers = {}) {
  const server = createServer(async (request, response) => {
    const path = decodePath(request.url);
    const file = path === undefined ? undefined : join(folder, path.endsWith('/') ? `${path}index.html` : path);
    const found = file !== undefined && (await stat(file).catch(() => undefined))?.isFile();
    if (!found) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
      return;
    }
    const type = types[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache', ...headers });
    createReadStream(file).pipe(response);
  });
  const listening = await listen(server, port).catch((error) => {
    if (error.code !== 'EADDRINUSE') throw error;
    return listen(server, 0);
  });
  return { address: `http://localhost:${listening}/`, close: () => server.close() };
}

/** The path below the folder, or undefined when there is none. */
function decodePath(url) {
  try {
    const path = normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname));
    return path.split(sep).includes('..') || path.includes('\0') ? undefined : path;
  } catch {
    return undefined;
  }
}

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, 'localhost', () => {
      server.off('error', reject);
      resolve(server.address().port);
    });
  });
}
