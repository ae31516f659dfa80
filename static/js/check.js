// Live check: the rules speak while typing is still possible. The form goes to its own address with action=check;
// the findings come back and stand beside their fields. Nothing is stored, the focus stays, a dead network is silent.
(() => {
  const form = document.querySelector("form[data-live-check]");
  if (!form) return;
  const { el } = ecrf;
  const WORDS = { ERROR: "Error", QUERY: "Query", DEVIATION: "Deviation", NOTICE: "Note", GATE: "Not met" };
  const touched = new Set();
  let timer = 0;
  let running = null;

  const draw = (finding) => {
    const severity = String(finding.severity).toUpperCase();
    const text = el("p", "", el("strong", "", (WORDS[severity] || "Note") + ":"), " ", finding.message);
    if (finding.citation) text.append(" ", el("span", "finding-cite", finding.citation));
    if (finding.rule_id) text.append(" ", el("code", "finding-rule", finding.rule_id));
    const node = el("div", "finding finding--" + severity.toLowerCase(), ecrf.icon(severity.toLowerCase()), text);
    node.dataset.rule = finding.rule_id || "";
    node.dataset.severity = severity;
    node.dataset.message = finding.message;
    return node;
  };
  const key = (node) => node.dataset.rule + "\n" + (node.dataset.message || "");

  const show = (findings) => {
    const places = new Map([...form.querySelectorAll("[data-field] .q-findings")].map((place) => [place.closest("[data-field]").dataset.field, place]));
    const page = form.querySelector("[data-page-findings]");
    const wanted = new Map([...places.values(), page].map((place) => [place, []]));
    findings.forEach((finding) => wanted.get(places.get(finding.field) || places.get(finding.field.replace(/_unit$/, "")) || page).push(draw(finding)));
    wanted.forEach((fresh, place) => {
      const row = place.closest("[data-field]");
      // An error of the last save about a field not touched since stays: only the next save can take it back.
      const kept = [...place.children].filter((node) => !node.dataset.message && node.dataset.severity === "ERROR" && row && !touched.has(row.dataset.field)
        && !fresh.some((other) => other.dataset.rule === node.dataset.rule));
      const next = [...kept, ...fresh];
      const same = next.length === place.children.length && next.every((node, i) => node === place.children[i] || (place.children[i].dataset.message && key(node) === key(place.children[i])));
      if (!same) place.replaceChildren(...next);
      if (row && touched.has(row.dataset.field)) {
        const wrong = next.some((node) => node.dataset.severity === "ERROR");
        row.querySelectorAll(".q-control :is(input:not([type=radio]), select, textarea)").forEach((input) => { if (wrong) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid"); });
      }
    });
  };

  const check = async () => {
    if (form.dataset.sent) return;
    if (running) running.abort();
    running = new AbortController();
    const data = new FormData(form);               // form.action would be the button called "action"
    data.set("action", "check");
    try {
      const answer = await ecrf.json(form.getAttribute("action") || location.href, { method: "POST", body: data, signal: running.signal });
      if (!form.dataset.sent) show(answer.findings || []);
    } catch { /* silent: the same rules run again when the form is saved */ }
  };

  form.addEventListener("change", (event) => {
    if (event.target.form && event.target.form !== form) return;
    const row = event.target.closest("[data-field]");
    if (row) touched.add(row.dataset.field);
    clearTimeout(timer);
    timer = setTimeout(check, 600);
  });
  form.addEventListener("submit", () => { clearTimeout(timer); if (running) running.abort(); });
})();
