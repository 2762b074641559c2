// "Watch it learn": one photograph as runs colored it at 16 epochs, and where on their learning curves that was.

import { h, moveTo, options, slider, svg } from "./dom.js";

/** @typedef {{label: string, epochs: number[], psnr: number[]}} Run PSNR on validation after each epoch, in dB. */

const EPOCHS = new URL("../epochs/", import.meta.url);
const [WIDE, HIGH] = [256, 130];
const [LEFT, RIGHT, TOP, BOTTOM] = [42, 10, 24, 34]; // what the labels of a curve take
const PAUSE = 700; // milliseconds that a moment is shown while it plays

/** @param {HTMLElement} element its `data-options` name the recipes */
export async function mount(element) {
  /** @type {{recipes: string[]}} */
  const { recipes } = options(element);
  /** @type {{size: number, photographs: Record<string, string>, runs: Record<string, Run>}} */
  const { size, photographs, runs } = await (await fetch(new URL("index.json", EPOCHS))).json();
  const curves = recipes.flatMap((name) => runs[name].psnr);
  const range = [Math.min(...curves), Math.max(...curves)];
  const panels = recipes.map((name) => panel(name, runs[name], range));
  const last = Math.min(...recipes.map((name) => runs[name].epochs.length)) - 1;
  const photograph = h(
    "select",
    { onchange: show },
    ...Object.entries(photographs).map(([value, title]) => h("option", { value }, title)),
  );
  const chosen = slider({ label: "Moment", min: 0, max: last, step: 1, value: 0, oninput: show, format: moment });
  const input = /** @type {HTMLInputElement} */ (chosen.querySelector("input"));
  const play = h("button", { type: "button", onclick: () => (playing ? stop() : start()) }, "Play");
  const truth = h("img", { width: 256, height: 256, alt: "" });
  let playing = 0;

  /** @param {number} step */
  function moment(step) {
    return recipes.map((name) => `${runs[name].label}: epoch ${runs[name].epochs[step]}`).join("; ");
  }
  function show() {
    const [file, title] = [photograph.value, photographs[photograph.value]];
    for (const one of panels) one.show(file, title, input.valueAsNumber);
    truth.src = new URL(`truth/${file}.webp`, EPOCHS).href;
    truth.alt = `${title} as it was taken`;
  }
  function start() {
    for (const one of panels) one.fetchAll(photograph.value); // or moments would be missed while they load
    if (input.valueAsNumber === last) moveTo(input, 0);
    play.textContent = "Pause";
    playing = window.setInterval(() => {
      moveTo(input, input.valueAsNumber + 1);
      if (input.valueAsNumber === last) stop();
    }, PAUSE);
  }
  function stop() {
    window.clearInterval(playing);
    playing = 0;
    play.textContent = "Play";
  }
  input.addEventListener("input", (event) => event.isTrusted && stop()); // moved by the reader
  element.replaceChildren(
    h("label", {}, "Photograph ", photograph),
    h("div", { class: "watch-controls" }, play, chosen),
    h("div", { class: "watch-panels" }, ...panels.map((one) => one.figure), h("div", {}, h("div", {}, "Truth"), truth)),
    h("small", {}, `The runs kept pictures of ${size} px, which are enlarged here.`),
  );
  show();
}

/** @param {string} name @param {Run} run @param {number[]} range of PSNR */
function panel(name, run, [low, high]) {
  const picture = h("img", { width: 256, height: 256, alt: "" });
  const count = run.psnr.length;
  const x = (/** @type {number} */ epoch) => LEFT + ((WIDE - LEFT - RIGHT) * (epoch - 1)) / (count - 1);
  const y = (/** @type {number} */ psnr) => HIGH - BOTTOM - ((HIGH - TOP - BOTTOM) * (psnr - low)) / (high - low);
  const points = run.psnr.map((psnr, i) => `${x(i + 1)},${y(psnr)}`).join(" ");
  const text = (/** @type {number} */ at, /** @type {number} */ down, /** @type {string} */ anchor, said = "") =>
    svg("text", { x: at, y: down, "text-anchor": anchor }, said);
  const marker = svg("circle", { r: 6, class: "watch-marker" });
  const curve = svg(
    "svg",
    { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": `PSNR on validation of ${run.label} by epoch` },
    svg("path", { d: `M${LEFT},${TOP - 6}V${HIGH - BOTTOM + 4}H${WIDE - RIGHT}`, class: "watch-axes" }),
    text(0, 12, "start", "PSNR on validation, dB"),
    ...[low, high].map((psnr) => text(LEFT - 9, y(psnr) + 4, "end", psnr.toFixed(1))),
    ...[1, count].map((epoch) => text(x(epoch), HIGH - BOTTOM + 17, "middle", String(epoch))),
    text((LEFT + WIDE - RIGHT) / 2, HIGH - BOTTOM + 17, "middle", "Epoch"),
    svg("polyline", { points, class: "watch-curve" }),
    marker,
  );
  const caption = h("figcaption");
  const address = (/** @type {string} */ file, /** @type {number} */ epoch) =>
    new URL(`${name}/${file}_${String(epoch).padStart(3, "0")}.webp`, EPOCHS).href;
  return {
    figure: h("figure", {}, h("div", {}, run.label), picture, caption, curve),
    /** @param {string} file */
    fetchAll(file) {
      for (const epoch of run.epochs) new Image().src = address(file, epoch);
    },
    /** @param {string} file @param {string} title @param {number} step */
    show(file, title, step) {
      const epoch = run.epochs[step];
      picture.src = address(file, epoch);
      picture.alt = `${title} as ${run.label} colored it after epoch ${epoch}`;
      marker.setAttribute("cx", String(x(epoch)));
      marker.setAttribute("cy", String(y(run.psnr[epoch - 1])));
      caption.textContent = `${run.label}, epoch ${epoch} of ${count}: ${run.psnr[epoch - 1].toFixed(1)} dB`;
    },
  };
}
