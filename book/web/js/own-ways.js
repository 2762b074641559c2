// The ways to bring a photograph to "Color your own photograph": choose, take, drop, paste, or one of the sample.

import { h } from "./dom.js";

const STATIC = new URL("../", import.meta.url);

/** @typedef {{file: string, title: string, credit: string}} Sample */
/** @typedef {(file: Blob, name: string) => void} Take */
/** @typedef {(files: File[]) => void} TakeAll */

/**
 * @param {{takeAll: TakeAll, load: () => void, early: () => void}} page `load` is for readers who want to be offline later,
 *   `early` begins to load when a reader begins to choose
 */
export function chooser({ takeAll, load, early }) {
  const zone = h(
    "div",
    { class: "own-drop" },
    h("p", { class: "own-by-mouse" }, "Drop a photograph here, or several, paste one, or"),
    h(
      "div",
      { class: "own-ways" },
      ...opener("Choose a photograph", { class: "own-first" }, takeAll, early, { multiple: true }),
      ...opener("Take one with the camera", { class: "own-by-touch" }, takeAll, early, { capture: "environment" }),
      h("button", { type: "button", onclick: load }, "Load the model now, go offline later"),
    ),
  );
  zone.addEventListener("dragover", (event) => event.preventDefault());
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    takeAll([...(event.dataTransfer?.files ?? [])]);
  });
  document.addEventListener("paste", (event) => {
    takeAll([...(event.clipboardData?.files ?? [])]);
  });
  return zone;
}

/**
 * A button that opens the dialog for files, and the input behind it: browsers write "No file chosen" beside their own
 * button, also when a photograph has been colored.
 * @param {string} label
 * @param {{class?: string}} look
 * @param {TakeAll} takeAll
 * @param {() => void} early
 * @param {import("./dom.js").Attributes} [more] of the input
 */
export function opener(label, look, takeAll, early, more) {
  const input = h("input", { type: "file", accept: "image/*", hidden: true, ...more });
  input.addEventListener("change", () => {
    takeAll([...(input.files ?? [])]);
    input.value = ""; // so that the same file can be chosen again
  });
  const onclick = () => {
    input.click();
    early();
  };
  return [h("button", { type: "button", ...look, onclick }, label), input];
}

/**
 * The photographs of the course, to try. The list closes when one is chosen: what comes of it stands below.
 * @param {Sample[]} samples
 * @param {Take} take
 * @param {(sentence: string) => void} say
 */
export function gallery(samples, take, say) {
  const summary = h("summary", {}, `Or try one of ${samples.length} photographs`);
  const open = async (/** @type {Sample} */ { file, title }) => {
    summary.focus({ preventScroll: true }); // the button that was pressed is gone in a moment
    list.open = false;
    say(`Loading the photograph: ${title}`);
    const response = await fetch(new URL(`sample/${file}`, STATIC)).catch(() => undefined);
    if (response?.ok) take(await response.blob(), file);
    else say(`${title}: this photograph could not be loaded. Is there a network?`);
  };
  const list = h(
    "details",
    { class: "own-samples" },
    summary,
    h(
      "ul",
      {},
      ...samples.map((sample) =>
        h(
          "li",
          {},
          sampleButton(sample, () => open(sample)),
        ),
      ),
    ),
  );
  return list;
}

/** @param {Sample} sample @param {() => void} onclick */
function sampleButton({ file, title, credit }, onclick) {
  const { href } = new URL(`sample/${file}`, STATIC);
  const picture = h("img", { src: href, alt: "", loading: "lazy", width: 96, height: 72 });
  return h("button", { type: "button", title: credit, onclick }, picture, h("span", {}, title));
}
