// Says at once when the server is not there, and loads the page anew once it is. A page whose server
// has gone looks as before, and nothing in it does anything: bokeh 3.9 tells nobody but its log, and
// after a download from the page not even that.
(() => {
  const PROBE = "health/live";
  const RETRY = 1500;         // between two questions to a server that does not answer [ms]
  const LOOK = 3000;          // between two looks at one that does, while somebody looks [ms]
  const PATIENCE = 3000;      // for an answer [ms], where answers take a quarter of that or less
  const MOST_PATIENCE = 10000;  // on a slow line [ms]
  const SLOWER = 4;           // times its usual time, and an answer is late
  const LEAST_APART = 10000;  // of two reloads, so that a server in trouble is not stormed [ms]
  const said = (text) => globalThis.csservSaid?.[text] ?? text;
  const LOST = said("The connection to the server is lost: this page is as it was, and does nothing. Trying again …");
  const BACK = said("The server is there again. What you filled in is still to be read here; to send it, load this page again.");
  const WS = window.WebSocket;
  let usual = 0;              // time that an answer takes on this line [ms]
  let banner = null, isDead = false, isTrying = false, isLeaving = false, isTouched = false;

  window.WebSocket = class extends WS {
    constructor(url, protocols) {
      super(url, protocols);
      if (String(url).split("?")[0].endsWith("/ws")) {
        this.addEventListener("close", () => { isDead = true; lose(); });
      }
    }
  };

  function isForm() {
    const asked = new URLSearchParams(location.search);
    return (asked.get("page") ?? (asked.has("task") ? "result" : "request")) == "request";
  }

  function say(words) {
    if (banner === null) {
      banner = document.createElement("div");
      banner.id = "csserv-connection";
      banner.setAttribute("role", "alert");
      banner.style.cssText = "position:fixed;inset:0 0 auto 0;z-index:20000;padding:12px 16px;" +
        "background:#8c1d18;color:#fff;font:600 15px/1.4 Roboto,system-ui,sans-serif;" +
        "text-align:center;box-shadow:0 2px 8px rgba(0,0,0,.4)";
      // while the page is still loading, it has no body
      (document.body ?? document.documentElement).append(banner);
    }
    if (banner.textContent != words) banner.textContent = words;
  }

  function offerReload() {
    say(BACK + " ");
    const button = document.createElement("button");
    button.textContent = said("Load again");
    button.style.cssText = "margin-inline-start:8px;padding:6px 14px;font:inherit;border:0;border-radius:6px;" +
      "background:#fff;color:#8c1d18;cursor:pointer";
    button.addEventListener("click", () => location.reload());
    banner.append(button);
  }

  async function answers() {
    try {
      const asked = performance.now(), patience = Math.max(PATIENCE, SLOWER * usual);
      const signal = AbortSignal.timeout(Math.min(patience, MOST_PATIENCE));
      const isFine = (await fetch(PROBE, {cache: "no-store", signal})).ok;
      usual = Math.max(0.7 * usual, performance.now() - asked);
      return isFine;
    } catch {
      return false;
    }
  }

  const pause = (time) => new Promise((done) => setTimeout(done, time));

  async function lose() {
    if (isTrying || isLeaving) return;
    isTrying = true;
    say(LOST);
    while (!await answers()) {
      say(LOST);
      await pause(RETRY);
    }
    isTrying = false;
    if (!isDead) {
      banner?.remove();
      banner = null;
    } else if (isForm() && isTouched) {
      offerReload();
    } else {
      await reload();
    }
  }

  async function reload() {
    const KEY = "csserv-reloaded";
    const since = Date.now() - Number(sessionStorage.getItem(KEY) ?? 0);
    if (since < LEAST_APART) await pause(LEAST_APART - since);
    sessionStorage.setItem(KEY, String(Date.now()));
    location.reload();
  }

  for (const kind of ["input", "change", "pointerdown"]) {
    addEventListener(kind, () => { isTouched ||= isForm(); }, {capture: true, passive: true});
  }
  addEventListener("offline", lose);
  addEventListener("pagehide", () => { isLeaving = true; });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  (async () => {
    // while a page is loading, its own scripts hold up answers on a slow line
    while (document.readyState != "complete") await pause(LOOK);
    for (;;) {
      if (document.visibilityState == "visible" && !isTrying && !await answers()) await lose();
      await pause(LOOK);
    }
  })();
})();
