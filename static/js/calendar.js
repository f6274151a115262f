// Turns the calendar's lists into a timeline: reads where each bar belongs, sets it as custom properties (the policy
// allows no style attribute), and adds what a timeline needs: arrow keys, hints, printing, sharing, quiet renewal.
(() => {
  "use strict";
  const MINUTE_MS = 60000, HINT_GAP = 10, SHORT = 0.04;  // of the width: no room for words
  const calendar = () => document.getElementById("calendar-live");
  const percent = (part, whole) => `${(part / whole * 100).toFixed(4)}%`;

  const place = (element, minutes) => {
    const { s, e, p, q } = element.dataset;
    element.style.setProperty("--at", percent(s, minutes));
    if (e === undefined) return;
    element.style.setProperty("--long", percent(e - s, minutes));
    element.classList.toggle("is-short", (e - s) / minutes < SHORT);
    if (p > 0) element.style.setProperty("--warm", percent(p, e - s));
    if (q > 0) element.style.setProperty("--clean", percent(q, e - s));
  };

  // One bar of a row is in the tab order; arrows reach the others.
  const settle = (row) => {
    row.querySelectorAll("a.cal-bar").forEach((bar, nth) => { bar.tabIndex = nth ? -1 : 0; });
  };

  const placeAll = (within) => {
    const grid = calendar()?.querySelector(".cal-grid");
    if (!grid) return;
    for (const element of within.querySelectorAll("[data-s]")) place(element, Number(grid.dataset.minutes));
    for (const row of within.matches(".cal-row") ? [within] : within.querySelectorAll(".cal-row")) settle(row);
  };

  const begin = () => {
    document.documentElement.classList.add("is-scripted");
    const shown = calendar();
    if (!shown) return;
    placeAll(shown);
    shown.classList.add("is-placed");
    drawn = Date.now();
    towardsNow(shown);
  };

  // The day is wider than a small screen: begin a little before now.
  const towardsNow = (shown) => {
    const scroller = shown.querySelector(".cal-scroll"), grid = shown.querySelector(".cal-grid");
    if (!grid?.dataset.now || scroller.scrollWidth <= scroller.clientWidth) return;
    scroller.scrollLeft = grid.dataset.now / grid.dataset.minutes * scroller.scrollWidth - scroller.clientWidth / 3;
  };

  // The now-line walks on by itself.
  let drawn = Date.now();
  setInterval(() => {
    const grid = calendar()?.querySelector(".cal-grid[data-now]");
    if (!grid) return;
    const now = Number(grid.dataset.now) + (Date.now() - drawn) / MINUTE_MS;
    for (const line of grid.querySelectorAll(".cal-now")) {
      line.hidden = now > grid.dataset.minutes;
      line.style.setProperty("--at", percent(now, grid.dataset.minutes));
    }
  }, MINUTE_MS / 2);

  // News: only rows that changed are replaced, so that the place, the focus and the rest stay as they are.
  const renew = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("calendar-live");
    const rows = [...calendar().querySelectorAll(".cal-row")], coming = fresh ? [...fresh.querySelectorAll(".cal-row")] : [];
    const isSame = rows.length && rows.length === coming.length && rows.every((row, nth) => row.id === coming[nth].id);
    if (!isSame) return false;
    const held = document.activeElement?.id;
    rows.forEach((row, nth) => {
      if (row.dataset.key === coming[nth].dataset.key) return;
      const made = document.importNode(coming[nth], true);
      row.replaceWith(made);
      placeAll(made);
    });
    if (held && document.activeElement?.id !== held) document.getElementById(held)?.focus({ preventScroll: true });
    const grid = fresh.querySelector(".cal-grid");
    if (grid.dataset.now) { calendar().querySelector(".cal-grid").dataset.now = grid.dataset.now; drawn = Date.now(); }
    return true;
  };
  let scrolled = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "calendar-live" || event.detail.xhr.status !== 200) return;
    const scroller = calendar().querySelector(".cal-scroll");
    if (renew(event.detail.serverResponse)) event.detail.shouldSwap = false;
    else scrolled = scroller && [scroller.scrollLeft, scroller.scrollTop];
  });
  document.addEventListener("htmx:afterSwap", () => {
    const shown = calendar();
    if (!shown || shown.classList.contains("is-placed")) return;
    begin();
    const scroller = shown.querySelector(".cal-scroll");
    if (scroller && scrolled) [scroller.scrollLeft, scroller.scrollTop] = scrolled;
  });

  // Arrows: along a row, and to what is nearest in time in the next row that has something.
  const middle = (bar) => (Number(bar.dataset.s) + Number(bar.dataset.e)) / 2;
  const inRow = (row) => [...row.querySelectorAll("a.cal-bar")];
  const beside = (bar, step) => {
    const bars = inRow(bar.closest(".cal-row"));
    return bars[bars.indexOf(bar) + step];
  };
  const across = (bar, way) => {
    let row = bar.closest(".cal-row");
    while ((row = row[way])) {
      const bars = row.matches(".cal-row") ? inRow(row) : [];
      if (bars.length) return bars.reduce((best, one) => Math.abs(middle(one) - middle(bar)) < Math.abs(middle(best) - middle(bar)) ? one : best);
    }
    return undefined;
  };
  const moves = {
    ArrowLeft: (bar) => beside(bar, -1), ArrowRight: (bar) => beside(bar, 1),
    ArrowUp: (bar) => across(bar, "previousElementSibling"), ArrowDown: (bar) => across(bar, "nextElementSibling"),
    Home: (bar) => inRow(bar.closest(".cal-row"))[0], End: (bar) => inRow(bar.closest(".cal-row")).at(-1),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const bar = event.target.closest?.(".is-placed a.cal-bar");
    if (bar && moves[event.key]) {
      event.preventDefault();
      const next = moves[event.key](bar);
      if (!next) return;
      for (const one of inRow(next.closest(".cal-row"))) one.tabIndex = one === next ? 0 : -1;
      next.focus();
    } else if (event.key === "t" && !event.target.closest?.("input, select, textarea, dialog")) {
      document.getElementById("cal-today")?.click();
    } else if (event.key === "Escape") hide();
  });

  // The words of a bar that is too short for them.
  let hint = null;
  const hide = () => { hint?.remove(); hint = null; };
  const tell = (bar) => {
    hide();
    hint = document.createElement("div");
    hint.className = "cal-hint";
    hint.setAttribute("aria-hidden", "true");
    for (const part of bar.querySelectorAll("b, small")) hint.append(part.cloneNode(true));
    document.body.append(hint);
    const at = bar.getBoundingClientRect(), own = hint.getBoundingClientRect();
    const left = Math.min(Math.max(at.left, HINT_GAP), innerWidth - own.width - HINT_GAP);
    const below = at.bottom + HINT_GAP / 2;
    hint.style.setProperty("left", `${left}px`);
    hint.style.setProperty("top", `${below + own.height > innerHeight ? at.top - own.height - HINT_GAP / 2 : below}px`);
  };
  for (const kind of ["mouseover", "focusin"]) document.addEventListener(kind, (event) => {
    const bar = event.target.closest?.(".is-placed .cal-bar");
    if (bar) tell(bar); else hide();
  });
  document.addEventListener("scroll", hide, true);

  document.addEventListener("click", async (event) => {
    if (event.target.closest("[data-print]")) window.print();
    const share = event.target.closest("[data-share]");
    if (!share) return;
    await navigator.clipboard.writeText(share.dataset.share);
    const words = share.querySelector("span"), before = words.textContent;
    words.textContent = "Copied";
    setTimeout(() => { words.textContent = before; }, 2000);
  });

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
