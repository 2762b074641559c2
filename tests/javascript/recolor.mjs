// Reads one JSON request from a file, prints one JSON answer: what the browser's functions make of arrays.
import { readFileSync } from "node:fs";

const web = new URL("../../book/web/js/", import.meta.url);
const color = await import(new URL("color.js", web));
const { alternatives } = await import(new URL("alternatives.js", web));
const files = await import(new URL("hint-files.js", web));
const hints = await import(new URL("hints.js", web));
const recolor = await import(new URL("recolor.js", web));
const network = await import(new URL("network.js", web));
const { readOnnx } = await import(new URL("onnx-file.js", web));
const { stepsOf } = await import(new URL("onnx-network.js", web));
const { ownNetwork } = await import(new URL("own-network.js", web));
const resize = await import(new URL("resize.js", web));
const zoom = await import(new URL("zoom.js", web));

/** From a number in the middle of a step down to the input, by other terms each time: where that ends, and how far numbers are from their terms' sum. */
function followedDown(step, kept, made) {
  const middle = (n) => Math.floor((n - 1) / 2);
  const { height, width, channels } = kept.get(step);
  let [place, off] = [{ step, y: middle(height), x: middle(width), c: middle(channels) }, 0];
  for (let depth = 0; ; depth++) {
    const { terms, value } = made(place);
    const maps = kept.get(place.step);
    const there = maps.data[(place.y * maps.width + place.x) * maps.channels + place.c];
    off = Math.max(off, Math.abs(value - there) / Math.max(1, Math.abs(there)));
    if (!terms.length) return { end: place.step, off };
    place = terms[(7 * depth) % terms.length].from;
  }
}

const asked = JSON.parse(readFileSync(process.argv[2], "utf8"));
const photo = asked.rgba && { width: asked.width, height: asked.height, data: Uint8ClampedArray.from(asked.rgba) };
const answers = {
  colors: () => asked.rgb.map((rgb) => color.rgbToLab(rgb)),
  back: () => asked.lab.map((lab) => color.labToRgb(lab)),
  gamut: () => asked.lab.map((lab) => color.fitGamut(lab)),
  css: () => asked.rgb.map((rgb) => color.cssColor(rgb)),
  small: () => [...resize.resizePhoto(photo.data, photo.width, photo.height, asked.across, asked.down)],
  size: () => asked.sizes.map(([width, height]) => recolor.workingSize(width, height, asked.about)),
  input: () => {
    const { L, width, height } = recolor.networkInput(photo, asked.about);
    return { L: [...L], width, height };
  },
  network: async () => {
    const read = (file) => readFileSync(new URL(file, `file://${asked.folder}/`));
    const { steps } = JSON.parse(read("toy.json"));
    const files = {};
    for (const { file } of steps) if (file) files[file] ??= await network.unpacked(read(file));
    const input = { height: asked.height, width: asked.width, channels: 1, data: Float32Array.from(asked.input) };
    const weights = (file) => files[file];
    const loop = await network.loopOf(read("loop.wasm"));
    const maps = network.run(loop, steps, input, weights, asked.last);
    const kept = new Map();
    network.run(loop, steps, input, weights, steps.length - 1, kept);
    const made = (place) => zoom.made(steps, place, (step) => kept.get(step), weights);
    const shown = zoom.shown(steps);
    const followed = shown.map((step) => followedDown(step, kept, made));
    return { ...maps, data: [...maps.data], shown, followed, made: (asked.places ?? []).map(made) };
  },
  onnx: async () => {
    const { steps, weights, multiple } = stepsOf(readOnnx(new Uint8Array(readFileSync(asked.file)).buffer));
    const input = { height: asked.height, width: asked.width, channels: 1, data: Float32Array.from(asked.input) };
    const maps = network.run(await network.loopOf(readFileSync(asked.loop)), steps, input, () => weights);
    return { ...maps, data: [...maps.data], multiple };
  },
  own: async () => {
    const loop = () => network.loopOf(readFileSync(asked.loop));
    const answers = [];
    for (const file of asked.files) {
      try {
        const { model, facts } = await ownNetwork(new Blob([readFileSync(file)]), asked.taken, loop);
        answers.push({ ...facts, stamps: model.about.stamps });
      } catch (error) {
        answers.push(error.message);
      }
    }
    return answers;
  },
  colored: () => {
    const chroma = recolor.chromaOf(Float32Array.from(asked.ab), asked.small_width, asked.small_height, asked.about);
    const result = { data: new Uint8ClampedArray(photo.data.length) };
    recolor.recolorRows(photo, recolor.widened(chroma, photo.width), asked.saturation, result, 0, photo.height);
    return [...result.data];
  },
  followed: () => {
    const [L, a, b] = ["L", "a", "b"].map((name) => Float32Array.from(asked[name]));
    const spread = new hints.Spread({ L, a, b, width: asked.width, height: asked.height });
    return asked.hints.map((given) => {
      const answer = spread.answer(given);
      return [[...answer.a], [...answer.b]];
    });
  },
  alternatives: () => {
    const [L, a, b, data] = ["L", "a", "b", "scores"].map((name) => Float32Array.from(asked[name]));
    const { width, height, colors } = asked;
    const scores = { width: width / 4, height: height / 4, channels: colors.length, data };
    return alternatives({ L, a, b, width, height }, scores, colors);
  },
  hint_files: async () => {
    const read = (text) => {
      try {
        return files.read(text);
      } catch (error) {
        return error.message;
      }
    };
    const written = await files.written(asked.hints).text();
    return { written, read: [written, ...asked.texts].map(read), said: [files.said(asked.hints), files.said([])] };
  },
  gray: () => {
    const result = { data: new Uint8ClampedArray(photo.data.length) };
    recolor.grayOf(photo, result);
    return [...result.data];
  },
};
console.log(JSON.stringify(await answers[asked.what]()));
