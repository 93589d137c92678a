// The box above ticks the page, the bar says how many; keys walk through the rows; a click on a
// cell makes a form of its row, Escape gives it back; a change in parts goes on by itself.
"use strict";

// Rows come and go while they are changed in their place: they are asked for when needed.
const boxes = () => [...document.querySelectorAll('input[name="row"]')];
const count = document.querySelector("[data-ticked]");
const head = document.querySelector("[data-tick-all]");

function tell() {
  const ticked = boxes().filter((box) => box.checked).length;
  if (count) count.textContent = ticked;
  if (!head) return;
  head.checked = ticked > 0 && ticked === boxes().length;
  head.indeterminate = ticked > 0 && ticked < boxes().length;
}

if (head) {
  head.hidden = false;
  head.addEventListener("change", () => {
    boxes().forEach((box) => {
      box.checked = head.checked;
    });
    tell();
  });
}
document.addEventListener("change", (event) => {
  if (event.target.matches('input[name="row"]')) tell();
});
tell();

const rows = () => [...document.querySelectorAll("tr[data-row]")];

function walk(event) {
  const typing = "input:not([type=checkbox]), textarea, select, summary, dialog";
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest(typing)) return;
  const row = event.target.closest("tr[data-row]");
  const arrows = row ? { ArrowDown: 1, ArrowUp: -1 } : {};
  const step = { j: 1, k: -1, ...arrows }[event.key];
  if (step) {
    const place = row ? rows().indexOf(row) + step : step > 0 ? 0 : rows().length - 1;
    const link = rows()[place]?.querySelector("td > a:not(.row-edit), td div a");
    if (!link) return;
    event.preventDefault();
    link.focus();
  } else if (row && event.key === "x") {
    row.querySelector('input[name="row"]')?.click();
  } else if (row && event.key === "e") {
    row.querySelector(".row-edit")?.click();
  }
}

if (rows().length) document.addEventListener("keydown", walk);

const next = document.querySelector("form[data-go-on]");
if (next) {
  next.querySelector("button").hidden = true;
  next.submit();
}

function edit(link, field) {
  const row = link.closest("tr");
  const address = new URL(link.href);
  if (field) address.searchParams.set("focus", field);
  const target = `#${row.id}`;
  window.htmx.ajax("GET", `${address.pathname}${address.search}`, {
    target,
    select: target,
    swap: "outerHTML",
  });
}

document.addEventListener("click", (event) => {
  if (!window.htmx || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const pencil = event.target.closest(".row-edit");
  const cell = event.target.closest("td[data-field]");
  const link = pencil || (cell && cell.closest("tr").querySelector(".row-edit"));
  if (!link || (!pencil && event.target.closest("a, button, input, label"))) return;
  if (!pencil && String(window.getSelection())) return;
  event.preventDefault();
  edit(link, cell && !pencil ? cell.dataset.field : "");
});

document.addEventListener("keydown", (event) => {
  const form = event.key === "Escape" && event.target.closest(".row-form form");
  if (form) form.querySelector("[data-cancel]").click();
});

document.addEventListener("htmx:afterSettle", (event) => {
  tell();
  const row = event.detail.target.id && document.getElementById(event.detail.target.id);
  if (!row || row.tagName !== "TR" || row.contains(document.activeElement)) return;
  const place = row.querySelector("[autofocus], .is-invalid, [data-cancel], .row-edit");
  if (place) place.focus();
});
