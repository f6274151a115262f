// What was said goes by itself, but not while somebody reads it, and never what can be undone soon or what went wrong.
(() => {
  "use strict";
  const PLAIN_MS = 10000, UNDO_MS = 30000, SHOWN_MAX = 4;
  const place = document.getElementById("toasts");
  if (!place) return;

  const isRead = (toast) => toast.matches(":hover, :focus-within") || document.hidden;

  const dismiss = (toast) => {
    const hadFocus = toast.contains(document.activeElement);
    toast.remove();
    if (hadFocus) document.getElementById("main")?.focus({ preventScroll: true });
  };

  const leave = (toast, ms) => setTimeout(() => (isRead(toast) ? leave(toast, PLAIN_MS / 2) : dismiss(toast)), ms);

  const welcome = (toast) => {
    if (toast.dataset.welcome) return;
    toast.dataset.welcome = "yes";
    if (!toast.classList.contains("bad")) leave(toast, "undo" in toast.dataset ? UNDO_MS : PLAIN_MS);
    while (place.children.length > SHOWN_MAX) dismiss(place.firstElementChild);
  };

  // One that came with the page is put in once more: only what changes in a live region is read out.
  const readOut = (toast) => { toast.remove(); setTimeout(() => { place.append(toast); welcome(toast); }, 100); };

  new MutationObserver(() => [...place.children].forEach(welcome)).observe(place, { childList: true });
  [...place.children].forEach(readOut);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dismiss]");
    if (button) dismiss(button.closest(".toast"));
  });

  // Words of the browser's own: a failure, and what to do about it.
  document.addEventListener("heddle:say", (event) => {
    const { text, tone = "bad", label, act } = event.detail;
    if ([...place.querySelectorAll("p")].some((said) => said.textContent === text)) return;
    const toast = document.getElementById("toast-pattern").content.firstElementChild.cloneNode(true);
    toast.classList.add(tone);
    toast.querySelector("p").textContent = text;
    const button = toast.querySelector("[data-act]");
    if (!act) button.remove();
    else { button.textContent = label; button.addEventListener("click", () => { dismiss(toast); act(); }); }
    place.append(toast);
  });
})();
