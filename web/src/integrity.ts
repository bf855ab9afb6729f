import { ByteflowError } from './errors.js';

const algorithms = ['sha512', 'sha384', 'sha256']; // strongest first
const pattern = /^(sha(?:256|384|512))-([A-Za-z0-9+/]+={0,2})$/;

/** What a script's `integrity` attribute holds: digests with spaces between them, of which those of the strongest algorithm count. */
export function parseIntegrity(integrity: string): { algorithm: string; digests: string[] } {
  const found = String(integrity).trim().split(/\s+/).map((part) => {
    const match = pattern.exec(part);
    if (match === null) throw new ByteflowError('invalid-argument', `integrity must look like "sha256-" and a digest in Base64, not ${JSON.stringify(part)}`);
    return match;
  });
  const algorithm = algorithms.find((name) => found.some((match) => match[1] === name))!;
  return { algorithm, digests: found.filter((match) => match[1] === algorithm).map((match) => match[2]!) };
}

/** Rejects unless the bytes have a digest of `integrity`. */
export async function checkIntegrity(bytes: Uint8Array<ArrayBuffer>, integrity: string, origin: string): Promise<void> {
  const { algorithm, digests } = parseIntegrity(integrity);
  // Absent in pages that came over plain HTTP: better no model than one that was not checked.
  if (globalThis.crypto?.subtle === undefined) {
    throw new ByteflowError('unsupported', `${origin}: its integrity cannot be checked, since this page is not a secure context; serve it over HTTPS`);
  }
  const digest = await crypto.subtle.digest(algorithm.replace('sha', 'SHA-'), bytes);
  const actual = btoa(String.fromCharCode(...new Uint8Array(digest)));
  if (!digests.includes(actual)) throw new ByteflowError('integrity', `${origin} is not the file that was asked for: its digest is ${algorithm}-${actual}, not ${integrity}`);
}
