// Before the first paint, before WASM and after its end: language, theme, and words where the app cannot run.
// A classic script of its own, because the page allows no inline scripts.
(() => {
  const root = document.documentElement;
  const chosen = (name) => {
    try {
      return JSON.parse(localStorage.getItem(`huixiao.${name}`));
    } catch {
      return null; // Nothing is kept in this browser; the app says so itself.
    }
  };
  const wished = navigator.languages.find((tag) => /^(zh|en)/i.test(tag)) ?? "en";
  const tag = chosen("language") ?? wished;
  const chinese = /^zh/i.test(tag);
  root.lang = chinese ? (/hant|tw|hk|mo/i.test(tag) ? "zh-Hant-TW" : "zh-Hans-CN") : "en";
  const theme = chosen("appearance");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  if (typeof WebAssembly === "undefined") root.classList.add("no-wasm");
  // What stops WASM stops the app: a panic, no memory, no end of calls. The page says so, because the app cannot any more.
  const tell = (error) => {
    const stopped = error instanceof WebAssembly.RuntimeError || /call stack|recursion/i.test(error?.message);
    const notice = document.getElementById("crashed");
    if (stopped && notice && !notice.open) notice.showModal();
  };
  if (typeof WebAssembly !== "undefined") {
    addEventListener("error", (event) => tell(event.error));
    addEventListener("unhandledrejection", (event) => tell(event.reason));
  }
  addEventListener(
    "click",
    (event) => {
      if (event.target.closest("#crashed button")) location.reload();
    },
    true,
  );
  // A page takes back what its databases have not finished when it goes. Browsers should do so themselves, but in WebKit a transaction that is
  // under way then blocks its database for every page after it, until the browser ends (seen in WebKitGTK 2.50): the app would never open again.
  // Nothing was called saved yet. A page that comes back out of the browser's memory starts anew.
  const unfinished = new Set();
  let gone = false;
  const takeBack = (transaction) => {
    try {
      transaction.abort();
    } catch {
      // It has ended, or is about to.
    }
  };
  const follow = (transaction) => {
    unfinished.add(transaction);
    for (const end of ["complete", "abort"]) transaction.addEventListener(end, () => unfinished.delete(transaction));
    if (gone) takeBack(transaction);
    return transaction;
  };
  if (typeof indexedDB !== "undefined") {
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...what) {
      return follow(transaction.apply(this, what));
    };
    addEventListener("pagehide", () => {
      gone = true;
      unfinished.forEach(takeBack);
    });
    addEventListener("pageshow", () => {
      if (gone) location.reload();
    });
  }
  addEventListener("load", () => {
    setTimeout(() => document.getElementById("shell")?.classList.add("slow"), 10_000);
  });
})();
