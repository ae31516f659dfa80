// A clock that runs towards a moment: <time data-clock="2026-11-21T08:30:00Z">report due in 20 h</time>. The server has written the
// same words (crf/strip.py, span_words); here they go on as time does.
(() => {
  const words = (due) => {
    const left = Math.abs(due - Date.now() - offset) / 1000;
    const hours = left / 3600;
    const span = hours < 1 ? `${Math.floor(left / 60)} min` : hours < 72 ? `${even(hours)} h` : `${even(hours / 24)} days`;
    return due >= Date.now() + offset ? `report due in ${span}` : `report ${span} late`;
  };
  // As Python rounds: a half to the even neighbour.
  const even = (n) => { const low = Math.floor(n); return n - low === 0.5 ? low + (low % 2) : Math.round(n); };

  const clocks = [...document.querySelectorAll("[data-clock]")];
  if (!clocks.length) return;
  // The server's time counts, not that of the ward's computer.
  const offset = Date.parse(clocks[0].dataset.now) - Date.now() || 0;
  const tick = () => {
    for (const each of clocks) {
      const said = words(Date.parse(each.dataset.clock));
      if (each.textContent !== said) each.textContent = said;
    }
  };
  setInterval(tick, 15000);
})();
