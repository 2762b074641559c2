// "Color your own photograph" without a connection: kept by a service worker when the reader asks for that, and not before.

import { h, write } from "./dom.js";

const WORKER = new URL("../../book/color_your_own.kept.js", import.meta.url);
const PAGE = new URL("../../book/color_your_own.html", import.meta.url);
const MINE = `kept ${PAGE} `; // how the caches' names begin, see keep-worker.js
const NONE =
  "This page can't be kept here: browsers keep pages only where they come by https, and some not in private windows.";

/**
 * Start a worker of the page. A service worker answers for a worker only where it answers for its address, or for the page
 * that made it: an address made by the page counts as the page.
 * @param {URL} script
 */
export function startWorker(script) {
  if (!navigator.serviceWorker?.controller) return new Worker(script, { type: "module" });
  const address = URL.createObjectURL(new Blob([`import "${script}";`], { type: "text/javascript" }));
  return new Worker(address, { type: "module" });
}

const megabytes = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

export class Keep {
  /** @type {Set<string>} */
  #loaded = new Set();
  /** @type {ServiceWorkerRegistration | undefined} */
  #kept;
  #summary = h("summary", {});
  #about = h("p", {});
  #said = h("p", { role: "status" });
  #button = h("button", { type: "button" });
  element = h("details", { class: "own-keep" }, this.#summary, this.#about, this.#button, this.#said);

  /** @param {number} bytes of all that is kept at first */
  constructor(bytes) {
    this.bytes = bytes;
    this.#button.addEventListener("click", () => (this.#kept ? this.#remove() : this.#keep()));
    this.#find();
  }

  /** Keep a model that was loaded, where the page is kept. @param {string} name */
  model(name) {
    this.#loaded.add(name);
    this.#kept?.active?.postMessage({ model: name });
  }

  async #find() {
    this.#show();
    if (!navigator.serviceWorker) return;
    navigator.serviceWorker.onmessage = ({ data }) => this.#hear(data);
    const found = await navigator.serviceWorker.getRegistration(PAGE).catch(() => undefined);
    if (found?.scope === PAGE.href && found.active) this.#kept = found;
    await this.#show();
  }

  /** @param {{share?: number, failed?: string, model?: string}} message of the service worker */
  #hear({ share, failed, model }) {
    if (model) this.#show();
    if (this.#kept) return; // what it does about a new version is its own affair
    if (share !== undefined) write(this.#said, `Keeping: ${Math.round(100 * share)} % of ${megabytes(this.bytes)}`);
    if (failed)
      write(this.#said, `Not kept: ${failed} isn't the file of this version. Load the page anew and try again.`);
  }

  /** Say how things are. */
  async #show() {
    const can = Boolean(navigator.serviceWorker);
    write(this.#summary, this.#kept ? "Kept for use without a connection" : "Use without a connection");
    this.#button.hidden = !can;
    write(this.#button, this.#kept ? "Remove what is kept" : "Keep this page for use without a connection");
    if (!can) return write(this.#about, NONE);
    if (!this.#kept)
      return write(
        this.#about,
        `Your browser can keep this page with its scripts, the model that it begins with and the photographs to try: ${megabytes(this.bytes)}, from this site alone. ` +
          "They stay on this device until you remove them here. Other models are kept as well when you load them, about 2 MB each.",
      );
    const bytes = megabytes(await sizeKept());
    write(
      this.#about,
      `This page is kept on this device, ${bytes}: its address opens without a connection. A newer version is loaded when there is one, and replaces the whole page the next time you open it.`,
    );
  }

  async #keep() {
    this.#button.disabled = true;
    write(this.#said, `Keeping: 0 % of ${megabytes(this.bytes)}`);
    try {
      const registration = await navigator.serviceWorker.register(WORKER, {
        scope: PAGE.pathname,
        updateViaCache: "none",
      });
      await active(registration);
      this.#kept = registration;
      for (const name of this.#loaded) this.model(name);
      navigator.storage?.persist?.().catch(() => {}); // or the browser may drop it when space is short
      write(this.#said, "Kept. You can go offline and come back to this address.");
    } catch {
      await forget();
      if (!this.#said.textContent?.startsWith("Not kept"))
        write(
          this.#said,
          "Not kept: not everything could be loaded, or your browser has no room. Is there a connection?",
        );
    }
    this.#button.disabled = false;
    await this.#show();
  }

  async #remove() {
    this.#kept = undefined;
    await forget();
    await this.#show();
    write(this.#said, "Removed. Nothing of this page is kept any more.");
  }
}

/** Wait until a new worker has kept everything. @param {ServiceWorkerRegistration} registration */
function active({ installing, active }) {
  return new Promise((resolve, reject) => {
    if (active) return resolve(undefined);
    installing?.addEventListener("statechange", () => {
      if (installing.state === "activated") resolve(undefined);
      if (installing.state === "redundant") reject(new Error("The service worker could not keep all files."));
    });
  });
}

async function ownCaches() {
  return (await caches.keys()).filter((name) => name.startsWith(MINE));
}

async function forget() {
  const registration = await navigator.serviceWorker.getRegistration(PAGE);
  if (registration?.scope === PAGE.href) await registration.unregister();
  for (const name of await ownCaches()) await caches.delete(name);
}

/** How many bytes are kept. */
async function sizeKept() {
  let bytes = 0;
  for (const name of await ownCaches()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys())
      bytes += Number((await cache.match(request))?.headers.get("Content-Length"));
  }
  return bytes;
}
