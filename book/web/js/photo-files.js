// A reader's files as files: why one can't be read, pixels as a file, and what a download says of itself.

/** @typedef {Record<string, string>} Stamps For each MIME type the bytes, in base64, that say what colored it. */

const UNREADABLE = "Your browser can't read this file";
const OTHER_WAYS = "Save it as JPEG, PNG or WebP and try again.";

const BMP_HEADER = 14 + 108; // bytes: the file's, and that of version 4, which can say where alpha is
const CRC = Uint32Array.from({ length: 256 }, (_, i) => {
  for (let bit = 0; bit < 8; bit++) i = i & 1 ? 0xedb88320 ^ (i >>> 1) : i >>> 1;
  return i;
});

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
 * Pixels as a file that the page can show. BMP holds them as they are, so that nothing has to be computed here, and
 * browsers read it beside the page's own work.
 * @param {ImageData} pixels
 */
export function bmp({ width, height, data }) {
  const header = new DataView(new ArrayBuffer(BMP_HEADER));
  const put = (/** @type {number} */ at, /** @type {number[]} */ values) =>
    values.forEach((value, i) => header.setUint32(at + 4 * i, value, true));
  header.setUint16(0, 0x4d42, true); // "BM"
  put(2, [BMP_HEADER + data.length, 0, BMP_HEADER, BMP_HEADER - 14, width]);
  header.setInt32(22, -height, true); // negative: the first row is the top one
  put(26, [(32 << 16) | 1, 3, data.length, 0, 0, 0, 0]); // 32 bits a pixel, placed as the masks say
  put(54, [0xff, 0xff00, 0xff0000, 0xff000000, 0x73524742]); // R, G, B, alpha; in sRGB
  return new Blob([header, data], { type: "image/bmp" });
}

/** A cyclic redundancy check, as PNG and zip have it. @param {Uint8Array} bytes */
export const crc32 = (bytes) => {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = CRC[(sum ^ byte) & 0xff] ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
};

/** A chunk of a PNG (third edition, 5.3): length, kind and content, and their cyclic redundancy check. @param {string} kind @param {string} content Latin-1 */
function chunk(kind, content) {
  const bytes = Uint8Array.from(`${" ".repeat(4)}${kind}${content}${" ".repeat(4)}`, (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  view.setUint32(bytes.length - 4, crc32(bytes.subarray(4, -4)));
  return bytes;
}

/** Two lines of text as EXIF: a file with the tags ImageDescription and Software. @param {string[]} lines Latin-1 */
function exif(lines) {
  const texts = lines.map((line) => `${line}\0`.padEnd(2 * Math.ceil((line.length + 1) / 2), "\0"));
  const start = 8 + 2 + 12 * lines.length + 4; // header, count, a tag each, no further directory
  const header = new DataView(new ArrayBuffer(start));
  const put = (/** @type {number} */ at, /** @type {number[]} */ values) =>
    values.forEach((value, i) => header.setUint16(at + 2 * i, value, true));
  put(0, [0x4949, 42, 8, 0, lines.length]);
  lines.forEach((line, i) => {
    put(10 + 12 * i, [[0x010e, 0x0131][i], 2, line.length + 1, 0, start + (i && texts[0].length), 0]);
  });
  return String.fromCharCode(...new Uint8Array(header.buffer)) + texts.join("");
}

/** What says that a network of the reader's own colored a file, as `writer.stamp` of the library says it. @param {string} model @param {string} course its version @returns {Stamps} */
export function stampsOf(model, course) {
  const said = `Colorized: the colors are predicted by the model '${model}', not recorded.`;
  const by = `colorize-lib ${course}, model ${model}`;
  const tags = exif([said, by]);
  const length = String.fromCharCode((tags.length + 8) >> 8, (tags.length + 8) & 255); // "Exif\0\0" included, and itself
  const chunks = [chunk("iTXt", `Description\0\0\0\0\0${said}`), chunk("tEXt", `Software\0${by}`), chunk("eXIf", tags)];
  const png = chunks.map((bytes) => String.fromCharCode(...bytes)).join("");
  return { "image/png": btoa(png), "image/jpeg": btoa(`\xff\xe1${length}Exif\0\0${tags}`) };
}

/** A comment (ITU T.81, B.2.4.5) of a JPEG. @param {string} content Latin-1 */
function comment(content) {
  const bytes = Uint8Array.from(`${" ".repeat(4)}${content}`, (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xfffe);
  view.setUint16(2, 2 + content.length);
  return bytes;
}

/**
 * A PNG or JPEG that says it is colorized, and by what, in the bytes that `colorize photo` writes; and what else there
 * is to say.
 * @param {Blob} file as the browser made it
 * @param {Stamps} stamps
 * @param {string} said in Latin-1, at most 65,533 letters; may be empty
 */
export async function stamped(file, stamps, said) {
  const start = new DataView(await file.slice(0, 33).arrayBuffer());
  const jfif = start.getUint32(0) === 0xffd8ffe0 ? 4 + start.getUint16(4) : 2; // it stands first in a JPEG
  const png = file.type === "image/png";
  const place = png ? 33 : jfif; // in a PNG: after its signature and IHDR
  const stamp = Uint8Array.from(atob(stamps[file.type]), (letter) => letter.charCodeAt(0));
  const more = said ? [png ? chunk("iTXt", `Comment\0\0\0\0\0${said}`) : comment(said)] : [];
  return new Blob([file.slice(0, place), stamp, ...more, file.slice(place)], { type: file.type });
}
