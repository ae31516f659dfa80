// The frame of every page: menu on small screens, messages, height of the patient strip, double clicks, idle time-out.
(() => {
  const { el } = ecrf;

  const toggle = document.getElementById("nav-toggle");
  if (toggle) {
    toggle.addEventListener("click", () => {
      const open = document.getElementById("nav").classList.toggle("is-open");
      toggle.setAttribute("aria-expanded", String(open));
    });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dismiss]");
    if (button) button.parentElement.remove();
    const menu = document.querySelector("details.usermenu[open]");
    if (menu && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector("details.usermenu[open]");
    if (event.key === "Escape" && menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // What sticks below the top bar must know how high the bar and the strip are.
  const measure = () => {
    const root = document.documentElement.style;
    const bar = document.querySelector(".topbar");
    const strip = document.querySelector(".strip");
    if (bar) root.setProperty("--topbar", bar.offsetHeight + "px");
    root.setProperty("--strip", strip && getComputedStyle(strip).position === "sticky" ? strip.offsetHeight + "px" : "0px");
  };
  measure();
  window.addEventListener("resize", measure);

  // A form is sent once. The buttons are switched off after the browser has read which one was pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => [...form.elements].forEach((control) => { if (control.type === "submit") control.disabled = true; }));
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      [...form.elements].forEach((control) => { if (control.type === "submit") control.disabled = false; });
    });
  });

  // A wheel over a focused number box must scroll the page, not change the data.
  document.addEventListener("wheel", (event) => {
    if (event.target.type === "number" && event.target === document.activeElement) event.target.blur();
  }, { passive: true });

  // Idle time-out. The server counts requests; typing alone reaches it at most once a minute or so, by a ping.
  const idle = Number(document.body.dataset.idleSeconds) * 1000;
  if (!idle) return;
  const warnBefore = Math.min(120000, idle / 2);
  const pingEvery = Math.min(60000, idle / 4);
  let dialog = null;
  let pinging = false;

  const ping = async () => {
    if (pinging) return;
    pinging = true;
    try {
      await ecrf.fetch(document.body.dataset.pingUrl, { method: "POST" });
      if (dialog) dialog.close();
    } catch { /* the clock goes on, the warning stays */ } finally { pinging = false; }
  };
  const active = () => { if (!dialog && Date.now() - ecrf.contactedAt() > pingEvery) ping(); };
  document.addEventListener("keydown", active);
  document.addEventListener("pointerdown", active);

  const say = (title, text, stay) => {
    if (!dialog) {
      dialog = el("dialog", "", el("div", "dialog-head", el("h2")), el("div", "dialog-body", el("p")), el("div", "dialog-acts"));
      dialog.setAttribute("aria-labelledby", "idle-title");
      dialog.querySelector("h2").id = "idle-title";
      dialog.addEventListener("close", () => { dialog.remove(); dialog = null; });
      document.body.append(dialog);
      dialog.showModal();
    }
    if (dialog.querySelector("h2").textContent === title) return;
    dialog.querySelector("h2").textContent = title;
    dialog.querySelector("p").textContent = text;
    const button = el("button", "btn btn-primary", stay ? "Stay logged in" : "Close");
    button.type = "button";
    button.addEventListener("click", () => (stay ? ping() : dialog.close()));
    dialog.querySelector(".dialog-acts").replaceChildren(button);
    button.focus();
  };
  let over = false;
  setInterval(() => {
    const left = ecrf.contactedAt() + idle - Date.now();
    if (left > warnBefore) {
      over = false;
      if (dialog) dialog.close();
    } else if (left > 0) {
      const at = new Date(Date.now() + left).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
      say(`You will be logged out at ${at}`, "Nothing was typed for a while. Do you want to stay?", true);
    } else if (!over) {
      over = true;
      say("You have been logged out", "What you typed is still on this page. Save it: you are asked to log in again, and it is stored after that.", false);
    }
  }, 1000);
})();

// A wide matrix opens where the patient is now, not at the visits of long ago.
for (const now of document.querySelectorAll(".matrix th.is-current")) {
  const wrap = now.closest(".grid-wrap");
  if (wrap) wrap.scrollLeft = now.offsetLeft + 2 * now.offsetWidth - wrap.clientWidth;
}
