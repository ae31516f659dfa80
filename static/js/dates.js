// Dates in three small boxes: "5 3 26", 05-Mar-2026, 2026-03, "mar 2024", 2015 and UK are understood; t is today, v the visit's date.
(() => {
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const UNKNOWN = /^(u|uk|un|unk|unknown|nk|\?)$/i;

  const tidyDay = (text) => (UNKNOWN.test(text) ? "UNK" : /^\d{1,2}$/.test(text) ? text.padStart(2, "0") : text);
  const tidyMonth = (text) => {
    if (UNKNOWN.test(text)) return "UNK";
    if (/^\d{1,2}$/.test(text)) return MONTHS[Number(text) - 1] || text;
    return MONTHS.find((month) => text.length >= 3 && month.toLowerCase() === text.slice(0, 3).toLowerCase()) || text;
  };
  // Two digits: 00-39 are of this century, 40-99 of the last.
  const tidyYear = (text) => (UNKNOWN.test(text) ? "UNK" : /^\d{2}$/.test(text) ? (Number(text) < 40 ? "20" : "19") + text : text);

  /** Day, month, year of a whole date in one text, or null. */
  const split = (text) => {
    const value = text.trim();
    let match = value.match(/^(\d{4})-(\d{1,2})(?:-(\d{1,2}))?$/);
    if (match) return [match[3] || "", match[2], match[1]];
    match = value.match(/^(\d{1,2}|[a-z]{1,3})[\s\-/.,]+(\d{1,2}|[a-z]{2,9})[\s\-/.,]+(\d{4}|\d{2}|[a-z]{2,3})$/i);
    if (match) return match.slice(1);
    match = value.match(/^(\d{1,2})([a-z]{3})(\d{4}|\d{2})$/i);
    return match ? match.slice(1) : null;
  };

  document.querySelectorAll("[data-pdate]").forEach((wrapper) => {
    const boxes = [...wrapper.querySelectorAll("input")].slice(0, 3);
    const [day, month, year] = boxes;
    if (boxes.length < 3 || day.disabled) return;

    const fill = (parts) => {
      [tidyDay(parts[0]), tidyMonth(parts[1]), tidyYear(parts[2])].forEach((value, n) => ecrf.set(boxes[n], value));
      year.focus();
    };
    const fillIso = (iso) => { const parts = iso && split(iso); if (parts) fill(parts); };
    const tidy = () => {
      const whole = split(day.value);
      if (whole) { fill(whole); return; }
      boxes.forEach((box, n) => {
        const text = box.value.trim();
        if (text) box.value = [tidyDay, tidyMonth, tidyYear][n](text);
      });
    };

    boxes.forEach((box, n) => {
      box.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        const key = event.key.toLowerCase();
        if ([" ", "-", "/", ".", ","].includes(event.key) && n < 2 && box.value.trim()) {
          event.preventDefault();
          boxes[n + 1].focus();
          boxes[n + 1].select();
        } else if (event.key === "Backspace" && !box.value && n > 0) {
          event.preventDefault();
          boxes[n - 1].focus();
        } else if ((key === "t" || key === "v") && (!box.value || box.selectionEnd - box.selectionStart === box.value.length)) {
          // Only as the first letter: "oct" and "nov", typed in any box, are months. No month begins with t or v.
          const iso = key === "t" ? wrapper.dataset.today : wrapper.dataset.visitDate;
          if (iso) { event.preventDefault(); fillIso(iso); }
        }
      });
      box.addEventListener("paste", (event) => {
        const parts = split((event.clipboardData || window.clipboardData).getData("text"));
        if (parts) { event.preventDefault(); fill(parts); }
      });
      box.addEventListener("input", () => { if (n === 0 && box.value.length > 5) { const parts = split(box.value); if (parts) fill(parts); } });
      box.addEventListener("focus", () => box.select());
      box.addEventListener("change", tidy, true);
      box.addEventListener("blur", tidy);
    });

    // "2015", "mar 2024" and "2024-03", begun in the day's box: four digits are the year. Seen once the date is left, since the
    // signs between the parts lead from box to box; a year that was typed as such stays.
    const untouched = (box) => !box.value.trim() || box.value === box.defaultValue;
    wrapper.addEventListener("focusout", (event) => {
      const at = [day, month].findIndex((box) => /^\d{4}$/.test(box.value.trim()));
      if (at < 0 || wrapper.contains(event.relatedTarget) || !untouched(year)) return;
      const before = at ? day.value.trim() : untouched(month) ? "" : month.value.trim();
      ["", tidyMonth(before), boxes[at].value.trim()].forEach((value, n) => ecrf.set(boxes[n], value));
    });

    // The same two keys for a finger; the keyboard has them already, so they are no tab stops.
    const keys = ecrf.el("span", "pdate-keys");
    [["today", wrapper.dataset.today], ["visit date", wrapper.dataset.visitDate]].forEach(([word, iso]) => {
      if (!iso) return;
      const button = ecrf.el("button", "", ecrf.el("u", "", word[0]), word.slice(1));
      button.type = "button";
      button.tabIndex = -1;
      button.title = `Key ${word[0]}`;
      button.addEventListener("click", () => fillIso(iso));
      keys.append(button);
    });
    if (keys.childElementCount) wrapper.append(keys);
  });
})();
