// "As the device" becomes light or dark before the page is painted.
"use strict";

(() => {
  const root = document.documentElement;
  if (root.dataset.themeChoice !== "auto") return;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    root.dataset.bsTheme = dark.matches ? "dark" : "light";
  };
  follow();
  dark.addEventListener("change", follow);
})();

// A menu closes when something else is touched, and by Escape.
document.addEventListener("click", ({ target }) => {
  document.querySelectorAll("details.topbar-menu[open], details.tabbar-more[open]").forEach((menu) => {
    if (!menu.contains(target)) menu.open = false;
  });
});

// Escape closes a menu.
document.addEventListener("keydown", ({ key, target }) => {
  const menu = target.closest?.("details.topbar-menu[open], details.tabbar-more[open]");
  if (key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
