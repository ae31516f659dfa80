// Runs before the page is drawn: says that scripts run, and offers the few helpers that the other scripts share.
document.documentElement.classList.add("js");

window.ecrf = {
  /** One icon of the sprite, hidden from screen readers. */
  icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", document.body.dataset.icons + "#" + name);
    svg.append(use);
    return svg;
  },
  /** An element with a class, attributes and children. */
  el(tag, className, ...children) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    node.append(...children);
    return node;
  },
  csrf() {
    const input = document.querySelector("input[name=csrfmiddlewaretoken]");
    return input ? input.value : "";
  },
  /** fetch from this site that says who asks; a log-in page instead of an answer counts as a failure. */
  async fetch(url, options = {}) {
    const headers = { "X-Requested-With": "fetch", ...(options.headers || {}) };
    if (options.method === "POST") headers["X-CSRFToken"] = ecrf.csrf();
    const response = await fetch(url, { credentials: "same-origin", ...options, headers });
    if (!response.ok) throw new Error(String(response.status));
    ecrf.contact();
    return response;
  },
  async json(url, options) {
    const response = await ecrf.fetch(url, options);
    if (!(response.headers.get("Content-Type") || "").includes("json")) throw new Error("no JSON");
    return response.json();
  },
  /** Remembers, for all tabs of this browser, when the server last heard from us. */
  contact() {
    try { localStorage.setItem("ecrf-contact", String(Date.now())); } catch { ecrf.lastContact = Date.now(); }
  },
  contactedAt() {
    try { return Number(localStorage.getItem("ecrf-contact")) || ecrf.lastContact || 0; } catch { return ecrf.lastContact || 0; }
  },
  /** The inputs called `name` inside `root`. */
  inputs(root, name) {
    return [...root.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  },
  /** The value of the field called `name`: a text, "" when nothing is chosen. A date in boxes is its boxes joined. */
  value(root, name) {
    const inputs = ecrf.inputs(root, name);
    if (!inputs.length) {
      const row = document.getElementById("q-" + name);           // a locked form shows its answers as text
      if (row && row.dataset.value) return row.dataset.value;
      return [0, 1, 2, 3].map((n) => ecrf.inputs(root, `${name}_${n}`)[0]).filter(Boolean).map((input) => input.value).join(" ").trim();
    }
    if (inputs[0].type === "radio" || inputs[0].type === "checkbox") {
      return inputs.filter((input) => input.checked).map((input) => input.value).join("|");
    }
    return inputs[0].value.trim();
  },
  /** Sets an input as a person would, so that everything that listens hears it. */
  set(input, value) {
    if (input.value === value) return;
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  },
};
ecrf.contact();
