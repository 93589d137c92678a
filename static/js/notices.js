// A notice whose link is followed is read; without this script it is marked by its button.
"use strict";

document.querySelectorAll(".notice.is-unread").forEach((row) => {
  const form = row.querySelector("form");
  row.addEventListener("click", (event) => {
    if (!event.target.closest("a")) return;
    const body = new FormData(form);
    fetch(form.action, { method: "POST", body, keepalive: true, redirect: "manual" });
  });
});
