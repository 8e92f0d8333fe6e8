// Before the first paint and before WASM: language, theme, and an explanation where the app cannot run.
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
  addEventListener("load", () => {
    setTimeout(() => document.getElementById("shell")?.classList.add("slow"), 10_000);
  });
})();
