// Cards are dragged between columns, and moved by the keyboard; each drop sends the card's own form.
"use strict";

const board = document.getElementById("board");

const choiceFor = (card, stage) =>
  [...card.querySelectorAll(".board-choice")].find((choice) => choice.dataset.stage === stage);

// Say why a card cannot go there, where a screen reader hears it too.
function refuse(text) {
  const receipts = document.querySelector(".receipts");
  const note = document.createElement("div");
  note.className = "alert alert-warning receipt";
  note.textContent = text;
  receipts.replaceChildren(note);
  note.scrollIntoView({ block: "nearest" });
}

function drop(card, column) {
  if (column.dataset.drop) {
    window.location = card.querySelector(`[data-verb="${column.dataset.drop}"]`).href;
    return true;
  }
  const choice = choiceFor(card, column.dataset.stage);
  if (!choice) return false;
  if (choice.dataset.code === "quote") {
    const form = choice.closest("form");
    const back = encodeURIComponent(form.elements.next.value);
    window.location = `${form.getAttribute("action")}?stage=${choice.dataset.stage}&next=${back}`;
    return true;
  }
  if (choice.disabled) {
    refuse(choice.querySelector("small").textContent);
    return false;
  }
  card.classList.add("is-dragged");
  choice.form.requestSubmit(choice);
  return true;
}

function arm(list) {
  window.Sortable.create(list, {
    group: "cards",
    draggable: ".board-card",
    sort: false,
    animation: 120,
    delay: 150,
    delayOnTouchOnly: true,
    filter: "details, a, button",
    preventOnFilter: false,
    onEnd({ item, from, to }) {
      if (from === to) return;
      const target = to.closest("[data-drop], [data-stage]");
      if (!drop(item, target)) from.prepend(item);
    },
  });
}

// Arrows move between cards; Shift with an arrow moves the card to the next column.
function walk(event) {
  const card = event.target.closest(".board-card");
  if (!card || event.target.closest("form")) return;
  const column = card.closest(".board-column");
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) {
    const columns = [...board.querySelectorAll(".board-column")];
    const next = columns[columns.indexOf(column) + step];
    if (!next) return;
    event.preventDefault();
    if (event.shiftKey) drop(card, next);
    else (next.querySelector(".board-card-title a") || card.querySelector("a")).focus();
    return;
  }
  const way = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[event.key];
  const neighbour = way && card[way];
  if (!neighbour) return;
  event.preventDefault();
  neighbour.querySelector(".board-card-title a").focus();
}

if (board) {
  board.querySelectorAll(".board-cards").forEach(arm);
  board.querySelectorAll("[data-drop]").forEach((edge) => {
    window.Sortable.create(edge, {
      group: { name: "cards", pull: false },
      sort: false,
      draggable: ".board-card",
    });
  });
  board.addEventListener("keydown", walk);
}
