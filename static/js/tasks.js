// Ticks all boxes of the page; without this script each is ticked by itself.
"use strict";

const all = document.querySelector("[data-tick-all]");
if (all) {
  const boxes = [...document.querySelectorAll("input[name=task]")];
  all.closest("[hidden]").hidden = false;
  all.addEventListener("change", () => {
    boxes.forEach((box) => {
      box.checked = all.checked;
    });
  });
  boxes.forEach((box) =>
    box.addEventListener("change", () => {
      all.checked = boxes.every((each) => each.checked);
    }),
  );
}
