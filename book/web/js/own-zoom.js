// The steps of a network, below "What the model just did": open one, choose a number, see what it was made of.

import { crosshair } from "./crosshair.js";
import { bringIntoSight, h, write } from "./dom.js";
import { grid, square } from "./stepping.js";

/** @typedef {import("./zoom.js").Place} Place */
/** @typedef {import("./zoom.js").Term} Term */
/** @typedef {import("./zoom.js").Made} Made */
/** @typedef {{at: number, step: number, name: string, how: string, bend?: string, last: boolean, height: number, width: number, channels: number, pictures: ImageData[]}} Layer `at`: which one of those that are shown */
/** @typedef {{place: Place, made: Made, end: string, image: ImageData, low: number, high: number}} Found */

const ROWS = 10; // of products at once

/** @param {number} value @param {number} [digits] */
const short = (value, digits = 4) => String(Number(value.toPrecision(digits))).replace("-", "−");

/** A field for a channel. @param {string} label @param {number} value @param {number} most @param {(channel: number) => void} choose */
function field(label, value, most, choose) {
  const input = h("input", { type: "number", min: 0, max: most, value });
  input.addEventListener("change", () => {
    input.value = String(Math.min(most, Math.max(0, Math.floor(input.valueAsNumber) || 0)));
    choose(input.valueAsNumber);
  });
  return h("label", {}, `${label}, 0 to ${most} `, input);
}

/** How a number came out, in a sentence. @param {Made} made @param {string} [bend] what bends it */
function sentence({ terms, bias, sum, value, kernel }, bend) {
  const sums = terms.every(({ weight }) => weight === 1) ? "numbers" : "products";
  const total = terms.length > 1 ? `The ${terms.length} ${sums} add up to ${short(sum - bias)}` : short(sum - bias);
  const bent = bend && (value === sum ? ` ${bend} leaves it as it is.` : ` ${bend} makes it ${short(value)}.`);
  return `${bias ? `${total}, plus ${kernel ? "the bias " : ""}${short(bias)} is ${short(sum)}.` : `${total}.`}${bent ?? ""}`;
}

/** The window, the kernel and the products, one channel at a time: first that of the largest product. @param {Made} made @param {number} side of the kernel */
function windows({ terms }, side) {
  const grids = h("div", { class: "grids" });
  const choose = (/** @type {number} */ channel) => {
    const at = new Map(terms.filter(({ from }) => from.c === channel).map((term) => [String(term.at), term]));
    const numbers = (/** @type {string} */ caption, /** @type {(term: Term) => number} */ of, outside = "zero") =>
      grid(
        caption,
        square(side, (i, j) => [at.get(`${i},${j}`)].reduce((_, term) => (term ? of(term) : 0), 0)),
        { write: (value) => short(value, 3), look: (i, j) => (at.has(`${i},${j}`) ? "" : outside) },
      );
    grids.replaceChildren(
      numbers("Under the window", ({ value }) => value),
      numbers("Weights", ({ weight = 0 }) => weight, "zero unknown"),
      numbers("Products", ({ value, weight = 0 }) => value * weight),
    );
  };
  const channels = terms.map(({ from }) => from.c);
  const most = Math.max(...channels);
  choose(channels[0]);
  return most > Math.min(...channels) ? [field("Channel before", channels[0], most, choose), grids] : [grids];
}

/** What a number was made of, the largest products first. @param {Term[]} terms @param {Map<number, Layer>} layers @param {(place: Place) => void} down */
function table(terms, layers, down) {
  const [body, rest] = [h("tbody", {}), h("p", {})];
  const add = () => {
    for (const { from, value, weight } of terms.slice(body.rows.length, body.rows.length + ROWS)) {
      const text = [`Step ${layers.get(from.step)?.at}, channel ${from.c}, `, `row ${from.y}, column ${from.x}`];
      const button = h("button", { type: "button", onclick: () => down(from) }, text[0], h("wbr"), text[1]);
      const numbers = weight === undefined ? [value] : [value, weight, value * weight];
      body.append(h("tr", {}, h("td", {}, button), ...numbers.map((number) => h("td", {}, short(number, 3)))));
    }
    const others = terms.slice(body.rows.length);
    const left = others.reduce((sum, { value, weight = 0 }) => sum + value * weight, 0);
    write(rest, others.length ? `The other ${others.length} products add up to ${short(left)}.` : "");
    more.setAttribute("aria-disabled", String(!others.length));
  };
  const more = h("button", { type: "button", onclick: add }, `${ROWS} more`);
  more.hidden = terms.length <= ROWS;
  add();
  const head = ["Made of", "Number", "Weight", "Product"].slice(0, body.rows[0]?.cells.length);
  const heads = h("tr", {}, ...head.map((text) => h("th", { scope: "col" }, text)));
  return h("div", { class: "zoom-terms" }, h("table", {}, h("thead", {}, heads), body), rest, more);
}

