// The service worker of "Color your own photograph". The page registers it only when a reader asks to keep the page.
// The build puts the list of files before these lines (book/_ext/kept.py), so that a change in any of them is a new worker.

/** @typedef {Record<string, [number, string]>} Files By path from the top of the book: bytes and SHA-256. */

/** @type {any} */
const worker = self;
/** @type {{version: string, files: Files, models: Record<string, Files>}} `files` are always kept, `models` when they were loaded */
const LISTED = worker.LISTED;
const TOP = new URL("../", location.href);
const MINE = `kept ${worker.registration.scope} `; // other projects at the same host have caches, too
const CACHE = MINE + LISTED.version;
const NEWER = 409; // of an answer: what is asked for has been replaced by another version
// A load of the page at which a new worker takes over: the same address is asked for again at once.
const AGAIN = `<!doctype html><html lang="en"><title>A new version</title>
<link rel="icon" href="data:,"><meta http-equiv="refresh" content="0"></html>`;

let leaving = false; // whether another version takes over

class OtherVersion extends Error {}

/** @param {ArrayBuffer} bytes */
async function hashOf(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A file as it is listed; another one, of a version before or after, is refused. @param {string} path @param {string} hash */
async function listed(path, hash) {
  const response = await fetch(new URL(path, TOP), { cache: "no-cache" });
  const bytes = await response.arrayBuffer();
  if (!response.ok || (await hashOf(bytes)) !== hash) throw new OtherVersion(path);
  const type = response.headers.get("Content-Type") ?? "";
  return new Response(bytes, { headers: { "Content-Type": type, "Content-Length": String(bytes.byteLength) } });
}

/** Keep files that aren't kept yet. @param {Files} files @param {(bytes: number) => void} [tell] of each that is there */
async function keep(files, tell = () => {}) {
  const cache = await caches.open(CACHE);
  const one = async (/** @type {string} */ path) => {
    const [bytes, hash] = files[path];
    const address = new URL(path, TOP);
    if (!(await cache.match(address))) await cache.put(address, await listed(path, hash));
    tell(bytes);
  };
  await Promise.all(Object.keys(files).map(one));
}

const ownCaches = async () => (await caches.keys()).filter((name) => name.startsWith(MINE));

/** Models that an earlier version of the page keeps. */
async function modelsKept() {
  const kept = [];
  for (const cacheName of await ownCaches())
    for (const [name, files] of Object.entries(LISTED.models)) {
      const found = Object.keys(files).map((path) => caches.match(new URL(path, TOP), { cacheName }));
      if ((await Promise.all(found)).every(Boolean)) kept.push(name);
    }
  return kept;
}

/** Keep this version whole, or nothing of it. */
async function install() {
  const pages = await worker.clients.matchAll({ includeUncontrolled: true });
  const tell = (/** @type {object} */ message) => pages.forEach((/** @type {any} */ page) => page.postMessage(message));
  try {
    const files = Object.assign({}, LISTED.files, ...(await modelsKept()).map((name) => LISTED.models[name]));
    const total = Object.values(files).reduce((sum, [bytes]) => sum + bytes, 0);
    let done = 0;
    await keep(files, (bytes) => tell({ share: (done += bytes) / total }));
  } catch (error) {
    await caches.delete(CACHE);
    tell({ failed: error instanceof OtherVersion ? error.message : "" });
    throw error;
  }
}

async function forgetEarlier() {
  for (const name of await ownCaches()) if (name !== CACHE) await caches.delete(name);
}

/** What the page asks for: as it is kept, whatever the network has by now. @param {Request} request */
async function answer(request) {
  const kept = await caches.match(request, { cacheName: CACHE, ignoreSearch: true });
  if (kept) return kept;
  const path = request.url.split("?")[0].replace(TOP.href, "");
  const [, hash] = Object.assign({}, ...Object.values(LISTED.models))[path] ?? [];
  if (!hash) return fetch(request);
  return listed(path, hash).catch((error) =>
    error instanceof OtherVersion ? new Response("", { status: NEWER }) : Response.error(),
  );
}

/** The page itself. Where a new version waits and no other window shows this one, the new one begins. @param {Request} request */
async function answerPage(request) {
  const { waiting } = worker.registration;
  if (!leaving && (!waiting || (await worker.clients.matchAll()).length > 1)) return answer(request);
  waiting?.postMessage({ begin: true });
  leaving = true;
  return new Response(AGAIN, { headers: { "Content-Type": "text/html" } });
}

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(install()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(forgetEarlier()));
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  if (event.request.method !== "GET") return;
  event.respondWith(event.request.mode === "navigate" ? answerPage(event.request) : answer(event.request));
});
worker.addEventListener("message", (/** @type {any} */ event) => {
  if (event.data.begin) worker.skipWaiting();
  const files = LISTED.models[event.data.model];
  if (files) event.waitUntil(keep(files).then(() => event.source?.postMessage({ model: event.data.model })));
});
