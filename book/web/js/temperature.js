// From the odds of each color to one color: the temperature, and the odds of a pixel (chapter 21).

import { tenths } from "./ab-plane.js";
import { cssColor, labToRgb } from "./color.js";
import { crosshair } from "./crosshair.js";
import { h, options, slider, svg, write } from "./dom.js";
import { sharpened } from "./network.js";

/** @typedef {{scores: import("./network.js").Maps, colors: [number, number][], factor: number}} Odds `scores`: their logarithms */

const STATIC = new URL("../", import.meta.url);
const REACH = 110; // of the plane of a and b
const AREA = 45; // the radius of a disc that has all the odds
const BRIGHT = 60; // the L of the discs

/** How a temperature is written. @param {number} value */
const written = (value) => `${value.toFixed(2)}${value === 1 ? ", the mean" : value === 0 ? ", the likeliest" : ""}`;

/** The plane of a and b, with a disc for each color: its area is the color's odds. The ring is their mean. */
function plane() {
  const [discs, ring] = [svg("g", {}), svg("circle", { r: 7, class: "mean" })];
  /** @type {[string, number, number][]} */
  const ends = [
    ["green", -REACH + 22, -5],
    ["red", REACH - 14, -5],
    ["yellow", 26, -REACH + 12],
    ["blue", 20, REACH - 4],
  ];
  const words = ends.map(([word, x, y]) => svg("text", { x, y, "text-anchor": "middle" }, word));
  const axes = svg("path", { d: `M-${REACH} 0H${REACH}M0-${REACH}V${REACH}`, class: "axes" });
  const drawing = svg(
    "svg",
    { viewBox: `-${REACH} -${REACH} ${2 * REACH} ${2 * REACH}`, role: "img", class: "odds" },
    axes,
    ...words,
    discs,
    ring,
  );
  /** @param {[number, number][]} colors @param {Float32Array} odds @param {[number, number]} mean @param {string} words */
  const show = (colors, odds, mean, words) => {
    discs.replaceChildren(
      ...colors.flatMap(([a, b], k) =>
        odds[k] < 1e-4
          ? []
          : [svg("circle", { cx: a, cy: -b, r: AREA * Math.sqrt(odds[k]), fill: cssColor(labToRgb([BRIGHT, a, b])) })],
      ),
    );
    ring.setAttribute("cx", String(mean[0]));
    ring.setAttribute("cy", String(-mean[1]));
    drawing.setAttribute("aria-label", words);
  };
  return { drawing, show };
}

/** A color in words. @param {readonly [number, number]} ab */
const inWords = ([a, b]) => `a ${tenths(a)}, b ${tenths(b)}`;

/** @param {HTMLElement} element its `data-options` name the photographs, the model and its temperature */
export function mount(element) {
  /** @type {{photographs: {file: string, title: string}[], model: string, temperature: number}} */
  const { photographs, model, temperature: first } = options(element);
  const worker = new Worker(new URL("./temperature-worker.js", import.meta.url), { type: "module" });
  const status = h("p", { role: "status" }, "No photograph is chosen yet.");
  const said = h("p", { class: "said" });
  const [canvas, drawn] = [h("canvas", { role: "img" }), plane()];
  const place = h("div", { class: "panels", hidden: true });
  /** @type {Odds | undefined} */
  let odds;
  let [column, row] = [0, 0];
  let temperature = first;
  let [busy, behind] = [false, false];
  /** @type {{file: string, title: string} | undefined} */
  let chosen;

  const ask = () => {
    behind = busy;
    if (busy || !chosen) return;
    busy = true;
    worker.postMessage({ file: chosen.file, model, temperature });
  };
  /** The odds of the pixel, sharpened, and their mean; returned in words. */
  const look = () => {
    if (!odds) return "";
    const { scores, colors, factor } = odds;
    const at = (Math.floor(row / factor) * scores.width + Math.floor(column / factor)) * scores.channels;
    const own = new Float32Array(colors.length);
    sharpened(scores.data.subarray(at, at + scores.channels), temperature, own);
    const mean = /** @type {[number, number]} */ (
      [0, 1].map((c) => own.reduce((sum, part, k) => sum + part * colors[k][c], 0))
    );
    const likeliest = own.indexOf(Math.max(...own));
    const words = `Likeliest: ${inWords(colors[likeliest])}, with ${Math.round(100 * own[likeliest])} % of the odds. Their mean: ${inWords(mean)}.`;
    drawn.show(colors, own, mean, `The odds of the pixel over the plane of a and b. ${words}`);
    write(said, `Column ${column}, row ${row}, T = ${temperature.toFixed(2)}. ${words}`);
    return `column ${column}, row ${row}. ${words}`;
  };
  /** @param {ImageData} picture @param {Odds} [anew] */
  const show = (picture, anew) => {
    const { width, height } = picture;
    if (anew) {
      odds = anew;
      Object.assign(canvas, { width, height });
      const photo = crosshair(canvas, width, height, (x, y) => {
        [column, row] = [x, y];
        return look();
      });
      canvas.setAttribute("aria-label", `${chosen?.title}, colored`);
      place.replaceChildren(photo.element, drawn.drawing, said);
      place.hidden = control.hidden = false;
      photo.start();
      write(status, `${chosen?.title}, ${width} × ${height} pixels. Move T, or touch a pixel to see its odds.`);
    }
    canvas.getContext("2d", { willReadFrequently: true })?.putImageData(picture, 0, 0);
  };
  worker.onmessage = ({ data }) => {
    if (data.total)
      return write(
        status,
        `Loading the network: ${(data.loaded / 1e6).toFixed(1)} of ${(data.total / 1e6).toFixed(1)} MB`,
      );
    busy = false;
    if (data.failed) write(status, data.failed);
    else show(data.picture, data.odds);
    if (behind) ask();
  };
  const control = slider({
    label: "Temperature T",
    min: 0,
    max: 1,
    step: 0.01,
    value: first,
    format: written,
    oninput: (value) => {
      temperature = value;
      look();
      ask();
    },
  });
  control.hidden = true;
  const buttons = photographs.map((one) => {
    const { href } = new URL(`sample/${one.file}`, STATIC);
    const onclick = () => {
      chosen = one;
      element.classList.add("chosen");
      buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(photographs[i] === one)));
      write(status, "Computing the odds …");
      ask();
    };
    const thumb = h("img", { src: href, alt: one.title, width: 72, height: 54, loading: "lazy" });
    return h("button", { type: "button", "aria-pressed": "false", onclick }, thumb);
  });
  element.replaceChildren(
    h(
      "p",
      {},
      "Touch a photograph. The network that gives its odds, about 2 MB, is loaded then, and runs in your browser.",
    ),
    h("div", { class: "thumbs", role: "group", "aria-label": "Photograph" }, ...buttons),
    status,
    control,
    place,
  );
}
