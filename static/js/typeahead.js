// Choosing a term by typing (ARIA combobox), and what depends on the chosen term (grades with their texts).
//
// <input data-typeahead-url="/terms/" data-typeahead-target="id_of_the_real_input">: asked with ?q=, the endpoint answers {results: [{value, label, group, hint}]}.
// Without a target the input itself gets the value. On a choice the input fires "typeahead:chosen" (detail: the result) and "change".
// <div data-depends-on="term:aeterm scale:aescale" data-options-url="/terms/grades/">: {scale, grades: [{value, label, text, available}]}.
(() => {
  const { el } = ecrf;
  let serial = 0;

  const combobox = (input) => {
    if (input.disabled || input.readOnly) return;
    const target = input.dataset.typeaheadTarget && document.getElementById(input.dataset.typeaheadTarget);
    const list = el("ul", "typeahead-list");
    list.id = `typeahead-${++serial}`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Terms that fit");
    list.hidden = true;
    const said = el("span", "visually-hidden");
    said.setAttribute("role", "status");
    const box = el("span", "typeahead");
    input.replaceWith(box);
    box.append(input, list, said);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", list.id);
    input.autocomplete = "off";

    let results = [];
    let active = -1;
    let timer = 0;
    let asked = 0;

    const close = () => {
      list.hidden = true;
      active = -1;
      asked += 1;
      clearTimeout(timer);
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const mark = (n) => {
      const options = [...list.querySelectorAll("[role=option]")];
      active = options.length ? (n + options.length) % options.length : -1;
      options.forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
      if (active < 0) return;
      input.setAttribute("aria-activedescendant", options[active].id);
      options[active].scrollIntoView({ block: "nearest" });
    };
    const choose = (result) => {
      input.value = target && target !== input ? result.label : result.value;
      if (target && target !== input) target.value = result.value;
      close();
      input.dispatchEvent(new CustomEvent("typeahead:chosen", { bubbles: true, detail: result }));
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
      clearTimeout(timer);
    };
    const show = () => {
      list.replaceChildren();
      let group = null;
      results.forEach((result, i) => {
        if (result.group && result.group !== group) {
          group = result.group;
          const head = el("li", "typeahead-group", group);
          head.setAttribute("role", "presentation");
          list.append(head);
        }
        const option = el("li", "", result.label);
        if (result.hint) option.append(el("span", "typeahead-hint", result.hint));
        option.id = `${list.id}-${i}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(result); });
        list.append(option);
      });
      if (!results.length) {
        const none = el("li", "typeahead-none", "No term fits");
        none.setAttribute("role", "presentation");
        list.append(none);
      }
      said.textContent = results.length ? `${results.length} terms` : "No term fits";
      list.hidden = false;
      active = -1;
      input.setAttribute("aria-expanded", "true");
      input.removeAttribute("aria-activedescendant");
    };
    const look = async () => {
      const text = input.value.trim();
      if (text.length < 2) { close(); return; }
      const mine = ++asked;
      try {
        const url = input.dataset.typeaheadUrl;
        const answer = await ecrf.json(url + (url.includes("?") ? "" : "?q=") + encodeURIComponent(text));
        if (mine !== asked || document.activeElement !== input) return;
        results = answer.results || [];
        show();
      } catch { /* without the list it is a plain text box */ }
    };

    input.addEventListener("input", (event) => {
      if (!event.isTrusted) return;
      if (target && target !== input) target.value = "";
      clearTimeout(timer);
      timer = setTimeout(look, 150);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) look(); else mark(active + (event.key === "ArrowDown" ? 1 : active < 0 ? 0 : -1));
      } else if (event.key === "Enter" && !list.hidden && results.length && !event.ctrlKey) {
        event.preventDefault();
        event.stopPropagation();
        choose(results[Math.max(active, 0)]);  // without a mark the first one, which fits best
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      }
    });
    input.addEventListener("blur", () => {
      const typed = input.value.trim().toLowerCase();
      const exact = list.hidden ? null : results.find((result) => result.label.toLowerCase() === typed);
      if (!list.hidden && active >= 0) choose(results[active]);
      else if (exact) choose(exact);
      else close();
    });
  };

  const dependent = (group) => {
    const form = group.closest("form");
    const pairs = group.dataset.dependsOn.trim().split(/\s+/).map((pair) => (pair.includes(":") ? pair.split(":") : ["term", pair]));
    let last = null;
    const paint = (grades) => {
      const texts = new Map(grades.map((grade) => [String(grade.value), grade]));
      let described = false;
      group.querySelectorAll("input[type=radio]").forEach((radio) => {
        const label = radio.closest("label");
        const grade = texts.get(radio.value);
        const off = grades.length > 0 && (!grade || grade.available === false);
        radio.disabled = off && !radio.checked;      // a chosen answer is never silently dropped
        const old = label.querySelector(".option-text");
        if (old) old.remove();
        const text = off ? "not a grade of this term" : grade && grade.text;
        if (text) {
          label.append(el("span", off ? "option-text option-off" : "option-text", text));
          described = described || !off;
        }
      });
      group.classList.toggle("is-described", described);
      group.querySelectorAll("select option").forEach((option) => {
        const grade = texts.get(option.value);
        option.disabled = Boolean(option.value) && !option.selected && grades.length > 0 && (!grade || grade.available === false);
      });
    };
    const define = (text) => {
      const term = form.elements[pairs[0][1]];
      const place = term && term.closest(".q-answer");
      if (!place) return;
      const old = place.querySelector(".term-definition");
      if (old) old.remove();
      if (text) place.append(el("p", "q-help term-definition", text));
    };
    // The trial grades each term on one scale: it follows the term until somebody chooses another one.
    const scaled = pairs.find(([key]) => key === "scale");
    const scale = (value) => {
      const radios = scaled ? [...form.querySelectorAll(`input[type=radio][name="${scaled[1]}"]`)] : [];
      const chosen = radios.find((radio) => radio.checked);
      const right = radios.find((radio) => radio.value === value);
      if (!right || right.checked || (chosen && chosen.dataset.followed === undefined)) return;
      right.checked = true;
      right.dataset.followed = "";
      right.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const load = async () => {
      // A scale that followed the term before is not asked about: the new term has its own.
      const followed = scaled && form.querySelector(`[name="${scaled[1]}"][data-followed]:checked`);
      const query = new URLSearchParams(pairs.map(([key, name]) => [key, key === "scale" && followed ? "" : ecrf.value(form, name)]));
      if (String(query) === last) return;
      last = String(query);
      if (!query.get(pairs[0][0])) { paint([]); define(""); return; }
      const mine = last;
      try {
        const answer = await ecrf.json(`${group.dataset.optionsUrl}?${query}`);
        if (mine === last) { paint(answer.grades || []); define(answer.definition); scale(answer.scale); }
      } catch { if (mine === last) { last = null; paint([]); } }
    };
    const names = pairs.map(([, name]) => name);
    form.addEventListener("change", (event) => {
      if (scaled && event.target.name === scaled[1] && event.isTrusted) form.querySelectorAll(`[name="${scaled[1]}"]`).forEach((radio) => delete radio.dataset.followed);
      if (names.includes(event.target.name)) load();
      else if (event.target.matches("[data-typeahead-url]")) load();
    });
    load();
  };

  document.querySelectorAll("input[data-typeahead-url]").forEach(combobox);
  document.querySelectorAll("[data-depends-on]").forEach(dependent);
})();
