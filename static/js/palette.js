// The search of the bar offers results and commands while one types; "?" shows the keys.
// Without this script the same form leads to the page of results.
"use strict";

const WAIT = 120;
const input = document.getElementById("site-search");

function palette(box, list) {
  let timer = 0;
  let asking = null;
  let shown = null;
  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) box.setAttribute("aria-activedescendant", option.id);
    else box.removeAttribute("aria-activedescendant");
  }

  function close() {
    clearTimeout(timer);
    asking?.abort();
    choose(null);
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
  }

  function open() {
    if (document.activeElement !== box || !list.childElementCount) return;
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
  }

  // Whatever goes wrong here, the form still works.
  async function ask() {
    const text = box.value.trim();
    if (text === shown) {
      open();
      return;
    }
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const answer = await fetch(`${list.dataset.suggest}?q=${encodeURIComponent(text)}`, { signal });
      if (!answer.ok || answer.redirected) return;
      const html = await answer.text();
      if (signal.aborted) return;
      choose(null);
      list.innerHTML = html;
      shown = text;
      open();
    } catch {
      // Aborted, or offline.
    }
  }

  function walk(event) {
    const all = options();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && list.hidden) {
      event.preventDefault();
      ask();
    } else if (step && all.length) {
      event.preventDefault();
      // Before the first and behind the last is the box itself.
      const places = [null, ...all];
      const at = places.indexOf(chosen());
      choose(places[(at + step + places.length) % places.length]);
    } else if (event.key === "Enter" && !list.hidden && chosen()) {
      event.preventDefault();
      chosen().click();
    } else if (event.key === "Escape") {
      if (list.hidden) box.blur();
      else event.preventDefault();
      close();
    }
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  box.addEventListener("focus", ask);
  box.addEventListener("blur", close);
  box.addEventListener("keydown", walk);
  list.addEventListener("pointerdown", (event) => event.preventDefault());
}

async function showKeys(address) {
  const known = document.querySelector("dialog.keys-dialog");
  if (known) {
    known.showModal();
    return;
  }
  const answer = await fetch(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const dialog = document.createElement("dialog");
  dialog.className = "keys-dialog";
  dialog.tabIndex = 0; // arrows scroll it
  dialog.setAttribute("aria-label", page.querySelector("h1").textContent.trim());
  dialog.append(page.getElementById("keys"));
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}

if (input) {
  const list = document.getElementById("palette");
  palette(input, list);
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    const isTyping = target.matches?.("input, textarea, select, [contenteditable]");
    const isControl = (event.ctrlKey || event.metaKey) && key.toLowerCase() === "k";
    if (isControl || (key === "/" && !isTyping)) {
      event.preventDefault();
      document.querySelector("dialog[open]")?.close();
      input.focus();
      input.select();
    } else if (key === "?" && !isTyping && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      showKeys(list.dataset.keys).catch(() => window.location.assign(list.dataset.keys));
    }
  });
}
