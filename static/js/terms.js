// A word that asks for its meaning shows it beside itself; with Ctrl, or without scripts, it leads to the help page.
(() => {
  "use strict";
  const EDGE_PX = 12, GAP_PX = 6;
  let card = null, asker = null;

  const close = () => {
    if (!card) return;
    const hadFocus = card.contains(document.activeElement);
    card.remove();
    card = null;
    asker?.removeAttribute("aria-expanded");
    if (hadFocus) asker?.focus();
  };

  const put = (box, at) => {
    const x = Math.min(at.left, innerWidth - box.offsetWidth - EDGE_PX);
    const isBelow = at.bottom + GAP_PX + box.offsetHeight < innerHeight;
    box.style.setProperty("--x", `${Math.max(EDGE_PX, x)}px`);
    box.style.setProperty("--y", `${isBelow ? at.bottom + GAP_PX : at.top - GAP_PX - box.offsetHeight}px`);
  };

  const show = (term) => {
    close();
    asker = term;
    card = document.createElement("div");
    card.className = "meaning";
    card.setAttribute("role", "status");
    const words = document.createElement("p"), more = document.createElement("p"), link = document.createElement("a");
    words.textContent = term.dataset.meaning;
    link.href = term.href;
    link.textContent = "More in Help";
    more.append(link);
    card.append(words, more);
    term.after(card);
    term.setAttribute("aria-expanded", "true");
    put(card, term.getBoundingClientRect());
  };

  document.addEventListener("click", (event) => {
    const term = event.target.closest("a.term");
    if (!term) { if (card && !card.contains(event.target)) close(); return; }
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (asker === term && card) close(); else show(term);
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && card) { event.stopPropagation(); close(); } });
  window.addEventListener("scroll", close, { passive: true, capture: true });
  document.addEventListener("htmx:beforeSwap", close);
})();
