// "Color your own photograph": the page's side. All work with pixels is done by photo-worker.js.

import { compare } from "./compare.js";
import { h, options, slider } from "./dom.js";
import { explain } from "./what-it-did.js";

const STATIC = new URL("../", import.meta.url);
const FORMATS = { PNG: "image/png", JPEG: "image/jpeg" };

/** @typedef {{file: string, title: string, credit: string}} Sample */
/** @typedef {{width: number, height: number, colored: boolean, gray: ImageBitmap, original: ImageBitmap, seen: import("./what-it-did.js").Seen}} Photograph */

/** @param {HTMLElement} element its `data-options` name the sample photographs */
export function mount(element) {
  /** @type {{samples: Sample[]}} */
  const { samples } = options(element);
  const worker = new Worker(new URL("./photo-worker.js", import.meta.url), { type: "module" });
  let job = 0;
  let name = "photograph";
  /** @type {HTMLCanvasElement | undefined} */
  let canvas;
  /** @type {Photograph | undefined} */
  let photograph;

  const status = h("p", { role: "status", class: "own-status" });
  const bar = h("progress", { max: 1, value: 0, "aria-label": "Progress", hidden: true });
  const cancel = h("button", { type: "button", hidden: true, onclick: stop }, "Cancel");
  const result = h("div", { class: "own-result" });
  const saturation = slider({
    label: "Saturation",
    min: 0,
    max: 2,
    step: 0.05,
    value: 1,
    format: (value) => `${Math.round(100 * value)} %`,
    oninput: () => photograph && send({ type: "recolor", saturation: strength() }),
  });
  const saves = Object.entries(FORMATS).map(([label, format]) =>
    h("button", { type: "button", onclick: () => send({ type: "save", format }) }, `Download ${label}`),
  );
  const tools = h("div", { class: "own-tools", hidden: true }, saturation, ...saves);

  const strength = () => /** @type {HTMLInputElement} */ (saturation.querySelector("input")).valueAsNumber;
  const send = (/** @type {Record<string, unknown>} */ message) => {
    if (message.type !== "recolor") busy(true);
    worker.postMessage({ ...message, job: ++job });
  };
  const busy = (/** @type {boolean} */ on) => {
    bar.hidden = cancel.hidden = !on;
    saves.forEach((button) => (button.disabled = on));
  };
  function stop() {
    worker.postMessage({ type: "cancel", job: ++job });
    busy(false);
    status.textContent = "Stopped.";
  }
  const take = (/** @type {Blob} */ file, /** @type {string} */ called) => {
    name = called.replace(/\.[^.]*$/, "") || "photograph";
    status.textContent = "Reading the photograph";
    send({ type: "color", file, saturation: strength() });
  };

  /** @type {Record<string, (message: any) => void>} */
  const answers = {
    loading({ fraction, megabytes }) {
      bar.value = fraction;
      status.textContent = `Loading the model: ${Math.round(100 * fraction)} % of ${megabytes.toFixed(1)} MB`;
    },
    loaded() {
      busy(false);
      status.textContent = "The model is here; from now on this page needs no network.";
    },
    progress({ step, fraction }) {
      bar.value = fraction;
      status.textContent = `${step} …`;
    },
    photograph(message) {
      photograph = message;
      canvas = undefined;
    },
    colored({ bitmap }) {
      if (!photograph) return;
      if (canvas) draw(canvas, bitmap);
      else canvas = present(photograph, bitmap, result);
      tools.hidden = false;
      busy(false);
      status.textContent = said(photograph);
    },
    saved({ blob }) {
      busy(false);
      const ending = blob.type === FORMATS.PNG ? "png" : "jpg";
      const address = URL.createObjectURL(blob);
      h("a", { href: address, download: `${name}-colorized.${ending}` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
      status.textContent = `Saved as ${name}-colorized.${ending}.`;
    },
    failed({ reason }) {
      busy(false);
      status.textContent = `${name}: ${reason}`;
    },
  };
  worker.onmessage = ({ data }) => {
    if (data.job === undefined || data.job === job) answers[data.type](data);
  };
  worker.onerror = () =>
    answers.failed({ reason: "The worker that colors photographs couldn't start in this browser." });

  element.replaceChildren(
    chooser(take, () => send({ type: "load" })),
    gallery(samples, take),
    h("div", { class: "own-work" }, status, bar, cancel),
    result,
    tools,
  );
}

/** What the reader is told about the photograph. @param {Photograph} photograph */
function said({ colored, width, height }) {
  const size = `${width} × ${height} pixels`;
  return colored
    ? `Colored, ${size}. Your photograph was in color: it was made gray first, and the original is kept for comparison.`
    : `Colored, ${size}. Your photograph was gray.`;
}

/** @param {HTMLCanvasElement} canvas @param {ImageBitmap} bitmap */
function draw(canvas, bitmap) {
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
  return canvas;
}

/** Show the versions of a photograph. @param {Photograph} photograph @param {ImageBitmap} colored @param {HTMLElement} place */
function present(photograph, colored, place) {
  const picture = (/** @type {string} */ label, /** @type {ImageBitmap} */ bitmap) =>
    draw(h("canvas", { role: "img", "aria-label": `Your photograph: ${label.toLowerCase()}` }), bitmap);
  const versions = [
    { label: "Gray", picture: picture("Gray", photograph.gray) },
    { label: "Colored", picture: picture("Colored", colored) },
  ];
  if (photograph.colored) versions.push({ label: "Original", picture: picture("Original", photograph.original) });
  place.replaceChildren(compare(versions, { left: 0, right: 1 }), explain(photograph.seen));
  return versions[1].picture;
}

/**
 * The ways to bring a photograph: choose, drop, paste, take.
 * @param {(file: Blob, name: string) => void} take
 * @param {() => void} load
 */
function chooser(take, load) {
  const chosen = (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (input.files?.[0]) take(input.files[0], input.files[0].name);
    input.value = ""; // so that the same file can be chosen again
  };
  const choose = h("input", { type: "file", accept: "image/*", onchange: chosen });
  const camera = h("input", { type: "file", accept: "image/*", capture: "environment", onchange: chosen });
  const zone = h(
    "div",
    { class: "own-drop" },
    h("p", {}, "Drop a photograph here, paste one, or"),
    h(
      "div",
      { class: "own-ways" },
      h("label", {}, h("span", {}, "Choose a photograph"), choose),
      h("label", { class: "own-camera" }, h("span", {}, "Take one"), camera),
      h("button", { type: "button", onclick: load }, "Load the model now, go offline later"),
    ),
  );
  zone.addEventListener("dragover", (event) => event.preventDefault());
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) take(file, file.name);
  });
  document.addEventListener("paste", (event) => {
    const file = event.clipboardData?.files[0];
    if (file) take(file, file.name || "pasted");
  });
  return zone;
}

/** @param {Sample[]} samples @param {(file: Blob, name: string) => void} take */
function gallery(samples, take) {
  const buttons = samples.map(({ file, title, credit }) => {
    const address = new URL(`sample/${file}`, STATIC);
    const picture = h("img", { src: address.href, alt: "", loading: "lazy", width: 96, height: 72 });
    const open = async () => take(await (await fetch(address)).blob(), file);
    return h("li", {}, h("button", { type: "button", title: credit, onclick: open }, picture, h("span", {}, title)));
  });
  return h(
    "details",
    { class: "own-samples" },
    h("summary", {}, `Or try one of ${samples.length} photographs`),
    h("ul", {}, ...buttons),
  );
}
