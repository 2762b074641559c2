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
    const maps = network.run(await network.loopOf(read("loop.wasm")), steps, input, (file) => files[file], asked.last);
    return { ...maps, data: [...maps.data] };
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
