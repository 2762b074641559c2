// Touch a layer of the paper's network and see what it makes of a photograph: computed in this browser.

import { h, options } from "./dom.js";
import { needed } from "./network.js";

/** @typedef {import("./network.js").Maps} Maps */
/** @typedef {import("./network.js").Step} Step */
/** @typedef {{name: string, step: number, side: number, channels: number}} Layer `step` is what is shown */
/** @typedef {{file: string, title: string}} Photograph */

const STATIC = new URL("../", import.meta.url);
const SHOWN = 12; // maps at once
// From the smallest answer to the largest: matplotlib's viridis at nine places.
const VIRIDIS = ["440154", "472d7b", "3b528b", "2c728e", "21918c", "28ae80", "5ec962", "addc30", "fde725"].map(
  (color) => [0, 2, 4].map((at) => parseInt(color.slice(at, at + 2), 16)),
);

/** The layers of a network, each after its activation. @param {Step[]} steps @param {number} side @returns {Layer[]} */
function layersOf(steps, side) {
  /** @type {number[]} */
  const sides = [];
  /** @type {Layer[]} */
  const layers = [];
  steps.forEach(({ kind, reads, kernel, stride = 1, spread = 1 }, i) => {
    sides[i] = reads.length ? Math.ceil(sides[reads[0]] / stride) * spread : side;
    if (kind !== "convolve" || !kernel) return;
    const bends = steps.findIndex((next) => next.kind === "bend" && next.reads[0] === i);
    layers.push({ name: "", step: bends < 0 ? i : bends, side: sides[i], channels: kernel[3] });
  });
  const code = layers.findIndex((layer) => layer.side === Math.min(...layers.map((one) => one.side)));
  layers.forEach((layer, i) => {
    if (i === layers.length - 1) layer.name = "The picture";
    else layer.name = i <= code ? `Encoder, block ${i + 1}` : `Decoder, step ${i - code}`;
  });
  return layers;
}

/** @param {Layer} layer */
const words = ({ name, side, channels }) => `${name}: ${channels} maps of ${side} by ${side}`;

/** Draw one of a layer's maps, its smallest answer dark blue, its largest yellow. @param {Maps} maps @param {number} channel */
function drawn({ height, width, channels, data }, channel) {
  const values = Float32Array.from({ length: height * width }, (_, i) => data[i * channels + channel]);
  const [low, high] = values.reduce(
    ([least, most], v) => [Math.min(least, v), Math.max(most, v)],
    [Infinity, -Infinity],
  );
  return canvas(width, height, `Map ${channel + 1} of ${channels}`, (i) => {
    const at = high > low ? (8 * (values[i] - low)) / (high - low) : 0;
    const [from, to] = [VIRIDIS[Math.floor(at)], VIRIDIS[Math.min(8, Math.floor(at) + 1)]];
    return from.map((value, c) => value + (at % 1) * (to[c] - value));
  });
}

/** Draw the last layer's three maps as R, G, B. @param {Maps} maps */
const picture = ({ height, width, data }) =>
  canvas(width, height, "The picture in color", (i) => [0, 1, 2].map((c) => 255 * data[3 * i + c]));

/** @param {number} width @param {number} height @param {string} label @param {(pixel: number) => number[]} color */
function canvas(width, height, label, color) {
  const element = h("canvas", { width, height, role: "img", "aria-label": label });
  const pixels = new ImageData(width, height); // which rounds and clips
  for (let i = 0; i < width * height; i++) pixels.data.set([...color(i), 255], 4 * i);
  element.getContext("2d")?.putImageData(pixels, 0, 0);
  return element;
}

