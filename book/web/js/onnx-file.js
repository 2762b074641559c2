// Reads an ONNX file: protocol buffers, of which only what a network of the course has is kept (onnx.proto names the numbers).

/** @typedef {{name: string, kind: number, dims: number[], raw: Uint8Array<ArrayBuffer>, elsewhere: boolean}} Numbers `kind`: 1 is float32, 10 float16; `elsewhere`: in another file */
/** @typedef {{kind: string, reads: string[], gives: string[], facts: Record<string, any>}} Node `facts` are whole numbers, one number or a text */
/** @typedef {{name: string, kind: number, dims: (number | string)[]}} Value */
/** @typedef {{producer: string, notes: Record<string, string>, nodes: Node[], numbers: Numbers[], inputs: Value[], outputs: Value[]}} Network */
/** @typedef {Record<number, any[]>} Fields by their number: whole numbers, or bytes */

const WORDS = { VARINT: 0, EIGHT: 1, BYTES: 2, FOUR: 5 };

/** The fields of a message; an error tells that these bytes are none. @param {Uint8Array<ArrayBuffer>} bytes @returns {Fields} */
function fieldsOf(bytes) {
  /** @type {Fields} */
  const found = {};
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const whole = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      if (at >= bytes.length || factor > 2 ** 63) throw new Error("cut off");
      value += (bytes[at] & 127) * factor;
      if (bytes[at++] < 128) return value >= 2 ** 63 ? value - 2 ** 64 : value;
    }
  };
  const take = (/** @type {number} */ count) => {
    if (count < 0 || at + count > bytes.length) throw new Error("cut off");
    at += count;
    return at - count;
  };
  while (at < bytes.length) {
    const tag = whole();
    const [field, word] = [Math.floor(tag / 8), tag % 8];
    let value;
    if (word === WORDS.VARINT) value = whole();
    else if (word === WORDS.EIGHT) value = view.getFloat64(take(8), true);
    else if (word === WORDS.FOUR) value = view.getFloat32(take(4), true);
    else if (word === WORDS.BYTES) {
      const count = whole();
      value = bytes.subarray(take(count), at);
    } else throw new Error("no such field");
    if (field < 1) throw new Error("no such field");
    (found[field] ??= []).push(value);
  }
  return found;
}

const text = (/** @type {any} */ bytes) => {
  if (bytes === undefined) return "";
  if (!(bytes instanceof Uint8Array)) throw new Error("no text");
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
};

/** Messages in a field, read. @template T @param {any[] | undefined} field @param {(fields: Fields) => T} read */
const each = (field, read) =>
  (field ?? []).map((bytes) => {
    if (!(bytes instanceof Uint8Array)) throw new Error("no message");
    return read(fieldsOf(/** @type {Uint8Array<ArrayBuffer>} */ (bytes)));
  });

/** Whole numbers: one a field, or many packed into one. @param {any[] | undefined} field @returns {number[]} */
const wholes = (field) =>
  (field ?? []).flatMap((one) => (one instanceof Uint8Array ? (fieldsOf(packed(one))[1] ?? []) : [one]));

/** Packed whole numbers as a message that repeats its first field. @param {Uint8Array} bytes */
function packed(bytes) {
  const tagged = [];
  let begins = true;
  for (const byte of bytes) {
    if (begins) tagged.push(8); // field 1, a whole number
    tagged.push(byte);
    begins = byte < 128;
  }
  return Uint8Array.from(tagged);
}

/** @param {Fields} fields @returns {[string, any]} */
function attribute({ 1: name, 2: float, 3: int, 4: bytes, 8: ints }) {
  if (ints) return [text(name?.[0]), wholes(ints)];
  return [text(name?.[0]), bytes ? text(bytes[0]) : (int ?? float)?.[0]];
}

/** @param {Fields} fields @returns {Node} */
const node = ({ 1: reads = [], 2: gives = [], 4: kind, 5: facts, 7: domain }) => ({
  kind: [text(domain?.[0]), text(kind?.[0])].filter(Boolean).join("."),
  reads: reads.map(text),
  gives: gives.map(text),
  facts: Object.fromEntries(each(facts, attribute)),
});

/** @param {Fields} fields @returns {Numbers} */
const numbers = ({ 1: dims, 2: kind, 8: name, 9: raw, 13: outside, 14: place }) => ({
  name: text(name?.[0]),
  kind: kind?.[0] ?? 0,
  dims: wholes(dims),
  raw: raw?.[0] instanceof Uint8Array ? /** @type {Uint8Array<ArrayBuffer>} */ (raw[0]) : new Uint8Array(),
  elsewhere: Boolean(outside ?? place?.[0]),
});

/** @param {Fields} fields @returns {Value} */
function value({ 1: name, 2: type }) {
  const [tensor] = each(type, (one) => each(one[1], (inner) => inner)[0]);
  const [shape] = each(tensor?.[2], (one) => each(one[1], (dim) => dim[1]?.[0] ?? text(dim[2]?.[0])));
  return { name: text(name?.[0]), kind: tensor?.[1]?.[0] ?? 0, dims: shape ?? [] };
}

/** A network as its file holds it; an error tells that the file is no whole one. @param {ArrayBuffer} file @returns {Network} */
export function readOnnx(file) {
  const { 2: producer, 7: graphs, 14: notes } = fieldsOf(new Uint8Array(file));
  const [graph] = each(graphs, (fields) => fields);
  if (!graph) throw new Error("no network in it");
  return {
    producer: text(producer?.[0]),
    notes: Object.fromEntries(each(notes, (note) => [text(note[1]?.[0]), text(note[2]?.[0])])),
    nodes: each(graph[1], node),
    numbers: each(graph[5], numbers),
    inputs: each(graph[11], value),
    outputs: each(graph[12], value),
  };
}
