// The day on a slider, and a play button that follows the way to later days. Without scripts: links.
{
  const DAY = 86_400_000;
  const form = document.querySelector("[data-clock]");
  const range = form?.querySelector("input[type=range]");
  const on = form?.elements.on;
  if (range) {
    const first = Date.parse(range.dataset.first);
    range.max = Math.round((Date.parse(range.dataset.last) - first) / DAY);
    range.value = Math.round((Date.parse(on.value) - first) / DAY);
    range.hidden = false;
    const dated = () => new Date(first + range.value * DAY).toISOString().slice(0, 10);
    range.addEventListener("input", () => { on.value = dated(); range.ariaValueText = dated(); });
    range.addEventListener("change", () => form.requestSubmit());
  }
  const play = document.querySelector("[data-clock-play]");
  const next = document.querySelector("[data-clock-next]");
  const plays = location.hash === "#play";
  if (play && (next || plays)) {
    play.hidden = false;
    let timer = 0;
    if (plays) {
      play.querySelector("span").textContent = play.dataset.stop;
      if (next) timer = setTimeout(() => location.replace(`${next.href}#play`), 1500);
    }
    play.addEventListener("click", () => {
      clearTimeout(timer);
      if (plays) history.replaceState(null, "", location.pathname + location.search);
      if (plays) location.reload();
      else location.replace(`${next.href}#play`);
    });
  }
}
