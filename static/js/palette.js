// The command palette: a dialog with one field, and what it finds as a list that arrows walk through while the field
// keeps the focus. The answers are the plain page's own; here they get the roles of a combobox.
(() => {
  "use strict";
  const field = document.getElementById("palette-q");
  if (!field) return;
  const dialog = document.getElementById("palette");
  const news = document.getElementById("palette-news");
  let at = -1;
  let isAsking = false;  // what is shown is not yet the answer to what is typed
  let asked = "";  // what the question under way is about
  let isLost = false;  // no answer came
  let isChosen = false;  // Enter was pressed meanwhile: the first of the answer is meant

  const results = () => document.getElementById("palette-results");
  const options = () => [...results().querySelectorAll(".find")];

  const point = (to) => {
    const all = options();
    at = all.length ? (to + all.length) % all.length : -1;
    all.forEach((one, nth) => one.setAttribute("aria-selected", String(nth === at)));
    if (at < 0) field.removeAttribute("aria-activedescendant");
    else { field.setAttribute("aria-activedescendant", all[at].id); all[at].scrollIntoView({ block: "nearest" }); }
  };

  const dress = () => {
    const list = results();
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Found");
    for (const section of list.querySelectorAll("section")) section.setAttribute("role", "group");
    for (const heading of list.querySelectorAll("h2, ul, li")) heading.setAttribute("role", "presentation");
    options().forEach((one, nth) => { one.id = `find-${nth}`; one.setAttribute("role", "option"); one.tabIndex = -1; });
    if (!options().length) list.removeAttribute("role");
    field.setAttribute("aria-expanded", String(options().length > 0));
    point(0);
  };

  const choose = () => { if (at >= 0) options()[at].click(); };

  const answered = () => {
    isAsking = asked !== field.value;
    isLost = false;
    dress();
    news.textContent = options().length === 1 ? "1 found" : `${options().length} found`;
    if (isChosen && !isAsking) { isChosen = false; choose(); }
  };

  const open = () => {
    if (!dialog || dialog.open) { field.focus(); return; }
    for (const other of document.querySelectorAll("dialog[open]")) other.close();
    field.value = "";
    dialog.showModal();
    isAsking = true;
    htmx.trigger(field, "open");
  };

  const steps = { ArrowDown: () => at + 1, ArrowUp: () => at - 1, PageDown: () => Math.min(at + 5, options().length - 1), PageUp: () => Math.max(at - 5, 0) };

  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": "palette-results", "aria-autocomplete": "list", "aria-haspopup": "listbox" })) field.setAttribute(name, value);
  field.addEventListener("input", () => { isAsking = true; isChosen = false; });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key in steps) { event.preventDefault(); point(steps[event.key]()); return; }
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (isLost) { isLost = false; isAsking = true; htmx.trigger(field, "open"); return; }
    if (isAsking) isChosen = true; else choose();
  });
  document.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.elt === field) asked = field.value; });
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target?.id === "palette-results") answered(); });

  // Nothing outside an open dialog can be reached: a failure is said in it. What is typed is asked again by Enter.
  const failed = (event) => {
    if (event.detail.elt !== field || event.detail.xhr?.status === 401) return;
    isChosen = false;
    const words = document.createElement("p");
    words.className = "empty";
    words.textContent = "No answer. Press Enter to ask again.";
    results().replaceChildren(words);
    dress();
    news.textContent = words.textContent;
    isLost = true;
  };
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.addEventListener(name, failed);
  document.addEventListener("click", (event) => {
    if (dialog && event.target === dialog) { dialog.close(); return; }
    if (dialog?.open && event.target.closest("#palette a.find")) dialog.close();
    const opener = event.target.closest("#open-palette");
    if (!opener || !dialog || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (dialog?.open) dialog.close(); else open();
  });
  document.addEventListener("heddle:find", open);
  window.addEventListener("pageshow", () => { if (dialog?.open) dialog.close(); });
  if (!dialog) dress();
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
  for (const words of document.querySelectorAll("[data-command-key]")) if (isMac) words.textContent = "⌘K";
})();