/** @param {(port: MessagePort) => void} connect to the worker */
export function zoom(connect) {
  const { port1: port, port2 } = new MessageChannel();
  /** @type {Map<number, Layer>} */
  const layers = new Map();
  const list = h("ol", { class: "zoom-steps", "aria-label": "Steps of the network" });
  const said = h("p", { role: "status" }, "Computing the steps …");
  const [how, scale, sum] = [h("p"), h("p"), h("div")];
  const [map, channels, canvas] = [h("div"), h("div"), h("canvas", { role: "img" })];
  const up = h("button", { type: "button", onclick: () => show(path.pop() ?? now) }, "Back up");
  const beside = h("div", { class: "zoom-beside" }, said, channels, up, scale);
  const number = h("div", { class: "zoom-number" }, how, h("div", { class: "zoom-both" }, map, beside), sum);
  let now = { step: -1, y: 0, x: 0, c: 0 };
  /** @type {Place[]} */
  let path = []; // from where the reader stepped down
  let [busy, behind] = [false, false];

  function ask() {
    behind = busy;
    if (!busy) port.postMessage(now);
    busy = true;
  }

  /** @param {Place} place @param {boolean} [focus] to go on by keyboard */
  function show(place, focus) {
    const layer = /** @type {Layer} */ (layers.get(place.step));
    now = place;
    how.replaceChildren(h("strong", {}, `Step ${layer.at}: ${layer.name}. `), layer.how);
    layers.forEach(({ at }, step) =>
      list.children[at].firstElementChild?.setAttribute("aria-pressed", String(step === place.step)),
    );
    up.setAttribute("aria-disabled", String(!path.length));
    channels.replaceChildren(
      field("Channel", place.c, layer.channels - 1, (c) => {
        now = { ...now, c };
        ask();
      }),
    );
    const photo = crosshair(canvas, layer.width, layer.height, (x, y) => {
      now = { ...now, x, y };
      ask();
      return `row ${y}, column ${x}`;
    });
    map.replaceChildren(photo.element);
    photo.go(place.x, place.y);
    if (focus)
      /** @type {HTMLElement | null} */ (photo.element.querySelector(".crosshair"))?.focus({ preventScroll: true });
    bringIntoSight(number);
  }

  /** @param {Place} place that a number was made of */
  function down(place) {
    path.push(now);
    show(place, true);
  }

  /** @param {Found} found */
  function draw({ place: { step, c, y, x }, made, end, image, low, high }) {
    const { at, bend } = /** @type {Layer} */ (layers.get(step));
    Object.assign(canvas, { width: image.width, height: image.height, ariaLabel: `Channel ${c} of step ${at}` });
    canvas.getContext("2d")?.putImageData(image, 0, 0);
    write(scale, `In the map black is ${short(low)} and white is ${short(high)}.`);
    write(said, `Step ${at}, channel ${c}, row ${y}, column ${x}: ${short(made.value)}. ${end}`);
    const { terms, kernel: [side] = [1] } = made;
    const parts = [
      h("p", {}, sentence(made, bend)),
      ...(side > 1 ? windows(made, side) : []),
      table(terms, layers, down),
    ];
    sum.replaceChildren(...(terms.length ? parts : []));
  }

  /** @param {Layer} layer */
  function add(layer) {
    const { step, pictures, name, channels, width, height, last } = layer;
    layer.at = layers.size;
    layers.set(step, layer);
    const across = pictures[0].width + 2;
    const strip = h("canvas", { width: pictures.length * across, height: pictures[0].height, "aria-hidden": "true" });
    pictures.forEach((image, i) => strip.getContext("2d")?.putImageData(image, i * across, 0));
    const onclick = () => {
      path = [];
      show({ step, y: height >> 1, x: width >> 1, c: 0 });
    };
    const shape = `${channels === 1 ? "1 map" : `${channels} maps`} of ${width} × ${height}`;
    const text = h("span", {}, `${layer.at}. ${name}`, h("br"), shape);
    list.append(h("li", {}, h("button", { type: "button", "aria-pressed": "false", onclick }, strip, text)));
    if (last) write(said, "Open a step.");
  }

  port.onmessage = ({ data: { layer, place, failed, ...more } }) => {
    if (layer) return add(layer);
    busy = false;
    if (failed) write(said, failed);
    else if (!behind) draw({ place, ...more });
    if (behind) ask();
  };
  connect(port2);
  const text =
    "These are the steps of the network, with the first of their maps, computed once more for your photograph at the size that the network saw. Open a step, then tap a place in its map or lead the ring there by the arrow keys. You see what the number at this place was made of, and step down from there to the steps before, to the gray of your photograph. Channels, rows and columns count from 0. A batch normalization is no step of its own, because after training it is a part of the weights before it.";
  return h("div", { class: "own-zoom" }, h("p", {}, text), list, number);
}
