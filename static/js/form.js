// A CRF form page: dependent questions, reasons for no answer, keys, sections, unsaved changes.
(() => {
  const form = document.querySelector("form[data-crf-form]");
  if (!form) return;
  const { el } = ecrf;

  // Error summary: first thing read; its links put the cursor into the field.
  const summary = document.getElementById("error-summary");
  if (summary) summary.focus();
  const firstControl = (node) => node.matches("input, select, textarea, button") ? node
    : node.querySelector("input[type=radio]:checked, .q-control input:not([type=hidden]), .q-control select, .q-control textarea, input:not([type=hidden]), select, textarea");
  const goTo = (hash, byKey) => {
    const target = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
    if (!target || !form.contains(target)) return false;
    for (let node = target.parentElement; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    if (target.tagName === "DETAILS") target.open = true;
    target.scrollIntoView({ block: "start" });
    const control = firstControl(target);
    if (control && (byKey || !target.matches("[data-section]"))) control.focus({ preventScroll: true });
    return true;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".finding a[href^='#'], a.mark--query, .sections a");
    if (link && goTo(link.getAttribute("href"), !event.detail)) event.preventDefault();
  });

  // What an empty box means, by another answer: the unit in which the chosen laboratory gives its results.
  const hinted = [...form.querySelectorAll("[data-hints]")];
  const usual = hinted.map((box) => box.placeholder);
  const hint = () => hinted.forEach((box, n) => {
    const by = form.elements.namedItem(box.dataset.hintsBy);
    box.placeholder = (by && JSON.parse(box.dataset.hints)[by.value.trim()]) || usual[n];
  });
  if (hinted.length) { form.addEventListener("input", hint); form.addEventListener("change", hint); hint(); }

  // Dependent questions. "a=X|Y & b=*" asks when a is X or Y and b has any answer; "a!=X" when it has another one.
  const rows = [...form.querySelectorAll("[data-asks-if]")];
  const holds = (condition) => {
    const [, name, not, wanted] = condition.trim().match(/^([\w-]+)\s*(!?)=\s*(.*)$/) || [];
    if (!name) return true;
    const row = document.getElementById("q-" + name);
    const given = row && row.hidden ? [] : ecrf.value(form, name).split("|").filter(Boolean);
    if (!given.length) return false;
    const match = wanted.trim() === "*" || given.some((value) => wanted.split("|").map((text) => text.trim()).includes(value));
    return not ? !match : match;
  };
  const filled = (row) => Boolean(row.dataset.value) || [...row.querySelectorAll(".q-control input, .q-control select, .q-control textarea, .q-missing select")]
    .some((input) => (input.type === "radio" || input.type === "checkbox" ? input.checked : input.value.trim()));
  const ask = () => rows.forEach((row) => {
    const asked = row.dataset.asksIf.split("&").every(holds);
    const left = !asked && filled(row);          // an answer must never be hidden and stored all the same
    row.hidden = !asked && !left;
    let mark = row.querySelector(".q-unasked");
    if (left && !mark) {
      mark = el("p", "q-unasked", ecrf.icon("warn"), el("span", "", "Not asked with the answers above: "));
      const clear = el("button", "options-clear", "clear this answer");
      clear.type = "button";
      clear.addEventListener("click", () => clearRow(row));
      mark.append(clear);
      row.querySelector(".q-answer").append(mark);
    } else if (!left && mark) mark.remove();
  });
  const clearRow = (row) => {
    row.querySelectorAll(".q-control input, .q-control select, .q-control textarea, .q-missing select").forEach((input) => {
      if (input.type === "radio" || input.type === "checkbox") {
        if (input.checked) { input.checked = false; input.dispatchEvent(new Event("change", { bubbles: true })); }
      } else if (input.value) ecrf.set(input, "");
    });
    form.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // Radio groups: a digit chooses, Delete or the button clears.
  const groups = [...form.querySelectorAll("[role=radiogroup]")].filter((group) => !group.closest("fieldset:disabled"));
  const offerClear = () => groups.forEach((group) => {
    let button = group.querySelector(".options-clear");
    const chosen = group.querySelector("input:checked");
    if (chosen && !button) {
      button = el("button", "options-clear", "clear");
      button.type = "button";
      button.tabIndex = -1;                                       // the Delete key does the same
      button.title = "Key Delete";
      button.setAttribute("aria-label", "Clear the answer to " + (document.getElementById(group.getAttribute("aria-labelledby")) || {}).textContent);
      button.addEventListener("click", () => clearGroup(group));
      group.append(button);
    } else if (!chosen && button) button.remove();
  });
  const clearGroup = (group) => {
    const chosen = group.querySelector("input:checked");
    if (!chosen) return;
    chosen.checked = false;
    chosen.focus();
    chosen.dispatchEvent(new Event("input", { bubbles: true }));
    chosen.dispatchEvent(new Event("change", { bubbles: true }));
  };
  form.addEventListener("keydown", (event) => {
    const group = event.target.closest("[role=radiogroup]");
    if (!group || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); clearGroup(group); return; }
    if (!/^[0-9]$/.test(event.key)) return;
    const radios = [...group.querySelectorAll("input[type=radio]")];
    const label = (radio) => radio.closest("label").querySelector(".option-label").textContent.trim();
    // where the options are numbers themselves (grades, ECOG) the digit is the option, else its place in the row
    const own = radios.filter((radio) => radio.value === event.key || new RegExp(`^(grade )?${event.key}\\b`, "i").test(label(radio)));
    const numbered = radios.some((radio) => /^\d$/.test(radio.value) || /^(grade )?\d\b/i.test(label(radio)));
    const radio = numbered ? own[0] : radios[Number(event.key) - 1];
    if (radio && !radio.disabled) { event.preventDefault(); radio.focus(); radio.click(); }
  });

  // Results: Enter goes to the next one, and an empty unit is no stop on the way (the laboratory's range knows it): → at the
  // end of a result goes to its unit, ← at its beginning back. In a grid Enter goes down the column.
  const units = [...form.querySelectorAll("[data-field] .q-control .unit")];
  const skip = () => units.forEach((unit) => { unit.tabIndex = unit.value.trim() || unit.getAttribute("aria-invalid") ? 0 : -1; });
  const column = (input) => {
    const cell = input.closest(".entry-grid td");
    if (!cell) return [...form.querySelectorAll(input.matches(".unit") ? ".q-control .unit" : "input.result")];
    return [...form.querySelectorAll(".entry-grid tbody tr")].map((row) => row.cells[cell.cellIndex].querySelector("input"));
  };
  form.addEventListener("keydown", (event) => {
    const box = event.target;
    if (event.ctrlKey || event.altKey || event.metaKey || !box.matches("input.result, input.unit, .entry-grid input")) return;
    const row = box.closest(".q-control");
    const caret = box.selectionStart === box.selectionEnd ? box.selectionStart : -1;
    let to = null;
    if (event.key === "Enter") { const all = column(box); to = all[all.indexOf(box) + (event.shiftKey ? -1 : 1)]; }
    else if (event.key === "ArrowRight" && row && box.matches(".result") && caret === box.value.length) to = row.querySelector(".unit");
    else if (event.key === "ArrowLeft" && row && box.matches(".unit") && caret === 0) to = row.querySelector(".result");
    if (to) { event.preventDefault(); to.focus(); to.select(); }
  });
  form.addEventListener("change", skip);
  skip();

  // Marks at the end of a row are not stops between two answers: Alt+M goes there, arrows move, Escape goes back.
  const keys = form.querySelector(".keys");
  if (keys) {
    keys.hidden = false;
    form.querySelectorAll("a.mark, button.mark").forEach((mark) => { mark.tabIndex = -1; });
    form.addEventListener("keydown", (event) => {
      const row = event.target.closest(".q");
      const marks = row ? [...row.querySelectorAll("a.mark, button.mark")] : [];
      const at = marks.indexOf(event.target);
      let to = null;
      if (event.altKey && event.code === "KeyM") to = marks[0];
      else if (at >= 0 && event.key === "ArrowRight") to = marks[(at + 1) % marks.length];
      else if (at >= 0 && event.key === "ArrowLeft") to = marks[(at + marks.length - 1) % marks.length];
      else if (at >= 0 && event.key === "Escape") to = firstControl(row.querySelector(".q-answer"));
      if (to) { event.preventDefault(); to.focus(); }
    });
    document.addEventListener("click", (event) => { if (!keys.contains(event.target)) keys.open = false; });
    keys.addEventListener("keydown", (event) => { if (event.key === "Escape") { keys.open = false; keys.querySelector("summary").focus(); } });
  }

  // Reason why there is no answer.
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-missing-toggle]");
    if (button) {
      const box = document.getElementById(button.dataset.missingToggle);
      const open = box.classList.toggle("is-open");
      button.setAttribute("aria-expanded", String(open || !box.classList.contains("is-empty")));
      if (open) box.querySelector("select, input").focus();
    }
    const fill = event.target.closest("[data-fill]");
    if (fill) {
      const target = document.getElementById(fill.dataset.fill);
      ecrf.set(target, fill.textContent);
      target.focus();
    }
  });
  form.querySelectorAll(".reason-quick").forEach((box) => { box.hidden = false; });
  form.querySelectorAll("[data-missing-toggle]").forEach((button) => {
    const box = document.getElementById(button.dataset.missingToggle);
    if (box && !box.classList.contains("is-empty")) button.setAttribute("aria-expanded", "true");
  });

  // Times: 930 becomes 09:30.
  const tidyTime = (text) => {
    const value = text.trim();
    if (/^(u|uk|un|unk|unknown)$/i.test(value)) return "UNK";
    const match = value.match(/^(\d{1,2})\s*[:.hH ]\s*(\d{2})$/) || value.match(/^(\d{1,2})(\d{2})$/) || value.match(/^(\d{1,2})[hH]()$/);
    if (!match) return value;
    const hours = Number(match[1]);
    const minutes = Number(match[2] || 0);
    return hours < 24 && minutes < 60 ? `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}` : value;
  };
  form.addEventListener("change", (event) => {
    if (event.target.matches(".q--time .q-control > input, .pdate-time") && event.target.value) event.target.value = tidyTime(event.target.value);
  }, true);

  // Sections: how many are answered, which one is on the screen; a closed one opens when it holds something.
  const count = () => form.querySelectorAll("[data-section]").forEach((section) => {
    const place = document.querySelector(`[data-count-for="${CSS.escape(section.id)}"]`);
    const questions = [...section.querySelectorAll(".q:not(.q--readonly)")].filter((row) => !row.hidden);
    if (place && questions.length) place.textContent = `${questions.filter(filled).length}/${questions.length}`;
    if (place) place.closest("li").hidden = !questions.length;       // nothing is asked there now
  });
  form.querySelectorAll("details.section").forEach((section) => {
    if ([...section.querySelectorAll(".q")].some((row) => filled(row) || row.classList.contains("has-findings"))) section.open = true;
  });
  const links = [...document.querySelectorAll(".sections a")];
  const spy = () => {
    const line = (parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 120) + 8;
    let current = links[0];
    links.forEach((link) => {
      const section = document.getElementById(link.getAttribute("href").slice(1));
      if (section && !link.parentElement.hidden && section.getBoundingClientRect().top <= line) current = link;
    });
    if (innerHeight + scrollY >= document.documentElement.scrollHeight - 2 && scrollY > 0) current = links[links.length - 1];
    links.forEach((link) => { if (link === current) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current"); });
  };
  let spying = false;
  window.addEventListener("scroll", () => {
    if (!spying) { spying = true; requestAnimationFrame(() => { spying = false; spy(); }); }
  }, { passive: true });

  // Unsaved changes.
  let dirty = false;
  const state = form.querySelector("[data-form-state]");
  const warn = (event) => { event.preventDefault(); event.returnValue = ""; };
  const changed = (event) => {
    if (dirty || (event && event.target.form !== form)) return;
    dirty = true;
    window.addEventListener("beforeunload", warn);
    if (state) state.textContent = "Not saved yet";
  };
  if (form.hasAttribute("data-unsaved")) {                // the server sent it back: nothing of it is stored
    ["keydown", "pointerdown"].forEach((kind) => document.addEventListener(kind, (event) => { if (!event.target.closest("button[type=submit]")) changed(); }, { once: true }));
  }
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => window.removeEventListener("beforeunload", warn));

  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      if (event.target.form !== form) return;
      const next = form.querySelector("button[value=next]");
      if (next) { event.preventDefault(); event.target.blur(); form.requestSubmit(next); }
    } else if (event.key === "Enter" && event.target.matches("input") && event.target.form === form) {
      event.preventDefault();                    // Enter in a box never submits a medical form by accident
    }
  });

  const refresh = () => { ask(); offerClear(); count(); };
  form.addEventListener("change", refresh);
  form.addEventListener("input", count);
  refresh();
  spy();
  if (location.hash && !summary) goTo(location.hash);
  else if (form.hasAttribute("data-new") && !summary) document.addEventListener("DOMContentLoaded", () => {
    const open = [...form.querySelectorAll(".q")].find((row) => row.offsetParent && !filled(row));
    const control = open && firstControl(open);
    if (control) control.focus({ preventScroll: true });         // a new record begins at its first open question
  });
  window.addEventListener("pageshow", refresh);
})();
