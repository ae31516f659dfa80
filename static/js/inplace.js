// Answers to queries and histories without leaving the page: nothing typed in the form around them is lost.
(() => {
  const { el } = ecrf;

  // A thread's form is sent by fetch; the same thread is cut out of the page that comes back.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-thread-form]")) return;
    const id = form.id.replace("thread-form-", "thread-");
    const thread = document.getElementById(id);
    if (!thread) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    const buttons = [...thread.querySelectorAll("button")];
    const data = new FormData(form, event.submitter);
    buttons.forEach((button) => { button.disabled = true; });
    try {
      const response = await ecrf.fetch(form.getAttribute("action"), { method: "POST", body: data });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.getElementById(id);
      if (!fresh) throw new Error("no thread in the answer");
      fresh.open = true;
      thread.replaceWith(fresh);
      fresh.querySelector("summary").focus();
    } catch {
      buttons.forEach((button) => { button.disabled = false; });
      let problem = thread.querySelector(".finding--error");
      if (!problem) {
        problem = el("div", "finding finding--error", ecrf.icon("error"), el("p", "", el("strong", "", "Error:"), " this was not stored. Try again; if you were logged out, log in in another tab first."));
        problem.setAttribute("role", "alert");
        (thread.querySelector(".thread-reply") || thread).append(problem);
      }
    } finally { delete form.dataset.busy; }
  }, true);

  // A history opens over the page; the link still works by itself (new tab, no script).
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-inplace]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const body = el("div", "dialog-body");
    const close = el("button", "iconbtn", ecrf.icon("close"));
    close.type = "button";
    close.setAttribute("aria-label", "Close");
    const title = el("h2", "", link.getAttribute("aria-label").replace(/:.*$/, ""));
    title.id = "inplace-title";
    const dialog = el("dialog", "dialog--wide", el("div", "dialog-head", title, close), body);
    dialog.setAttribute("aria-labelledby", title.id);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (click) => { if (click.target === dialog) dialog.close(); });
    dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
    try {
      const response = await ecrf.fetch(link.href);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const part = page.querySelector("[data-fragment]") || page.querySelector("main") || page.body;
      part.querySelectorAll("script, h1, .messages").forEach((node) => node.remove());
      const field = decodeURIComponent(link.hash.slice(1));                       // history/#field: only the lines of that field
      const lines = field ? [...part.querySelectorAll(`[id="${CSS.escape(field)}"]`)] : [];
      lines.forEach((line) => line.removeAttribute("id"));
      body.append(...(lines.length || !field ? (lines.length ? lines : part.childNodes) : [el("p", "nothing", "No change yet.")]));
      document.body.append(dialog);
      dialog.showModal();
    } catch { location.href = link.href; }
  });
})();
