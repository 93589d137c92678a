// Names are suggested while one types; without this script they are typed in full or in part.
"use strict";

const PAUSE = 150;

function arm(input) {
  const list = document.createElement("datalist");
  list.id = `${input.id}-suggestions`;
  input.after(list);
  input.setAttribute("list", list.id);
  let timer = 0;
  let asked = "";
  const ask = async () => {
    const text = input.value.trim();
    if (text.length < 2 || text === asked) return;
    asked = text;
    const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(text)}`);
    if (!answer.ok || asked !== text) return;
    const { names } = await answer.json();
    list.replaceChildren(
      ...names.map((name) => {
        const option = document.createElement("option");
        option.value = name;
        return option;
      }),
    );
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
}

// Behind an @ in a note, colleagues are offered in a list that Tab leads into.
const MARK = /(^|[^\p{L}\d_.@])@([\p{L}\d][\p{L}\d .-]{0,40})$/u;

function mention(area) {
  const list = document.createElement("div");
  list.className = "mention-list";
  list.hidden = true;
  area.after(list);
  let timer = 0;
  const typed = () => area.value.slice(0, area.selectionStart).match(MARK)?.[2];
  const take = (text, name) => {
    const end = area.selectionStart;
    area.setRangeText(`${name} `, end - text.length, end, "end");
    list.hidden = true;
    area.focus();
  };
  const ask = async () => {
    const text = typed();
    const address = `${area.dataset.mention}?q=${encodeURIComponent(text ?? "")}`;
    const answer = text && (await fetch(address));
    const names = answer?.ok && typed() === text ? (await answer.json()).names : [];
    list.replaceChildren(
      ...names.map((name) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = name;
        button.addEventListener("click", () => take(text, name));
        return button;
      }),
    );
    list.hidden = names.length === 0;
  };
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  list.addEventListener("keydown", (event) => {
    if (event.key === "Escape") area.focus();
    list.hidden = event.key === "Escape";
  });
}

// Also in forms that come later, in a dialog.
document.addEventListener("focusin", ({ target }) => {
  const start = target.dataset.suggest ? arm : target.dataset.mention && mention;
  if (!start || target.dataset.armed) return;
  target.dataset.armed = "1";
  start(target);
});
