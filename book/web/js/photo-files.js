// A reader's files as files: why one can't be read, and what a download says of itself.

/** @typedef {Record<string, string>} Stamps For each MIME type the bytes, in base64, that say what colored it. */

const UNREADABLE = "Your browser can't read this file";
const OTHER_WAYS = "Save it as JPEG, PNG or WebP and try again.";

/** Kinds of files that browsers can't read, by how they begin. @type {[RegExp, string][]} */
const KINDS = [
  [
    /^....ftyp(hei[cmsx]|hev[cmsx]|mif1|msf1)/s,
    "it is HEIC, as many phones save photographs. Share or export it as JPEG, and choose that.",
  ],
  [/^....ftypavi[fs]/s, `it is AVIF. ${OTHER_WAYS}`],
  [/^\0\0\0\x0cjP {2}|^\xff\x4f\xff\x51/s, `it is JPEG 2000. ${OTHER_WAYS}`],
  [/^(II\*\0|MM\0\*)/s, "it is TIFF. Save it as PNG, or color it with the command colorize photo, which reads TIFF."],
];

/** One sentence for a file that can't be decoded: what it is, and what to do. @param {Blob} file */
export async function unreadable(file) {
  const start = String.fromCharCode(...new Uint8Array(await file.slice(0, 12).arrayBuffer()));
  const kind = KINDS.find(([beginning]) => beginning.test(start));
  return kind ? `${UNREADABLE}: ${kind[1]}` : `${UNREADABLE} as a picture. ${OTHER_WAYS}`;
}

/**
 * A PNG or JPEG that says it is colorized, and by what, in the bytes that `colorize photo` writes.
 * @param {Blob} file as the browser made it
 * @param {Stamps} stamps
 */
export async function stamped(file, stamps) {
  const start = new DataView(await file.slice(0, 33).arrayBuffer());
  const jfif = start.getUint32(0) === 0xffd8ffe0 ? 4 + start.getUint16(4) : 2; // it stands first in a JPEG
  const place = file.type === "image/png" ? 33 : jfif; // in a PNG: after its signature and IHDR
  const stamp = Uint8Array.from(atob(stamps[file.type]), (letter) => letter.charCodeAt(0));
  return new Blob([file.slice(0, place), stamp, file.slice(place)], { type: file.type });
}
