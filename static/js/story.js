// The page of one reservation: what was unfolded stays so when it is read again, a running step counts on, facts are copied.
(() => {
  "use strict";
  const SAID_MS = 1600;
  const folds = new Map();  // id → whether it was open here; what was never shown is as the server says

  document.addEventListener("click", (event) => {
    const fold = event.target.closest("summary")?.parentElement;
    if (fold?.id) folds.set(fold.id, !fold.open);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    for (const fold of event.detail.target.querySelectorAll("details[id][open]")) {
      if (!folds.has(fold.id)) folds.set(fold.id, true);
    }
  });
  const unfold = () => {
    for (const [id, isOpen] of folds) {
      const fold = document.getElementById(id);
      if (fold) fold.open = isOpen;
    }
  };

  const elapsed = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    return whole < 60 ? `${whole}\u00a0s` : `${Math.floor(whole / 60)}\u00a0min ${whole % 60}\u00a0s`;
  };
  const tick = () => {
    for (const element of document.querySelectorAll("[data-since]")) {
      element.textContent = elapsed((Date.now() - Date.parse(element.dataset.since)) / 1000);
    }
  };
  setInterval(tick, 1000);

  // Without a clipboard, as on a page without TLS, there are no buttons that could not keep their word.
  const canCopy = Boolean(navigator.clipboard?.writeText);
  const show = () => {
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !canCopy;
    unfold();
    tick();
  };
  const say = (button, words) => {
    const label = button.querySelector("span");
    const before = label.dataset.before ?? label.textContent;
    label.dataset.before = before;
    label.textContent = words;
    setTimeout(() => { label.textContent = before; delete label.dataset.before; }, SAID_MS);
  };
  const copy = (button, text) => navigator.clipboard.writeText(text).then(() => say(button, "Copied"), () => say(button, "Not copied"));

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-copy-link]");
    if (!button || !canCopy) return;
    event.preventDefault();
    copy(button, button.hasAttribute("data-copy") ? button.dataset.copy : button.href);
  });
  document.addEventListener("htmx:afterSwap", show);
  show();
})();
