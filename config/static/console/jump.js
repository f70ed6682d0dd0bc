"use strict";

/* The jump box: "/" or Ctrl+K goes there, arrows choose, Enter opens the first, Escape leaves. */

(() => {
  const input = document.getElementById("jump-text");
  const found = document.getElementById("jump-found");
  if (!input || !found) return;

  const links = () => Array.from(found.querySelectorAll("a"));
  const isTyping = (element) => element.matches("input, textarea, select, [contenteditable]");

  function show(visible) {
    found.hidden = !visible;
  }

  function focusAt(place) {
    const all = links();
    if (place < 0) input.focus();
    else if (all.length) all[Math.min(place, all.length - 1)].focus();
  }

  function fits() {
    const list = found.querySelector("[data-for]");
    return !found.hidden && list && list.dataset.for === input.value.trim();
  }

  document.addEventListener("keydown", (event) => {
    const isShortcut = event.key === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!isShortcut && !(isSlash && !isTyping(event.target))) return;
    event.preventDefault();
    input.focus();
    input.select();
  });

  input.parentElement.parentElement.addEventListener("keydown", (event) => {
    const place = links().indexOf(document.activeElement);
    if (event.key === "ArrowDown" && !found.hidden) focusAt(place + 1);
    else if (event.key === "ArrowUp" && place >= 0) focusAt(place - 1);
    else if (event.key === "Escape" && !found.hidden) { show(false); input.focus(); }
    else if (event.key === "Enter" && document.activeElement === input && fits()) links()[0].click();
    else return;
    event.preventDefault();
  });

  input.addEventListener("htmx:afterSwap", () => show(input.value.trim() !== ""));
  found.addEventListener("htmx:afterSwap", () => show(input.value.trim() !== ""));
  input.addEventListener("input", () => { if (input.value.trim() === "") show(false); });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#jump")) show(false);
  });
  document.addEventListener("focusin", (event) => {
    if (!event.target.closest("#jump")) show(false);
  });
})();
