// The box above ticks the page, the bar says how many; a change in parts goes on by itself.
"use strict";

const boxes = [...document.querySelectorAll('input[name="row"]')];
const count = document.querySelector("[data-ticked]");
const head = document.querySelector("[data-tick-all]");

function tell() {
  const ticked = boxes.filter((box) => box.checked).length;
  if (count) count.textContent = ticked;
  if (!head) return;
  head.checked = ticked > 0 && ticked === boxes.length;
  head.indeterminate = ticked > 0 && ticked < boxes.length;
}

if (head) {
  head.hidden = false;
  head.addEventListener("change", () => {
    boxes.forEach((box) => {
      box.checked = head.checked;
    });
    tell();
  });
}
boxes.forEach((box) => box.addEventListener("change", tell));
tell();

const next = document.querySelector("form[data-go-on]");
if (next) {
  next.querySelector("button").hidden = true;
  next.submit();
}
