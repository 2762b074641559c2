// "Watch it learn": one photograph as runs colored it at 16 epochs, and where on their learning curves that was.

import { h, options, slider, svg } from "./dom.js";

/** @typedef {{label: string, epochs: number[], psnr: number[]}} Run PSNR on validation after each epoch, in dB. */

const EPOCHS = new URL("../epochs/", import.meta.url);
const [WIDE, HIGH] = [260, 90];

/** @param {HTMLElement} element its `data-options` name the recipes */
export async function mount(element) {
  /** @type {{recipes: string[]}} */
  const { recipes } = options(element);
  /** @type {{photographs: Record<string, string>, runs: Record<string, Run>}} */
  const { photographs, runs } = await (await fetch(new URL("index.json", EPOCHS))).json();
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

  /** @param {number} step */
  function moment(step) {
    return recipes.map((name) => `${runs[name].label}: epoch ${runs[name].epochs[step]}`).join("; ");
  }
  function show() {
    for (const one of panels) one.show(photograph.value, photographs[photograph.value], input.valueAsNumber);
  }
  element.replaceChildren(
    h("label", {}, "Photograph ", photograph),
    h("div", { class: "watch-panels" }, ...panels.map((one) => one.figure)),
    chosen,
  );
  show();
}

/** @param {string} name @param {Run} run @param {number[]} range of PSNR */
function panel(name, run, [low, high]) {
  const picture = h("img", { width: 192, height: 192, alt: "" });
  const x = (/** @type {number} */ epoch) => 10 + ((WIDE - 20) * (epoch - 1)) / (run.psnr.length - 1);
  const y = (/** @type {number} */ psnr) => HIGH - 10 - ((HIGH - 20) * (psnr - low)) / (high - low);
  const points = run.psnr.map((psnr, i) => `${x(i + 1)},${y(psnr)}`).join(" ");
  const marker = svg("circle", { r: 6, class: "watch-marker" });
  const curve = svg(
    "svg",
    { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": `PSNR on validation of ${run.label} by epoch` },
    svg("polyline", { points, class: "watch-curve" }),
    marker,
  );
  const caption = h("figcaption");
  return {
    figure: h("figure", {}, picture, curve, caption),
    /** @param {string} file @param {string} title @param {number} step */
    show(file, title, step) {
      const epoch = run.epochs[step];
      picture.src = new URL(`${name}/${file}_${String(epoch).padStart(3, "0")}.webp`, EPOCHS).href;
      picture.alt = `${title} as ${run.label} colored it after epoch ${epoch}`;
      marker.setAttribute("cx", String(x(epoch)));
      marker.setAttribute("cy", String(y(run.psnr[epoch - 1])));
      caption.textContent = `${run.label}, epoch ${epoch} of ${run.psnr.length}: ${run.psnr[epoch - 1].toFixed(1)} dB`;
    },
  };
}
