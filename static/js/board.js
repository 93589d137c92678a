// Cards are dragged, walked and moved by keys; their small forms open in a dialog, or in the card.
// All of it sends the same links and forms that work without this script.
"use strict";

const board = document.getElementById("board");
const words = document.getElementById("board-words")?.dataset;
const dialog = document.createElement("dialog");
let current = null; // the card that was used last
let putBack = null; // takes a dropped card back to its column while its form is not answered

const cardOf = (element) => element?.closest?.(".board-card");
const again = (card) => card && board.querySelector(`[data-card="${card.dataset.card}"]`);
const titleOf = (card) => card?.querySelector(".board-card-title a");
const stops = () => [...board.querySelectorAll(".board-column, [data-drop]")];
const choiceFor = (card, stage) =>
  [...card.querySelectorAll(".board-choice")].find((choice) => choice.dataset.stage === stage);

// Say something where a screen reader hears it, too: in the open dialog, else among the receipts.
function say(text) {
  const note = document.createElement("div");
  note.className = "alert alert-warning receipt";
  note.setAttribute("role", "alert");
  note.textContent = text;
  if (dialog.open) dialog.prepend(note);
  else document.querySelector(".receipts").replaceChildren(note);
  note.scrollIntoView({ block: "nearest" });
}

function closeMenus(but) {
  board.querySelectorAll(".board-menu[open]").forEach((menu) => {
    menu.open = menu === but;
  });
}

// Ids of a form that is shown beside others are made its own.
function rename(body) {
  for (const name of ["id", "for", "list", "aria-describedby"]) {
    body.querySelectorAll(`[${name}]`).forEach((one) => {
      one.setAttribute(name, one.getAttribute(name).replace(/\S+/g, "small-$&"));
    });
  }
}

function fill(place, page, url) {
  const part = page.querySelector("[data-dialog]");
  const body = part || page.querySelector("main > form, main .act-form") || page.querySelector("main");
  const heading = document.createElement("h2");
  heading.id = "card-dialog-title";
  heading.textContent = part ? part.dataset.dialog : page.querySelector("h1").textContent.trim();
  place.dataset.url = url;
  rename(body);
  place.replaceChildren(heading, body);
  if (place === dialog && !dialog.open) dialog.showModal();
  const fields = "input:not([type=hidden], [type=radio]), select, textarea, .form-actions .btn";
  (body.querySelector("[aria-invalid=true], [autofocus]") || body.querySelector(fields))?.focus();
}

// Tell what was done; the board asks for the cards and sums that have changed (live.js).
function done(page) {
  let back = putBack;
  putBack = null;
  if (dialog.open) dialog.close();
  current?.querySelector(".board-card-form")?.remove();
  titleOf(again(current))?.focus({ preventScroll: true });
  document.querySelector(".receipts").replaceChildren(...page.querySelector(".receipts").childNodes);
  // A dropped card that has not changed goes back when the board has answered.
  const settle = ({ type, detail }) => {
    if (type === "htmx:afterRequest" && detail.xhr.status !== 204) return;
    back?.();
    back = null;
  };
  document.body.addEventListener("htmx:afterSettle", settle, { once: true });
  document.body.addEventListener("htmx:afterRequest", settle, { once: true });
  document.body.dispatchEvent(new Event("board:changed"));
}

async function answered(response, place) {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (page.querySelector("[data-dialog]")) fill(place, page, response.url);
  else if (response.ok && page.getElementById("board-done")) done(page);
  else if (response.redirected || !page.querySelector("main")) window.location.assign(response.url);
  else fill(place, page, response.url);
}

async function ask(url, place, options) {
  const headers = { "HX-Request": "true", "HX-Target": "card-dialog" };
  const response = await fetch(url, { ...options, headers }).catch(() => null);
  if (response) return answered(response, place);
  say(words.lost);
  putBack?.();
}

async function send(button, form = button.form) {
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  const place = form.closest(".board-card-form") || dialog;
  const url = form.getAttribute("action") || place.dataset.url;
  await ask(url, place, { method: "POST", body: new FormData(form, button) });
  delete form.dataset.busy;
}

function openInPlace(card, url) {
  const place = card.querySelector(".board-card-form") || document.createElement("div");
  place.className = "board-card-form";
  card.append(place);
  ask(url, place);
}

// Whether a card may be dropped there ("yes", "ask" or "no"), and what to say about it.
function judge(card, stop) {
  if (stop.dataset.drop) return ["yes", words[stop.dataset.drop]];
  if (stop.contains(card)) return ["", ""];
  const choice = choiceFor(card, stop.dataset.stage);
  if (!choice) return ["no", board.dataset.group === "stage" ? words.started : words.elsewhere];
  const reason = choice.querySelector("small")?.textContent;
  if (choice.disabled) return ["no", reason];
  return reason ? ["ask", reason] : ["yes", choice.dataset.label || words.here];
}

