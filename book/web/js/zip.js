// Several files as one: the zip format (PKWARE's APPNOTE.TXT) without compression, which pictures don't need.

import { crc32 } from "./photo-files.js";

/** @typedef {{name: string, file: Blob}} Entry */

const VERSION = 20; // 2.0, which any program reads
const UTF8 = 1 << 11; // names are in UTF-8
const MOST_BYTES = 2 ** 32 - 1; // more would need the format's extension of 64 bits
const MOST_FILES = 2 ** 16 - 1;

/** Numbers of two and four bytes, little-endian. @param {...[2 | 4, number]} fields bytes, value */
function record(...fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  }
  return view.buffer;
}

/** Date and time in the 32 bits of MS-DOS. @param {Date} at */
function stamp(at) {
  const date = ((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate();
  return (date << 16) | (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1);
}

/**
 * Names that differ in more than capitals: the second "a.png" becomes "a (2).png".
 * @param {string[]} names
 */
export function unique(names) {
  const taken = new Set();
  return names.map((name) => {
    const [, stem, ending] = /** @type {string[]} */ (/^(.*?)(\.[^.]*)?$/s.exec(name));
    let made = name;
    for (let i = 2; taken.has(made.toLowerCase()); i++) made = `${stem} (${i})${ending ?? ""}`;
    taken.add(made.toLowerCase());
    return made;
  });
}

/**
 * A zip of files; only one of them is read at a time. Names must be unique.
 * @param {Entry[]} entries
 */
export async function zipped(entries) {
  /** @type {BlobPart[][]} */
  const [parts, directory] = [[], []];
  const now = stamp(new Date());
  let [offset, length] = [0, 0];
  for (const { name, file } of entries) {
    const encoded = new TextEncoder().encode(name);
    const crc = crc32(new Uint8Array(await file.arrayBuffer()));
    const { size } = file;
    // Version, names in UTF-8, no compression, when, the check, both sizes, and the name's length.
    const common = [
      record([2, VERSION], [2, UTF8], [2, 0], [4, now], [4, crc], [4, size], [4, size]),
      record([2, encoded.length], [2, 0]),
    ];
    parts.push(record([4, 0x04034b50]), ...common, encoded, file);
    const rest = record([2, 0], [2, 0], [2, 0], [4, 0], [4, offset]);
    directory.push(record([4, 0x02014b50], [2, VERSION]), ...common, rest, encoded);
    offset += 30 + encoded.length + size;
    length += 46 + encoded.length;
  }
  if (offset + length > MOST_BYTES || entries.length > MOST_FILES)
    throw new Error("These are more than 4 GB, which no zip of this kind holds. Choose fewer photographs at once.");
  const count = entries.length;
  const end = record([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, length], [4, offset], [2, 0]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}
