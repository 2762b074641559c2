// What scrolls by itself, because it is wider or higher than its place: it can be reached by keyboard, and says so.

/** @param {HTMLElement} box */
function mark(box) {
  const sideways = box.scrollWidth > box.clientWidth + 1;
  const scrolls = sideways || box.scrollHeight > box.clientHeight + 1;
  box.classList.toggle("scrolls-sideways", sideways);
  if (!scrolls) return ["role", "aria-label", "tabindex"].forEach((name) => box.removeAttribute(name));
  const what = box.querySelector("table.strip") ? "Photographs" : "A table";
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", sideways ? `${what}, to scroll sideways` : `${what}, to scroll`);
  box.tabIndex = 0;
}

/** @param {Iterable<HTMLElement>} boxes */
export function watch(boxes) {
  const observer = new ResizeObserver((entries) =>
    entries.forEach(({ target }) => mark(/** @type {HTMLElement} */ (target))),
  );
  for (const box of boxes) observer.observe(box);
}
