// Rows of an admin page with a position are moved by dragging or by arrows.
// Without this script the numbers are typed.
"use strict";

const rowsOf = (body) => [...body.querySelectorAll(":scope > tr.form-row:not(.empty-form)")];

function renumber(body) {
  rowsOf(body).forEach((row, index) => {
    row.querySelector("input.row-position").value = index + 1;
  });
}

function move(row, distance) {
  const rows = rowsOf(row.parentElement);
  const target = rows[rows.indexOf(row) + distance];
  if (!target) return;
  if (distance > 0) target.after(row);
  else target.before(row);
  renumber(row.parentElement);
}

function drag(event) {
  const handle = event.currentTarget;
  const row = handle.closest("tr");
  const follow = ({ clientY }) => {
    const { top, bottom } = row.getBoundingClientRect();
    if (clientY < top) move(row, -1);
    else if (clientY > bottom) move(row, 1);
  };
  const drop = () => {
    row.classList.remove("is-dragged");
    document.removeEventListener("pointermove", follow);
  };
  event.preventDefault();
  row.classList.add("is-dragged");
  document.addEventListener("pointermove", follow);
  document.addEventListener("pointerup", drop, { once: true });
  document.addEventListener("pointercancel", drop, { once: true });
}

function button(text, label, name) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.title = label;
  made.className = name;
  made.setAttribute("aria-label", label);
  return made;
}

function arm(row) {
  const input = row.querySelector("input.row-position");
  if (!input || row.querySelector(".row-move")) return;
  const controls = document.createElement("span");
  controls.className = "row-move";
  const handle = button("⠿", input.dataset.drag, "row-handle");
  handle.tabIndex = -1;
  handle.addEventListener("pointerdown", drag);
  controls.append(handle);
  for (const [text, label, distance] of [
    ["↑", input.dataset.up, -1],
    ["↓", input.dataset.down, 1],
  ]) {
    const arrow = button(text, label, "row-arrow");
    arrow.addEventListener("click", () => {
      move(row, distance);
      arrow.focus();
    });
    controls.append(arrow);
  }
  input.after(controls);
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("tr.form-row:not(.empty-form)").forEach(arm);
});

document.addEventListener("formset:added", (event) => {
  const input = event.target.querySelector("input.row-position");
  if (!input) return;
  arm(event.target);
  renumber(event.target.parentElement);
});
