// Keys for those who would rather not reach for the mouse: never while typing, and they can be turned off.
// Which key goes where stands in the list of keys that `?` opens.
(() => {
  "use strict";
  const list = document.getElementById("shortcuts");
  const toggle = document.getElementById("single-keys");
  if (!list || !toggle) return;
  const KEPT = "heddle.keys", OFF = "off", SECOND_KEY_MS = 1500;
  const ROWS = "main .title, main [data-row]";
  let first = "", firstAt = 0;

  const kept = () => { try { return localStorage.getItem(KEPT); } catch { return null; } };
  const keep = (value) => { try { localStorage.setItem(KEPT, value); } catch { /* only for this page then */ } };

  toggle.checked = kept() !== OFF;
  toggle.addEventListener("change", () => keep(toggle.checked ? "on" : OFF));

  const isTyping = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog[open]");

  const goes = new Map([...list.querySelectorAll("[data-keys]")].map((row) => [row.dataset.keys, row.dataset.href]));

  const walk = (by) => {
    const rows = [...document.querySelectorAll(ROWS)].filter((row) => row.checkVisibility());
    if (!rows.length) return;
    const here = rows.findIndex((row) => row.contains(document.activeElement) || row.closest("tr, li")?.contains(document.activeElement));
    const next = rows[here < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(here + by, 0), rows.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  const showList = () => { if (!list.open) list.showModal(); };

  const acts = {
    "?": showList,
    "/": () => document.dispatchEvent(new CustomEvent("heddle:find")),
    j: () => walk(1),
    k: () => walk(-1),
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!toggle.checked || isTyping(event.target)) return;
    const isSecond = first && event.timeStamp - firstAt < SECOND_KEY_MS;
    const pressed = isSecond ? `${first} ${event.key}` : event.key;
    first = "";
    const act = acts[pressed] ?? (goes.has(pressed) ? () => location.assign(goes.get(pressed)) : null);
    if (act) { event.preventDefault(); act(); return; }
    if ([...goes.keys()].some((keys) => keys.startsWith(`${event.key} `))) { first = event.key; firstAt = event.timeStamp; }
  });

  document.addEventListener("click", (event) => {
    if (event.target === list) { list.close(); return; }
    const opener = event.target.closest('.find[href$="#keys"], [data-show-keys]');
    if (!opener || opener.closest("#shortcuts")) return;
    event.preventDefault();
    showList();
  });
})();