function drop(card, stop) {
  const [may, why] = judge(card, stop);
  if (may === "no") say(why);
  if (!may || may === "no") return false;
  current = card;
  if (stop.dataset.drop) ask(card.querySelector(`[data-verb="${stop.dataset.drop}"]`).href, dialog);
  else send(choiceFor(card, stop.dataset.stage));
  return true;
}

function mark(card) {
  closeMenus();
  board.classList.toggle("is-dragging", Boolean(card));
  board.style.setProperty("--board-top", `${Math.max(0, 60 - board.getBoundingClientRect().top)}px`);
  stops().forEach((stop) => {
    [stop.dataset.may, stop.dataset.why] = card ? judge(card, stop) : ["", ""];
  });
}

function arm(list, options) {
  window.Sortable.create(list, {
    group: "cards",
    draggable: ".board-card",
    sort: false,
    animation: 120,
    delay: 150,
    delayOnTouchOnly: true,
    touchStartThreshold: 5,
    scrollSensitivity: 60,
    filter: ".board-menu, .board-card-form, .next-task",
    preventOnFilter: false,
    onStart: ({ item }) => mark(item),
    onEnd({ item, from, to, oldDraggableIndex }) {
      const neighbour = [...from.querySelectorAll(".board-card")].filter((card) => card !== item);
      const back = () => from.insertBefore(item, neighbour[oldDraggableIndex] || null);
      mark(null);
      if (from === to) return;
      // Judged from where it came, and shown where it was dropped.
      back();
      if (!drop(item, to.closest("[data-drop], [data-stage]"))) return;
      if (!to.dataset.drop) to.prepend(item);
      item.classList.add("is-dragged");
      putBack = () => {
        item.classList.remove("is-dragged");
        if (item.isConnected) back();
        putBack = null;
      };
    },
    ...options,
  });
}

// Arrows move between cards and columns, Shift with an arrow moves the card.
function walk(event, card) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const all = stops();
  const at = all.findIndex((stop) => stop.contains(card));
  if (step && event.shiftKey) {
    if (all[at + step]) drop(card, all[at + step]);
    return true;
  }
  if (step) {
    const rest = step > 0 ? all.slice(at + 1) : all.slice(0, at).reverse();
    const row = [...card.parentElement.children].indexOf(card);
    const cards = rest.map((stop) => stop.querySelectorAll(".board-card")).find((found) => found.length);
    titleOf(cards?.[Math.min(row, cards.length - 1)])?.focus();
    return true;
  }
  const way = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[event.key];
  titleOf(way && card[way])?.focus();
  return Boolean(way);
}

function walkMenu(event, card) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const all = [...card.querySelectorAll(".board-sheet :is(button:enabled, a)")];
  if (step) all.at((all.indexOf(document.activeElement) + step) % all.length).focus();
  return Boolean(step);
}

function press(event) {
  const { key, target } = event;
  const card = cardOf(target);
  if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
  let isDone = false;
  if (key === "Escape") {
    closeMenus();
    card.querySelector(".board-card-form")?.remove();
    titleOf(card).focus();
  } else if (target.closest(".board-card-form")) return;
  else if (target.closest(".board-menu")) isDone = walkMenu(event, card);
  else if (key === "m" || key === "M") {
    isDone = card.querySelector(".board-menu").open = true;
    (card.querySelector(".board-choice:enabled") || card.querySelector(".board-sheet a")).focus();
  } else if (key === "e" || key === "E") {
    openInPlace(card, card.querySelector("[data-in-place]").href);
    isDone = true;
  } else isDone = walk(event, card);
  if (isDone) event.preventDefault();
}

function click(event) {
  const { target } = event;
  const link = target.closest("[data-dialog-link], [data-in-place], [data-verb]");
  const closing = target.closest("[data-close], .card-dialog .form-actions a.btn:not([data-dialog-link])");
  closeMenus(link || closing ? null : target.closest(".board-menu"));
  if (event.ctrlKey || event.metaKey || event.shiftKey || !target.closest("#board, .card-dialog")) return;
  current = cardOf(target) || current;
  if (!link && !closing && target !== dialog) return;
  event.preventDefault();
  if (link?.matches("[data-in-place]")) openInPlace(current, link.href);
  else if (link) ask(link.href, dialog);
  // Keeping what somebody else did shows it.
  else if (dialog.querySelector(".dispute-events")) ask(window.location.href, dialog);
  else if (dialog.open) dialog.close();
  else {
    current.querySelector(".board-card-form").remove();
    titleOf(current).focus();
  }
}

if (board && words) {
  dialog.className = dialog.id = "card-dialog";
  dialog.setAttribute("aria-labelledby", "card-dialog-title");
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    putBack?.();
    titleOf(again(current))?.focus();
  });
  board.querySelectorAll(".board-cards").forEach((list) => arm(list));
  board.querySelectorAll("[data-drop]").forEach((edge) => arm(edge, { group: { name: "cards", pull: false } }));
  board.addEventListener("keydown", press);
  document.addEventListener("click", click);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || !form.closest("#board, .receipts, .card-dialog")) return;
    event.preventDefault();
    current = cardOf(form) || current;
    closeMenus();
    send(event.submitter, form);
  });
}
