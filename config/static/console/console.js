"use strict";

/* The console's little helpers. Everything works without them, live updates and copying aside. */

(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

  const words = document.body.dataset;

  /* ---- Time: relative, with the exact local time on hover ---- */

  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const relative = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" });
  const format = (options) => new Intl.DateTimeFormat(document.documentElement.lang || "en", options);
  const full = format({ dateStyle: "full", timeStyle: "long" });
  const clock = format({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const day = format({ day: "numeric", month: "short", year: "numeric" });

  function exact(date) {
    const today = day.format(new Date()) === day.format(date);
    return `${today ? words.sayToday : day.format(date)}, ${clock.format(date)}`;
  }

  function since(date) {
    const seconds = (date.getTime() - Date.now()) / 1000;
    if (Math.abs(seconds) < 5) return words.sayNow;
    const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) || UNITS[3];
    return relative.format(Math.trunc(seconds / size), unit);
  }

  function remaining(date) {
    const seconds = Math.max(0, Math.round((date.getTime() - Date.now()) / 1000));
    if (seconds === 0) return words.sayExpired;
    const hours = Math.floor(seconds / 3600);
    const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
    const digits = parts.map((part) => String(part).padStart(2, "0")).join(":");
    return hours ? `${hours}:${digits}` : digits;
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function renderTimes(root = document) {
    for (const element of all("time[datetime]", root)) {
      const date = new Date(element.dateTime);
      if (Number.isNaN(date.getTime())) continue;
      if (!element.title) element.title = full.format(date);
      if ("countdown" in element.dataset) write(element, remaining(date));
      else if ("relative" in element.dataset) write(element, since(date));
      else write(element, exact(date));
    }
  }

  /* ---- Copying ---- */

  async function copy(button) {
    const source = one(button.dataset.copy);
    const text = "value" in source && source.value ? source.value : source.textContent;
    const label = one("span", button) || button;
    const before = label.textContent;
    try {
      await navigator.clipboard.writeText(text.trim());
      label.textContent = words.sayCopied;
    } catch {
      window.getSelection().selectAllChildren(source);
      label.textContent = words.sayCopy;
    }
    announce(label.textContent);
    setTimeout(() => { label.textContent = before; }, 2500);
  }

  /* ---- A dangerous button waits for the typed word ---- */

  function guard(input) {
    const same = input.value === input.dataset.confirm;
    for (const button of all("button[type=submit]", input.form)) button.disabled = !same;
  }

  /* ---- Menus: one at a time; what is open stays open while the page updates itself ---- */

  let open = [];

  const FOLDED = ["details.menu", "details.pick"];
  const OPEN = FOLDED.map((menu) => `${menu}[open]`).join();

  function closeMenus(except) {
    for (const menu of all(OPEN)) if (menu !== except) menu.open = false;
  }

  function rememberOpen() {
    open = all("details[open][id]").map((details) => details.id);
  }

  function reopen() {
    for (const id of open) {
      const details = document.getElementById(id);
      if (details) details.open = true;
    }
  }

  /* ---- What changed is read aloud once ---- */

  let spoken = null;

  function announce(text) {
    const announcer = one("#announcer");
    if (announcer && text) announcer.textContent = text;
  }

  function withoutTimes(element) {
    const copy = element.cloneNode(true);
    all("time, .visually-hidden", copy).forEach((part) => part.remove());
    return copy.textContent.replace(/\s+/g, " ").trim();
  }

  function announceChange() {
    const text = all("[data-announce]").map(withoutTimes).join(" ");
    if (spoken !== null && text !== spoken) announce(text);
    spoken = text;
  }

  /* ---- Live parts ---- */

  const lastBody = new WeakMap();
  let lastSeen = new Date();

  function showConnection(lost) {
    const box = one("#connection");
    if (!box) return;
    if (lost) write(one("#last-seen", box), exact(lastSeen));
    if (box.hidden === lost) announce(lost ? words.sayLost : words.sayFound);
    box.hidden = !lost;
  }

  let focused = "";

  function nameOf(element) {
    const name = ["id", "href", "formaction"].find((attribute) => element.hasAttribute(attribute));
    return name ? `[${name}="${CSS.escape(element.getAttribute(name))}"]` : "";
  }

  function isBeingRead(element) {
    const selection = window.getSelection();
    return !selection.isCollapsed && element.contains(selection.anchorNode);
  }

  const isLive = (element) => element && "live" in element.dataset;

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isLive(event.detail.elt) && document.hidden) event.preventDefault();
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { elt, xhr, requestConfig } = event.detail;
    if (!isLive(elt)) return;
    const asked = new URL(requestConfig.path, location.href).pathname;
    if (xhr.responseURL && new URL(xhr.responseURL).pathname !== asked) {
      event.detail.shouldSwap = false; // the server leads elsewhere: log in, or another node's role
      location.reload();
    } else if (lastBody.get(elt) === xhr.responseText || isBeingRead(elt)) {
      event.detail.shouldSwap = false; // nothing changed, or text is being selected
    } else if (event.detail.shouldSwap) {
      lastBody.set(elt, xhr.responseText);
      focused = nameOf(document.activeElement);
      rememberOpen();
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (isLive(event.detail.elt)) reopen();
    renderTimes();
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    if (!isLive(event.detail.elt)) return;
    const status = event.detail.xhr ? event.detail.xhr.status : 0;
    const answered = status > 0 && status < 500;
    if (answered) lastSeen = new Date();
    showConnection(!answered);
    if (answered && status >= 400) location.reload();
  });

  document.addEventListener("htmx:afterSettle", () => {
    renderTimes();
    all("input[data-confirm]").forEach(guard);
    announceChange();
    if (focused && document.activeElement === document.body) one(focused)?.focus();
    focused = "";
  });

  /* ---- Page ---- */

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
    closeMenus(event.target.closest(FOLDED.join()));
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" ? one(OPEN) : null;
    if (!menu) return;
    menu.open = false;
    one("summary", menu).focus();
  });

  document.addEventListener("input", (event) => {
    if (event.target.matches("input[data-confirm]")) guard(event.target);
  });

  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    const button = event.submitter;
    if (!button) return;
    setTimeout(() => { button.disabled = true; button.classList.add("is-busy"); });
  });

  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    all(".is-busy").forEach((button) => { button.disabled = false; button.classList.remove("is-busy"); });
  });

  all("[data-copy]").forEach((button) => { button.hidden = false; });
  all("input[data-confirm]").forEach(guard);
  renderTimes();
  announceChange();
  setInterval(renderTimes, 1000);
})();
