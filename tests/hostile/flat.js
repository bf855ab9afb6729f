// A FlatBuffer's fields in place, found as the format says: a table begins with the distance to its vtable, which has the offset of each field.

export class Table {
  constructor(bytes, at) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  /** Where a field lies, by its number in the schema; undefined where it is absent. */
  field(number) {
    const vtable = this.at - this.view.getInt32(this.at, true);
    if (4 + 2 * number >= this.view.getUint16(vtable, true)) return undefined;
    const offset = this.view.getUint16(vtable + 4 + 2 * number, true);
    return offset === 0 ? undefined : this.at + offset;
  }

  /** Where the vector, string or table that a field refers to lies. */
  target(number) {
    const at = this.field(number);
    return at === undefined ? undefined : at + this.view.getUint32(at, true);
  }

  table(number) {
    const at = this.target(number);
    return at === undefined ? undefined : new Table(new Uint8Array(this.view.buffer, this.view.byteOffset, this.view.byteLength), at);
  }

  /** The tables of a vector. */
  tables(number) {
    const at = this.target(number);
    const bytes = new Uint8Array(this.view.buffer, this.view.byteOffset, this.view.byteLength);
    return Array.from({ length: this.view.getUint32(at, true) }, (_, i) => {
      const place = at + 4 + 4 * i;
      return new Table(bytes, place + this.view.getUint32(place, true));
    });
  }

  text(number) {
    const at = this.target(number);
    return new TextDecoder().decode(new Uint8Array(this.view.buffer, this.view.byteOffset + at + 4, this.view.getUint32(at, true)));
  }
}

export function rootOf(bytes) {
  return new Table(bytes, new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true));
}
