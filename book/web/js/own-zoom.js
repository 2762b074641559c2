// The steps of a network, below "What the model just did": open one, choose a number, see what it was made of.

import { crosshair } from "./crosshair.js";
import { bringIntoSight, h, write } from "./dom.js";
import { grid, square } from "./stepping.js";

/** @typedef {import("./zoom.js").Place} Place */
/** @typedef {import("./zoom.js").Term} Term */
/** @typedef {{step: number, name: string, how: string, bend?: string, last: boolean, height: number, width: number, channels: number, pictures: ImageData[], at: number}} Layer `at`: which one of those that are shown */
/** @typedef {{place: Place, made: import("./zoom.js").Made, end: string, image: ImageData, low: number, high: number}} Found */

const ROWS = 10; // of products at once

/** @param {number} value @param {number} [digits] */
const short = (value, digits = 4) => String(Number(value.toPrecision(digits))).replace("-", "−");

/** @param {(port: MessagePort) => void} connect to the worker */
export function zoom(connect) {
  const { port1: port, port2 } = new MessageChannel();
  /** @type {Map<number, Layer>} */
  const layers = new Map();
  const list = h("ol", { class: "zoom-steps", "aria-label": "Steps of the network" });
  const said = h("p", { role: "status" }, "Computing the steps …");
  const how = h("p", {});
  const canvas = h("canvas", { role: "img" });
  const scale = h("p", {});
  const sum = h("div", { class: "zoom-sum" });
  const field = (/** @type {"c" | "y" | "x"} */ which, /** @type {string} */ label) => {
    const input = h("input", { type: "number", min: 0 });
    const onchange = () =>
      show({ ...now, [which]: Math.min(Number(input.max), Math.max(0, Math.floor(input.valueAsNumber) || 0)) });
    input.addEventListener("change", onchange);
    return { input, element: h("label", {}, label, input) };
  };
  const fields = { c: field("c", "Channel "), y: field("y", "Row "), x: field("x", "Column ") };
  const up = h("button", { type: "button", onclick: () => back() }, "Back up");
  const map = h("div", {});
  const controls = h("div", { class: "zoom-controls" }, ...Object.values(fields).map(({ element }) => element), up);
  const opened = h(
    "div",
    { class: "zoom-number", hidden: true },
    how,
    controls,
    h("div", { class: "zoom-both" }, h("div", {}, map, scale), sum),
  );
  /** @type {Place} */
  let now = { step: -1, y: 0, x: 0, c: 0 };
  /** @type {Place[]} */
  let path = []; // what was looked at before stepping down
  let [busy, behind] = [false, false];
  /** @type {ReturnType<typeof crosshair>} */
  let photo;

  function ask() {
    behind = busy;
    if (busy) return;
    busy = true;
    port.postMessage(now);
  }

  /** @param {Place} place */
  function show(place) {
    const layer = /** @type {Layer} */ (layers.get(place.step));
    const anew = place.step !== now.step;
    now = place;
    const most = { c: layer.channels - 1, y: layer.height - 1, x: layer.width - 1 };
    for (const [name, { input }] of Object.entries(fields)) input.max = String(most[/** @type {"c"} */ (name)]);
    up.setAttribute("aria-disabled", String(!path.length));
    if (anew) {
      write(said, `Computing step ${layer.at} …`);
      how.replaceChildren(h("strong", {}, `Step ${layer.at}: ${layer.name}. `), layer.how);
      for (const [step, { at }] of layers) list.children[at].firstElementChild?.setAttribute("aria-pressed", String(step === place.step)); // prettier-ignore
      photo = crosshair(canvas, layer.width, layer.height, (x, y) => {
        now = { ...now, x, y };
        for (const [name, { input }] of Object.entries(fields)) input.value = String(now[/** @type {"c"} */ (name)]);
        ask();
        return `row ${y}, column ${x}`;
      });
      map.replaceChildren(photo.element);
      opened.hidden = false;
    }
    photo.go(place.x, place.y);
  }

  /** @param {Place} place that the number was made of */
  function down(place) {
    path.push(now);
    show(place);
    /** @type {HTMLElement | null} */ (map.querySelector(".crosshair"))?.focus({ preventScroll: true });
    bringIntoSight(opened);
  }

  function back() {
    const place = path.pop();
    if (place) show(place);
  }

  /** @param {Found} found */
  function draw({ place, made, end, image, low, high }) {
    const layer = /** @type {Layer} */ (layers.get(place.step));
    const { step, c, y, x } = place;
    const label = `Map ${c} of step ${layer.at}`;
    Object.assign(canvas, { width: image.width, height: image.height, ariaLabel: label });
    canvas.getContext("2d")?.putImageData(image, 0, 0);
    write(scale, `${label}: black is ${short(low)}, white is ${short(high)}.`);
    write(said, `Step ${layer.at}, channel ${c}, row ${y}, column ${x}: ${short(made.value)}. ${end}`);
    sum.replaceChildren(...(step ? parts(made, layer) : []));
  }

  /** @param {import("./zoom.js").Made} made @param {Layer} layer */
  function parts(made, layer) {
    const { terms, bias, sum, value, kernel } = made;
    const bent = !layer.bend ? "" : value === sum ? ` ${layer.bend} leaves it.` : ` ${layer.bend} makes it ${short(value)}.`; // prettier-ignore
    const products = terms.length === 1 ? "The product is" : `The ${terms.length} products add up to`;
    const added = bias ? ` ${products} ${short(sum - bias)}. With ${short(bias)}, the bias, it is ${short(sum)}.` : ` ${products} ${short(sum)}.`; // prettier-ignore
    const linear = terms.every(({ weight }) => weight !== undefined);
    const sentence = h("p", {}, `${linear ? added : ` Here it is ${short(sum)}.`}${bent}`);
    return [sentence, ...(kernel && kernel[0] > 1 ? [windows(made)] : []), table(terms)];
  }

  /** The window, the kernel and the products, one channel below at a time. @param {import("./zoom.js").Made} made */
  function windows({ terms, kernel = [1, 1] }) {
    const grids = h("div", { class: "grids" });
    const channels = [...new Set(terms.map(({ from }) => from.c))].sort((one, other) => one - other);
    const choose = (/** @type {number} */ channel) => {
      const at = new Map(terms.filter(({ from }) => from.c === channel).map((term) => [String(term.at), term]));
      const numbers = (/** @type {string} */ caption, /** @type {(term: Term) => number} */ of) =>
        grid(
          caption,
          square(kernel[0], (i, j) => {
            const term = at.get(`${i},${j}`);
            return term ? of(term) : 0;
          }),
          { write: (value) => short(value, 3), look: (i, j) => (at.has(`${i},${j}`) ? "" : "zero") },
        );
      grids.replaceChildren(
        numbers("Under the window", ({ value }) => value),
        numbers("Weights", ({ weight = 0 }) => weight),
        numbers("Products", ({ value, weight = 0 }) => value * weight),
      );
    };
    const first = terms[0]?.from.c ?? 0;
    choose(first);
    if (channels.length < 2) return grids;
    const input = h("input", { type: "number", min: 0, max: channels.length - 1, value: first });
    input.addEventListener("change", () => choose(input.valueAsNumber));
    return h("div", {}, h("label", {}, "Channel below ", input), grids);
  }

  /** What the number was made of, the largest products first. @param {Term[]} terms */
  function table(terms) {
    const body = h("tbody", {});
    const buttons = h("div", { class: "zoom-controls" });
    const turn = (/** @type {string} */ label, /** @type {number} */ to) =>
      h(
        "button",
        {
          type: "button",
          "aria-disabled": String(to < 0 || to >= terms.length),
          onclick: () => {
            if (to < 0 || to >= terms.length) return;
            page(to);
            [...buttons.querySelectorAll("button")].find(({ textContent }) => textContent === label)?.focus();
          },
        },
        label,
      );
    const page = (/** @type {number} */ first) => {
      const rows = terms.slice(first, first + ROWS).map((term) => {
        const { from, value, weight } = term;
        const { at = 0 } = layers.get(from.step) ?? {};
        const text = `Step ${at}, channel ${from.c}, row ${from.y}, column ${from.x}`;
        const button = h("button", { type: "button", onclick: () => down(from) }, text);
        const rest = weight === undefined ? [] : [weight, value * weight];
        return h("tr", {}, h("td", {}, button), ...[value, ...rest].map((one) => h("td", {}, short(one))));
      });
      const others = terms.filter((_, i) => i < first || i >= first + ROWS);
      const left = others.reduce((sum, { value, weight = 0 }) => sum + value * weight, 0);
      if (others.length) rows.push(h("tr", {}, h("td", { colspan: 3 }, `The other ${others.length} products together`), h("td", {}, short(left)))); // prettier-ignore
      body.replaceChildren(...rows);
      if (others.length) buttons.replaceChildren(turn("Larger", first - ROWS), turn("Smaller", first + ROWS));
    };
    page(0);
    const head = ["Step down to", "Number", ...(terms[0]?.weight === undefined ? [] : ["times", "is"])];
    const heads = h("thead", {}, h("tr", {}, ...head.map((text) => h("th", { scope: "col" }, text))));
    return h("div", { class: "zoom-terms" }, h("table", {}, heads, body), buttons);
  }

  /** @param {Layer} layer */
  function add(layer) {
    layer.at = layers.size;
    layers.set(layer.step, layer);
    const { pictures, name, channels, width, height } = layer;
    const [{ width: across, height: tall }] = pictures;
    const strip = h("canvas", { width: pictures.length * (across + 2), height: tall, "aria-hidden": "true" });
    pictures.forEach((image, i) => strip.getContext("2d")?.putImageData(image, i * (across + 2), 0));
    const shape = channels === 1 ? "1 map" : `${channels} maps`;
    const onclick = () => {
      path = [];
      const before = layers.get(now.step);
      const [y, x] = [before ? (now.y + 0.5) / before.height : 0.5, before ? (now.x + 0.5) / before.width : 0.5];
      show({ step: layer.step, y: Math.floor(y * height), x: Math.floor(x * width), c: 0 });
      bringIntoSight(opened);
    };
    const text = h("span", {}, `${layer.at}. ${name}`, h("br"), `${shape}, ${width} × ${height}`);
    list.append(h("li", {}, h("button", { type: "button", "aria-pressed": "false", onclick }, strip, text)));
    if (layer.last) write(said, "Open a step.");
  }

  port.onmessage = ({ data: { layer, number, failed } }) => {
    if (layer) return add(layer);
    busy = false;
    if (behind) ask();
    else if (number) draw(number);
    if (failed) write(said, failed);
  };
  connect(port2);
  return h(
    "div",
    { class: "own-zoom" },
    h(
      "p",
      {},
      "Below is every step of the network, computed once more in your browser for the photograph as the network saw it. Open a step and tap a place in its map, or lead the ring by the arrow keys: you see the numbers that this one was made of. Each of them was made in a step before, down to the gray of your photograph. Channels, rows and columns count from 0. A batch normalization is no step of its own, because after training it is part of the weights before it.",
    ),
    list,
    said,
    opened,
  );
}
