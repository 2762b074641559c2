// The versions of a reader's photograph as pictures of the page, and their files.

import { compare } from "./compare.js";
import { h } from "./dom.js";

/** @typedef {{width: number, height: number, kind: keyof typeof KINDS, gray: Blob, original?: Blob, answer: import("./what-it-did.js").Answer, grid: import("./hints.js").Grid, model: string, others: boolean, hints: import("./hints.js").Hint[], saturation: number}} Photograph `original` unless it is gray; `model` and what follows: with what it was colored */

const KINDS = {
  gray: "Your photograph was gray.",
  toned:
    "Your photograph was toned, in one tint that follows its brightness: it was made gray first, and the original is kept for comparison.",
  color: "Your photograph was in color: it was made gray first, and the original is kept for comparison.",
};

/** What became of a photograph. @param {Photograph} photograph */
export const said = ({ model, width, height, kind }) =>
  `Colored by ${model}, ${width} × ${height} pixels. ${KINDS[kind]}`;

/** Put a file's picture into an element, when it has been read. @param {HTMLImageElement} picture @param {Blob} file */
export async function show(picture, file) {
  const before = picture.src;
  const address = URL.createObjectURL(file);
  picture.src = address;
  await picture.decode().catch((error) => {
    if (picture.src === address) throw error; // else a newer picture has taken its place
  });
  URL.revokeObjectURL(before);
}

/** Let go of the files whose pictures an element holds. @param {HTMLElement} element */
export function forget(element) {
  for (const picture of element.querySelectorAll("img")) URL.revokeObjectURL(picture.src);
}

/**
 * The versions of a photograph to compare, when all have been read.
 * @param {Photograph} photograph
 * @param {Blob} colored
 * @param {import("./color-your-own.js").Shown} [before] the same photograph as another model has colored it
 * @returns {Promise<{slider: HTMLElement, gray: HTMLImageElement, picture: HTMLImageElement}>} `picture` is the one in color
 */
export async function versionsOf({ width, height, gray, original }, colored, before) {
  const files = { Gray: gray, Colored: colored, ...(original && { Original: original }) };
  const versions = Object.keys(files).map((label) => ({
    label,
    picture: h("img", { width, height, alt: `Your photograph: ${label.toLowerCase()}` }),
  }));
  await Promise.all(Object.values(files).map((file, i) => show(versions[i].picture, file)));
  if (before) {
    const { picture } = before;
    picture.alt = `Your photograph: by ${before.photograph.model}`;
    versions.push({ label: `By ${before.photograph.model}`, picture });
  }
  const slider = compare(versions, { left: 0, right: 1 });
  slider.style.setProperty("--full-size", `${width}px`);
  slider.style.setProperty("--shape", String(width / height));
  return { slider, gray: versions[0].picture, picture: versions[1].picture };
}