/** @param {HTMLElement} element its `data-options` name the photographs, and how many layers are drawn */
export async function mount(element) {
  /** @type {{photographs: Photograph[], layers?: number}} */
  const { photographs, layers: count } = options(element);
  const { side, steps } = await (await fetch(new URL("layers/paper.json", STATIC))).json();
  const layers = layersOf(steps, side).slice(0, count);
  const worker = new Worker(new URL("./layers-worker.js", import.meta.url), { type: "module" });
  let job = 0;
  let photograph = photographs[0];
  /** @type {Layer | undefined} */
  let layer;

  const status = h("p", { role: "status" }, "No layer is chosen yet.");
  const place = h("div", { class: "layer-maps" });
  const more = h("div", { class: "buttons" });

  const ask = () => {
    mark();
    if (!layer) return;
    const { step } = layer;
    const bytes = needed(steps, step).reduce((sum, i) => sum + (steps[i].bytes ?? 0), 0);
    status.textContent = `${words(layer)}. Loading ${(bytes / 1e6).toFixed(1)} MB of weights, unless they are here …`;
    worker.postMessage({ job: ++job, file: photograph.file, step });
  };
  worker.onmessage = ({ data }) => {
    if (data.job !== job || !layer) return;
    if (data.failed) status.textContent = data.failed;
    else if (data.maps) show(data.maps, 0);
    else if (data.loaded === data.total) status.textContent = `${words(layer)}. Computing …`;
  };

  /** @param {Maps} maps @param {number} first */
  function show(maps, first) {
    if (!layer) return;
    const last = Math.min(first + SHOWN, maps.channels);
    const isPicture = layer.name === "The picture";
    const which = maps.channels > SHOWN ? `; here are ${first + 1} to ${last}` : "";
    status.textContent = isPicture
      ? `The picture: three maps of ${layer.side} by ${layer.side} are its red, green and blue.`
      : `${words(layer)}${which}. Yellow is the largest answer of a map, dark blue the smallest.`;
    const numbers = Array.from({ length: last - first }, (_, i) => first + i);
    place.replaceChildren(...(isPicture ? [picture(maps)] : numbers.map((channel) => drawn(maps, channel))));
    const turn = (/** @type {string} */ label, /** @type {number} */ to) => {
      const there = to >= 0 && to < maps.channels;
      return h(
        "button",
        { type: "button", "aria-disabled": String(!there), onclick: () => there && turned(label, to) },
        label,
      );
    };
    const turned = (/** @type {string} */ label, /** @type {number} */ to) => {
      show(maps, to);
      [...more.querySelectorAll("button")].find((button) => button.textContent === label)?.focus();
    };
    more.replaceChildren(...(isPicture ? [] : [turn(`Previous ${SHOWN}`, first - SHOWN), turn(`Next ${SHOWN}`, last)]));
  }

  const pictures = photographs.map((one) => {
    const { href } = new URL(`sample/${one.file}`, STATIC);
    const onclick = () => {
      photograph = one;
      ask();
    };
    const thumb = h("img", { src: href, alt: one.title, width: 72, height: 54, loading: "lazy" });
    return h("button", { type: "button", onclick }, thumb);
  });
  const boxes = layers.map((one) => {
    const onclick = () => {
      layer = one;
      ask();
    };
    const size = `height: ${Math.log2(one.side) * 0.9}rem; width: ${0.5 + Math.sqrt(one.channels) / 16}rem`;
    const label = h(
      "span",
      {},
      h("span", { class: "visually-hidden" }, `${one.name}: `),
      `${one.side}²`,
      h("br"),
      `${one.channels}`,
    );
    return h("button", { type: "button", onclick }, h("span", { class: "layer-box", style: size }), label);
  });
  function mark() {
    pictures.forEach((button, i) => button.setAttribute("aria-pressed", String(photographs[i] === photograph)));
    boxes.forEach((button, i) => button.setAttribute("aria-pressed", String(layers[i] === layer)));
  }
  mark();
  element.replaceChildren(
    h(
      "p",
      {},
      `Touch a layer of the paper's network, trained at ${side} by ${side} pixels. What it makes of the photograph is computed here, in your browser.`,
    ),
    h("div", { class: "layer-photographs", role: "group", "aria-label": "Photograph" }, ...pictures),
    h(
      "div",
      { class: "layer-boxes", role: "group", "aria-label": "Layer: side of its maps, and how many there are" },
      ...boxes,
    ),
    status,
    place,
    more,
  );
}
