// Chooses a period in the availability table, by pointer, touch or keys, and leads to a booking of it.
// What is chosen is kept as instants and not as cells, so that a table that was read again shows it too.
(() => {
  "use strict";
  const HOLD_MS = 350, STRAY_PX = 10, EDGE_PX = 28, MINUTE_MS = 60000;
  const by = (id) => document.getElementById(id);
  const table = () => by("heat");
  const rows = () => [...document.querySelectorAll("#heat .counts tr")];
  const cellOf = (node) => node instanceof Element ? node.closest("#heat .counts td") : null;
  const cellsOf = (row) => [...row.cells].slice(1);
  const columnOf = (cell) => cell.cellIndex - 1;
  const codeOf = (cell) => cell.parentElement.dataset.class;
  const edges = () => table().dataset.edges.split(" ").map(Number);
  const hours = () => Number(table().dataset.hours);

  let chosen = null;  // {code, anchor, from, to} in minutes since 1970; the anchor is where it began
  let drag = null;  // {row, pointer}: a period is being drawn
  let hold = null;  // {timer, cell, x, y}: a finger rests on a cell
  let tapped = null;  // the cell that a finger has just left
  let isMissed = false;  // news came while something was being drawn
  let kept = null;  // what the table that is being replaced showed

  const named = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: table().dataset.zone, hourCycle: "h23", ...options });
  const day = (minute) => named({ weekday: "short", day: "numeric", month: "short" }).format(minute * MINUTE_MS).replace(",", "");
  const clock = (minute) => named({ hour: "2-digit", minute: "2-digit" }).format(minute * MINUTE_MS);
  const period = (from, to) => {
    const until = clock(to) === "00:00" && day(to - 1) === day(from) ? "24:00" : clock(to);
    const isOneDay = day(from) === day(to - 1);
    return isOneDay ? `${day(from)}, ${clock(from)}–${until}` : `${day(from)}, ${clock(from)} – ${day(to)}, ${clock(to)}`;
  };
  const length = (minutes) => {
    const parts = [[Math.floor(minutes / 1440), "d"], [Math.floor(minutes / 60) % 24, "h"], [minutes % 60, "min"]];
    return parts.filter(([number]) => number).map(([number, unit]) => `${number}\u00a0${unit}`).join(" ");
  };
  const instant = (minute) => new Date(minute * MINUTE_MS).toISOString().replace(".000", "");
  const say = (words) => { by("heat-say").textContent = words; };

  const words = (cell) => {
    const at = edges(), nth = columnOf(cell), row = cell.parentElement.dataset;
    const what = `${cell.textContent} of ${row.of} free`;
    const whole = hours() ? ` for ${length(hours() * 60)} from then on` : "";
    return `${row.name}, ${period(at[nth], at[nth + 1])}: ${what}${whole}`;
  };

  const rowOf = (code) => rows().find((row) => row.dataset.class === code);
  const covered = (row) => {
    const at = edges();
    return cellsOf(row).filter((_, nth) => at[nth] < chosen.to && at[nth + 1] > chosen.from);
  };

  const address = (row, count) => {
    const isNow = chosen.from <= edges()[0] && row.parentElement.classList.contains("from-now");
    const wish = new URLSearchParams();
    if (chosen.code) { wish.set("device_class", chosen.code); wish.set("count", count); }
    if (!isNow) wish.set("starts_at", instant(chosen.from));
    if (chosen.isWhole) wish.set("duration_minutes", chosen.to - chosen.from);
    else wish.set("ends_at", instant(chosen.to));
    return `${table().dataset.book}&${wish}`;
  };

  const paint = () => {
    for (const cell of document.querySelectorAll("#heat td.s")) { cell.classList.remove("s"); cell.removeAttribute("aria-selected"); }
    const row = chosen && rowOf(chosen.code);
    by("heat-pick").hidden = !row;
    if (!row) return;
    const cells = covered(row);
    for (const cell of cells) { cell.classList.add("s"); cell.setAttribute("aria-selected", "true"); }
    // A figure is of the hours from its step on: those count that end within the period.
    const at = edges(), telling = cells.filter((cell, nth) => !nth || at[columnOf(cell)] + hours() * 60 <= chosen.to);
    const least = Math.min(...telling.map((cell) => Number(cell.textContent)));
    const field = by("heat-count"), mayBook = table().dataset.book !== "";
    field.max = Math.max(1, Number(row.dataset.of));
    const count = Math.min(Math.max(1, Number(field.value) || 1), Number(field.max));
    const free = !cells.length ? "" : least ? `, at most ${least} free throughout` : ", none free in part of it";
    by("heat-pick-words").textContent = `${chosen.code ? `${count}\u00a0× ` : ""}${row.dataset.name}, ${period(chosen.from, chosen.to)} (${length(chosen.to - chosen.from)})${free}`;
    field.parentElement.hidden = !chosen.code || !mayBook;
    by("heat-book").hidden = !mayBook;
    if (mayBook) by("heat-book").href = address(row, count);
  };

  const announce = () => {
    const row = chosen && rowOf(chosen.code);
    if (row) say(`Chosen: ${by("heat-pick-words").textContent}. ${table().dataset.book ? "Enter books, a digit says how many, Escape clears." : "You are in no project that you may book in."}`);
  };

  const choose = (cell, isMore) => {
    const at = edges(), nth = columnOf(cell), code = codeOf(cell);
    const goesOn = isMore && chosen && chosen.code === code;
    const anchor = goesOn ? chosen.anchor : at[nth];
    const first = Math.max(0, at.findLastIndex((edge) => edge <= anchor));
    const from = at[Math.min(first, nth)], to = at[Math.min(Math.max(first, nth) + 1, at.length - 1)];
    const isWhole = hours() > 0 && first === nth;  // one step is where the hours begin that were asked for
    chosen = { code, anchor, from, to: isWhole ? from + hours() * 60 : to, isWhole };
    if (!goesOn) by("heat-count").value = 1;
    paint();
  };

  const clear = (isSaid) => {
    if (chosen && isSaid) say("Nothing is chosen.");
    chosen = null;
    paint();
  };

  // One cell of the table can be reached by Tab; arrow keys go on from there.
  const rove = (cell) => {
    cell.tabIndex = 0;  // first: taken from the one that has the focus, it would lose that
    for (const other of document.querySelectorAll("#heat td[tabindex]")) if (other !== cell) other.removeAttribute("tabindex");
  };

  const go = (cell) => {
    rove(cell);
    cell.focus({ preventScroll: true });
    const box = by("heat-box"), head = cell.parentElement.cells[0].offsetWidth;
    const seen = cell.offsetLeft - box.scrollLeft;
    if (seen < head) box.scrollLeft = cell.offsetLeft - head;
    else if (seen + cell.offsetWidth > box.clientWidth) box.scrollLeft = cell.offsetLeft + cell.offsetWidth - box.clientWidth;
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  const tip = (cell) => {
    const box = by("heat-tip");
    if (!box) return;
    box.hidden = !cell || drag !== null;
    if (box.hidden) return;
    box.textContent = words(cell);
    const spot = cell.getBoundingClientRect();
    const left = Math.min(Math.max(8, spot.left + spot.width / 2 - box.offsetWidth / 2), innerWidth - box.offsetWidth - 8);
    const above = spot.top - box.offsetHeight - 6;
    box.style.setProperty("left", `${left}px`);
    box.style.setProperty("top", `${above > 8 ? above : spot.bottom + 6}px`);
  };

  const settle = () => {
    if (!table()) return;
    table().setAttribute("role", "grid");
    table().setAttribute("aria-multiselectable", "true");
    const first = rows()[0];
    if (!first) return;
    if (kept) by("heat-box").scrollLeft = kept.scrolled;
    const at = edges();
    const row = (kept && rowOf(kept.code)) || first;
    const cells = cellsOf(row);
    const nth = kept ? Math.min(Math.max(0, at.findLastIndex((edge) => edge <= kept.at)), cells.length - 1) : 0;
    rove(cells[nth]);
    if (kept?.isHere) cells[nth].focus({ preventScroll: true });
    kept = null;
    paint();
  };

  const jump = (cells, nth, sign) => {
    for (let to = nth + sign; to > 0 && to < cells.length; to += sign) if (cells[to].classList.contains("d")) return to;
    return sign < 0 ? 0 : cells.length - 1;
  };

  const target = (event, cell) => {
    const all = rows(), at = all.indexOf(cell.parentElement), cells = cellsOf(cell.parentElement), nth = columnOf(cell);
    const across = { ArrowLeft: nth - 1, ArrowRight: nth + 1, Home: 0, End: cells.length - 1 };
    if (event.key === "PageUp") return cells[jump(cells, nth, -1)];
    if (event.key === "PageDown") return cells[jump(cells, nth, 1)];
    if (event.ctrlKey && event.key === "Home") return cellsOf(all[0])[0];
    if (event.ctrlKey && event.key === "End") return cellsOf(all.at(-1))[cells.length - 1];
    if (event.key in across) return cells[across[event.key]] || cell;
    if (event.key === "ArrowUp") return (cellsOf(all[at - 1] || all[at]))[nth];
    if (event.key === "ArrowDown") return (cellsOf(all[at + 1] || all[at]))[nth];
    return null;
  };

  document.addEventListener("keydown", (event) => {
    if (!table() || event.altKey || event.metaKey) return;
    const cell = cellOf(event.target);
    if (event.key === "Escape" && chosen && (cell || event.target === document.body || event.target.closest("#heat-pick, #availability-live"))) {
      const back = rowOf(chosen.code) && covered(rowOf(chosen.code))[0];
      clear(true);
      tip(null);
      if (!cell && back) go(back);
      return;
    }
    if (event.key === "Escape") tip(null);
    if (event.key === "Enter" && event.target.id === "heat-count") location.assign(by("heat-book").href);
    if (!cell) return;
    const to = target(event, cell);
    if (to) {
      event.preventDefault();
      const isAcross = event.shiftKey && to.parentElement === cell.parentElement;
      if (isAcross) { if (!chosen || chosen.code !== codeOf(cell)) choose(cell, false); choose(to, true); announce(); }
      else if (chosen) clear(false);
      go(to);
    } else if (event.key === " ") {
      event.preventDefault();
      choose(cell, false);
      announce();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!chosen || chosen.code !== codeOf(cell)) choose(cell, false);
      if (table().dataset.book) location.assign(by("heat-book").href);
      else announce();
    } else if (/^[1-9]$/.test(event.key) && !event.ctrlKey && table().dataset.book) {
      if (!chosen || chosen.code !== codeOf(cell)) choose(cell, false);
      by("heat-count").value = event.key;
      paint();
      announce();
    }
  });

  document.addEventListener("focusin", (event) => {
    const cell = cellOf(event.target);
    if (cell) { cell.setAttribute("aria-label", words(cell)); rove(cell); tip(cell.matches(":focus-visible") ? cell : null); }
    else if (table()) tip(null);
  });
  document.addEventListener("focusout", (event) => { if (cellOf(event.target)) event.target.removeAttribute("aria-label"); });

  const nearest = (row, x) => {
    const cells = cellsOf(row);
    return cells.find((cell) => x < cell.getBoundingClientRect().right) || cells.at(-1);
  };

  const begin = (cell, event) => {
    drag = { row: cell.parentElement, pointer: event.pointerId };
    tip(null);
    choose(cell, event.shiftKey);
    go(cell);
  };

  const follow = (x) => {
    const box = by("heat-box"), spot = box.getBoundingClientRect();
    if (x > spot.right - EDGE_PX) box.scrollLeft += EDGE_PX / 2;
    else if (x < spot.left + drag.row.cells[0].offsetWidth + EDGE_PX) box.scrollLeft -= EDGE_PX / 2;
    choose(nearest(drag.row, x), true);
  };

  const letGo = () => {
    if (hold) clearTimeout(hold.timer);
    hold = null;
    if (!drag) return;
    drag = null;
    announce();
    if (isMissed) by("availability-live").dispatchEvent(new CustomEvent("live"));
    isMissed = false;
  };

  document.addEventListener("pointerdown", (event) => {
    const cell = cellOf(event.target);
    if (!cell || event.button !== 0 || !event.isPrimary) return;
    if (event.pointerType !== "touch") { event.preventDefault(); begin(cell, event); return; }
    const later = { pointerId: event.pointerId, shiftKey: false };
    hold = { cell, x: event.clientX, y: event.clientY, timer: setTimeout(() => { hold = null; begin(cell, later); }, HOLD_MS) };
  });
  document.addEventListener("pointermove", (event) => {
    if (drag) { if (event.pointerId === drag.pointer) follow(event.clientX); return; }
    if (hold && Math.hypot(event.clientX - hold.x, event.clientY - hold.y) > STRAY_PX) { clearTimeout(hold.timer); hold = null; }
  });
  document.addEventListener("pointerup", () => {
    tapped = hold?.cell ?? null;
    letGo();
  });
  // A tap: the first chooses one step, another one in the same row goes on to there. With its click and not before it:
  // what a choice opens would come under the finger, and take the click for its own.
  document.addEventListener("click", (event) => {
    const cell = tapped;
    tapped = null;
    if (!cell || cellOf(event.target) !== cell) return;
    choose(cell, true);
    rove(cell);
    announce();
    const under = cell.getBoundingClientRect().bottom - by("heat-pick").getBoundingClientRect().top;
    if (under > 0) scrollBy(0, under + EDGE_PX);
  });
  document.addEventListener("pointercancel", letGo);
  document.addEventListener("touchmove", (event) => { if (drag) event.preventDefault(); }, { passive: false });
  document.addEventListener("contextmenu", (event) => { if (drag && cellOf(event.target)) event.preventDefault(); });
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse" || !table()) return;
    const cell = cellOf(event.target);
    if (cell || !cellOf(document.activeElement)?.matches(":focus-visible")) tip(cell);
  });
  document.addEventListener("scroll", () => { if (by("heat-tip")) tip(null); }, { capture: true, passive: true });

  document.addEventListener("input", (event) => { if (event.target.id === "heat-count") paint(); });
  document.addEventListener("click", (event) => { if (event.target.closest("#heat-clear")) clear(true); });

  const isOurs = (event) => event.detail.target?.id === "availability-live";
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isOurs(event) || !table()) return;
    if (drag) { event.detail.shouldSwap = false; isMissed = true; return; }
    const here = cellOf(document.activeElement), cell = here || document.querySelector("#heat td[tabindex]");
    kept = { scrolled: by("heat-box").scrollLeft, isHere: here !== null, code: cell ? codeOf(cell) : "", at: cell ? edges()[columnOf(cell)] : 0, pool: table().dataset.pool };
    tip(null);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!table() || table().getAttribute("role") === "grid") return;
    if (kept && kept.pool !== table().dataset.pool) { chosen = null; kept = null; }
    settle();
  });
  document.addEventListener("htmx:historyRestore", settle);
  setInterval(() => {  // the first column is over, or half an hour has begun
    if (table() && !document.hidden && Date.now() >= edges()[1] * MINUTE_MS) by("availability-live").dispatchEvent(new CustomEvent("live"));
  }, MINUTE_MS);

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", settle);
  else settle();
})();
