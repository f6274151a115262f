// Small pleasantries; every page works without them. Counts down, tells the server the browser's zone, guards double clicks.
(() => {
  "use strict";
  const YEAR_SECONDS = 31536000;

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  if (zone) document.cookie = `heddle_zone=${zone}; path=/; max-age=${YEAR_SECONDS}; samesite=lax` + (location.protocol === "https:" ? "; secure" : "");

  const pieces = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

  const duration = (seconds) => {
    const at = pieces.findIndex(([size]) => seconds >= size);
    if (at < 0) return "0\u00a0s";
    const shown = pieces.slice(at, at + 2).map(([size, unit], nth) => {
      const amount = Math.floor(nth ? (seconds % pieces[at][0]) / size : seconds / size);
      return amount && !(unit === "s" && seconds >= 300) ? `${amount}\u00a0${unit}` : "";
    });
    return shown.filter(Boolean).join(" ");
  };

  // The same words as the server's, in one unit.
  const coarse = [[172800, 86400, "d"], [5400, 3600, "h"], [60, 60, "min"]];
  const relative = (seconds) => {
    const unit = coarse.find(([from]) => Math.abs(seconds) >= from);
    if (!unit) return seconds > 0 ? "in a moment" : "just now";
    const words = `${Math.round(Math.abs(seconds) / unit[1])}\u00a0${unit[2]}`;
    return seconds > 0 ? `in ${words}` : `${words} ago`;
  };

  const tick = () => {
    for (const element of document.querySelectorAll("[data-countdown]")) {
      const seconds = Math.round((Date.parse(element.dataset.countdown) - Date.now()) / 1000);
      const words = seconds > 0 ? `in ${duration(seconds)}` : `${duration(-seconds)} ago`;
      if (element.textContent !== words) element.textContent = words;
    }
    for (const element of document.querySelectorAll("[data-relative]")) {
      const words = relative((Date.parse(element.dataset.relative) - Date.now()) / 1000);
      if (element.textContent !== words) element.textContent = words;
    }
  };
  setInterval(tick, 1000);
  document.addEventListener("DOMContentLoaded", tick);
  document.addEventListener("htmx:afterSwap", tick);

  // Leaving a field asks anew whether it fits: openings that somebody unfolded or folded stay so beside the new answer.
  const openings = () => document.querySelector("#verdict .openings");
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".openings > summary")) return;
    openings().closest("form").dataset.openings = openings().open ? "folded" : "open";
  });
  document.addEventListener("htmx:afterSwap", () => {
    const wish = openings()?.closest("form").dataset.openings;
    if (wish) openings().open = wish === "open";
  });

  // What was asked already is not asked again: a field that is left was checked as it was typed.
  let asked = "";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id !== "check") return;
    const typed = new URLSearchParams(new FormData(event.detail.elt.closest("form"))).toString();
    const isNewForm = event.detail.requestConfig.triggeringEvent?.type === "load";
    if (!isNewForm && typed === asked) event.preventDefault();
    else asked = typed;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.id === "check" && !event.detail.successful) asked = "";
  });

  // A second click on the same button, before the answer has come, does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === "post" && !event.defaultPrevented) form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });
})();
