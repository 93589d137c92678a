// What others change appears on the open board: each fresh card is put where its rank belongs.
"use strict";

const liveBoard = document.getElementById("board");
const waiting = new Map(); // fresh cards of those that somebody is working in

const titleIn = (card) => card?.querySelector(".board-card-title a");
const shownCard = (pk) => liveBoard.querySelector(`[data-card="${pk}"]`);

// Whether something is being typed, dragged or chosen in a card.
function isBusy(card) {
  const typed = card.querySelector("input:focus, textarea:focus, select:focus, .board-card-form form");
  return Boolean(typed || card.querySelector("details[open]") || card.matches(".sortable-chosen"));
}

// Put a fresh card into its column, unless it belongs behind the last one that is loaded.
function insert(card) {
  const list = document.getElementById(`cards-${card.dataset.place}`);
  if (!list) {
    document.getElementById("board-lost").hidden = false;
    return;
  }
  const cards = [...list.querySelectorAll(".board-card")];
  const next = cards.find((other) => other.dataset.rank > card.dataset.rank);
  const more = list.querySelector(".board-more");
  if (next || !more) list.insertBefore(card, next || null);
}

function replace(pk, fresh) {
  const old = shownCard(pk);
  if (old && isBusy(old)) {
    old.classList.add("is-stale");
    waiting.set(pk, fresh);
    return;
  }
  waiting.delete(pk);
  const hasFocus = old?.contains(document.activeElement);
  const near = titleIn(old?.nextElementSibling) || titleIn(old?.previousElementSibling);
  old?.remove();
  fresh?.classList.add("is-fresh");
  if (fresh) insert(fresh);
  if (!hasFocus) return;
  const stays = fresh?.isConnected ? titleIn(fresh) : near || titleIn(liveBoard);
  stays?.focus({ preventScroll: true });
}

function recount() {
  liveBoard.querySelectorAll(".board-column").forEach((column) => {
    const shown = column.querySelector("[data-shown]");
    if (!shown || column.querySelector(".board-from")) return;
    shown.textContent = column.querySelectorAll(".board-card").length;
    column.querySelector("[data-all]").textContent = column.querySelector("[data-figure=count]").textContent;
  });
}

function receive(live) {
  const gone = live.dataset.gone.split(" ").filter(Boolean);
  const cards = [...live.querySelector("template").content.querySelectorAll(".board-card")];
  gone.forEach((pk) => replace(pk, null));
  cards.forEach((card) => replace(card.dataset.card, card));
  if (gone.length || cards.length) recount();
}

if (liveBoard && document.getElementById("board-live")) {
  document.body.addEventListener("htmx:load", ({ detail }) => {
    if (detail.elt.id === "board-live") receive(detail.elt);
  });
  document.body.addEventListener("htmx:afterRequest", () => {
    waiting.forEach((fresh, pk) => replace(pk, fresh));
  });
  // A board that nobody sees, or where a card is in the air, asks later.
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const isInTheAir = document.querySelector(".sortable-drag, .board.is-dragging");
    if (event.target.id === "board-live" && (document.hidden || isInTheAir)) event.preventDefault();
  });
}
