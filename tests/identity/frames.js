// Texts as bytes between programs: each a uint32 little-endian length and its bytes.

export function toFrames(texts) {
  const encoded = texts.map((text) => Buffer.from(text, 'utf8'));
  return Buffer.concat(
    encoded.flatMap((bytes) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}

export function* fromFrames(frames) {
  for (let at = 0; at < frames.length; ) {
    const length = frames.readUInt32LE(at);
    yield frames.toString('utf8', at + 4, at + 4 + length);
    at += 4 + length;
  }
}
