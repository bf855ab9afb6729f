// UTF-8 bytes of a string's characters. A lone surrogate counts 3: it is encoded as U+FFFD.
const bytesOf = (codePoint: number): number => (codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4);
const unitsOf = (codePoint: number): number => (codePoint < 0x10000 ? 1 : 2);

/** UTF-8 bytes of text[start..]. */
export function utf8Length(text: string, start = 0): number {
  let bytes = 0;
  for (let i = start, code; i < text.length; i += unitsOf(code)) bytes += bytesOf((code = text.codePointAt(i)!));
  return bytes;
}

/** From byte offsets of a text to those of the string; each must be at a character, and none before the last one asked for. */
export function utf16Offsets(text: string): (byte: number) => number {
  let [unit, at] = [0, 0];
  return (byte) => {
    for (let code; at < byte; unit += unitsOf(code)) at += bytesOf((code = text.codePointAt(unit)!));
    return unit;
  };
}
