// "Color your own photograph": the page's side. All work with pixels is done by photo-worker.js.

import { compare } from "./compare.js";
import { h, options, slider } from "./dom.js";
import { explain } from "./what-it-did.js";

const STATIC = new URL("../", import.meta.url);
const FORMATS = { PNG: "image/png", JPEG: "image/jpeg" };

/** @typedef {{file: string, title: string, credit: string}} Sample */
/** @typedef {{width: number, height: number, gray: Blob, original?: Blob, answer: import("./what-it-did.js").Answer}} Photograph `original` only if it is in color */
/** @typedef {{photograph: Photograph, picture: HTMLImageElement, name: string}} Shown */

/** @param {HTMLElement} element its `data-options` name the sample photographs */
export function mount(element) {
  /** @type {{samples: Sample[]}} */
  const { samples } = options(element);
  const worker = new Worker(new URL("./photo-worker.js", import.meta.url), { type: "module" });
  let job = 0;
  let name = ""; // of the photograph that was handed over last
  /** @type {Shown | undefined} */
  let shown;

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
    oninput: () => send({ type: "recolor", saturation: strength() }),
  });
  const saves = Object.entries(FORMATS).map(([label, format]) =>
    h(
      "button",
      { type: "button", onclick: () => send({ type: "save", format, saturation: strength() }) },
      `Download ${label}`,
    ),
  );
  const tools = h("fieldset", { class: "own-tools", "aria-label": "The photograph in color", hidden: true });
  tools.append(saturation, ...saves);

  const strength = () => /** @type {HTMLInputElement} */ (saturation.querySelector("input")).valueAsNumber;
  /** @type {Element | null} */
  let focused = null;
  const send = (/** @type {Record<string, unknown>} */ message) => {
    bar.hidden = cancel.hidden = message.type === "recolor";
    focused = tools.contains(document.activeElement) ? document.activeElement : null;
    tools.disabled = message.type !== "recolor"; // they belong to the photograph that is shown
    worker.postMessage({ ...message, job: ++job });
  };
  const done = () => {
    bar.hidden = cancel.hidden = true;
    tools.disabled = false;
    if (document.activeElement === document.body && focused instanceof HTMLElement) focused.focus();
  };
  function stop() {
    worker.postMessage({ type: "cancel", job: ++job });
    done();
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
      if (bar.hidden) return; // whoever asked for the model has stopped
      bar.value = fraction;
      status.textContent = `Loading the model: ${Math.round(100 * fraction)} % of ${megabytes.toFixed(1)} MB`;
    },
    loaded() {
      done();
      status.textContent = "The model is here; from now on your own photographs need no network.";
    },
    progress({ step, fraction }) {
      bar.value = fraction;
      status.textContent = `${step} …`;
    },
    async colored({ job: mine, picture, photograph }) {
      if (photograph) {
        const fresh = await present(photograph, picture);
        if (mine !== job) return forget(...fresh.elements);
        forget(result);
        result.replaceChildren(...fresh.elements);
        shown = { photograph, picture: fresh.picture, name };
        worker.postMessage({ type: "shown", job });
      } else if (shown) await show(shown.picture, picture);
      if (!shown || mine !== job) return;
      tools.hidden = false;
      done();
      status.textContent = said(shown.photograph);
    },
    saved({ blob }) {
      done();
      const file = `${shown?.name}-colorized.${blob.type === FORMATS.PNG ? "png" : "jpg"}`;
      const address = URL.createObjectURL(blob);
      h("a", { href: address, download: file }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
      status.textContent = `Saved as ${file}.`;
    },
    failed({ reason }) {
      done();
      status.textContent = name ? `${name}: ${reason}` : reason;
    },
  };
  const answer = async (/** @type {{type: string, job?: number}} */ message) => {
    if (message.job !== undefined && message.job !== job) return;
    try {
      await answers[message.type](message);
    } catch {
      answers.failed({ reason: "Your browser can't show this picture. Make it smaller, or save it as JPEG." });
    }
  };
  let answered = Promise.resolve(); // one after the other: a picture is shown before it is said to be saved
  worker.onmessage = ({ data }) => {
    answered = answered.then(() => answer(data));
  };
  worker.onerror = () =>
    answers.failed({ reason: "The worker that colors photographs couldn't start in this browser." });

  element.replaceChildren(
    chooser(take, () => bar.hidden && send({ type: "load" })), // whatever is being done loads it as well
    gallery(samples, take, (title) => {
      status.textContent = `${title}: this photograph could not be loaded. Is there a network?`;
    }),
    h("div", { class: "own-work" }, status, bar, cancel),
    result,
    tools,
  );
}

/** What the reader is told about the photograph. @param {Photograph} photograph */
function said({ original, width, height }) {
  const size = `${width} × ${height} pixels`;
  return original
    ? `Colored, ${size}. Your photograph was in color: it was made gray first, and the original is kept for comparison.`
    : `Colored, ${size}. Your photograph was gray.`;
}

/** Put a file's picture into an element, when it has been read. @param {HTMLImageElement} picture @param {Blob} file */
async function show(picture, file) {
  const before = picture.src;
  const address = URL.createObjectURL(file);
  picture.src = address;
  await picture.decode().catch((error) => {
    if (picture.src === address) throw error; // else a newer picture has taken its place
  });
  URL.revokeObjectURL(before);
}

/** Let go of the files whose pictures some elements hold. @param {...HTMLElement} elements */
function forget(...elements) {
  for (const element of elements)
    for (const picture of element.querySelectorAll("img")) URL.revokeObjectURL(picture.src);
}

/**
 * Show the versions of a photograph, when all have been read, and what the model did.
 * @param {Photograph} photograph
 * @param {Blob} colored
 * @returns {Promise<{elements: HTMLElement[], picture: HTMLImageElement}>} `picture` is the one in color
 */
async function present({ width, height, gray, original, answer }, colored) {
  const files = { Gray: gray, Colored: colored, ...(original && { Original: original }) };
  const versions = Object.keys(files).map((label) => ({
    label,
    picture: h("img", { width, height, alt: `Your photograph: ${label.toLowerCase()}` }),
  }));
  await Promise.all(Object.values(files).map((file, i) => show(versions[i].picture, file)));
  const slider = compare(versions, { left: 0, right: 1 });
  slider.style.setProperty("--full-size", `${width}px`);
  return { elements: [slider, explain(answer)], picture: versions[1].picture };
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

/**
 * The photographs of the course, to try.
 * @param {Sample[]} samples
 * @param {(file: Blob, name: string) => void} take
 * @param {(title: string) => void} fail what to do where one can't be loaded
 */
function gallery(samples, take, fail) {
  const buttons = samples.map(({ file, title, credit }) => {
    const address = new URL(`sample/${file}`, STATIC);
    const picture = h("img", { src: address.href, alt: "", loading: "lazy", width: 96, height: 72 });
    const open = async () => {
      const response = await fetch(address).catch(() => undefined);
      if (response?.ok) take(await response.blob(), file);
      else fail(title);
    };
    return h("li", {}, h("button", { type: "button", title: credit, onclick: open }, picture, h("span", {}, title)));
  });
  return h(
    "details",
    { class: "own-samples" },
    h("summary", {}, `Or try one of ${samples.length} photographs`),
    h("ul", {}, ...buttons),
  );
}
