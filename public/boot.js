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
  addEventListener("load", () => {
    setTimeout(() => document.getElementById("shell")?.classList.add("slow"), 10_000);
  });
})();
