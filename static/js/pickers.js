// What is picked in the mix builder: classes from a list that filters, selectors completed, steps and lengths without a
// round trip. All of it works without this file: there the native fields and buttons do.
(() => {
  "use strict";
  const WAIT_MS = 150;
  const form = () => document.getElementById("booking");
  const tell = (field, ...kinds) => { for (const kind of kinds) field.dispatchEvent(new Event(kind, { bubbles: true })); };

  // What both lists share: one is open at a time, and the keyboard walks through it.
  const options = (list) => [...list.querySelectorAll("[role=option]")];
  const listOf = (input) => document.getElementById(input.getAttribute("aria-controls"));
  const close = (input) => {
    listOf(input).hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const open = (input) => {
    for (const other of document.querySelectorAll("#booking [aria-expanded=true]")) if (other !== input) close(other);
    const list = listOf(input);
    list.hidden = !options(list).length && !list.querySelector(".none");
    input.setAttribute("aria-expanded", String(!list.hidden));
  };
  const mark = (input, option) => {
    for (const one of options(listOf(input))) one.setAttribute("aria-selected", String(one === option));
    if (!option) { input.removeAttribute("aria-activedescendant"); return; }
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  const marked = (input) => document.getElementById(input.getAttribute("aria-activedescendant") || "");
  const walk = (input, step) => {
    const all = options(listOf(input));
    if (!all.length) return;
    const at = all.indexOf(marked(input));
    mark(input, all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length]);
  };
  const made = (kind, name, words) => {
    const element = document.createElement(kind);
    if (name) element.className = name;
    if (words) element.textContent = words;
    return element;
  };

  // Device classes.
  const selectOf = (input) => input.closest(".picker").querySelector("select");
  const chosenName = (select) => select.selectedOptions[0]?.dataset.name || "";
  const fits = (option, words) => {
    const { name = "", facts = "" } = option.dataset;
    const hay = `${name} ${facts} ${option.value}`.toLowerCase();
    return words.every((word) => hay.includes(word));
  };
  const row = (input, option, at) => {
    const { name, free, facts, price, gone } = option.dataset;
    const element = made("div", gone === undefined ? "" : "gone");
    element.id = `${input.id}-${at}`;
    element.setAttribute("role", "option");
    element.setAttribute("aria-selected", "false");
    element.dataset.value = option.value;
    const head = made("span", "pick-head");
    head.append(made("span", "strong", name), made("span", "small", price));
    element.append(head, made("span", "small muted", [free, facts].filter(Boolean).join(" · ")));
    return element;
  };
  const fill = (input, text) => {
    const list = listOf(input), words = text.toLowerCase().split(/\s+/).filter(Boolean);
    list.replaceChildren();
    let at = 0;
    for (const group of selectOf(input).querySelectorAll("optgroup")) {
      const found = [...group.querySelectorAll("option")].filter((option) => fits(option, words));
      if (!found.length) continue;
      const box = made("div");
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", group.label);
      const title = made("div", "list-title", group.label);
      title.setAttribute("aria-hidden", "true");
      box.append(title, ...found.map((option) => row(input, option, at++)));
      list.append(box);
    }
    if (!at) list.append(made("p", "none small muted", "No class of this pool is called so."));
  };
  const pick = (input, option) => {
    const select = selectOf(input);
    select.value = option.dataset.value;
    input.value = chosenName(select);
    close(input);
    tell(select, "change");
  };

  // Selectors.
  let asked = null, waiting = 0;
  const ask = async (input) => {
    asked?.abort();
    asked = new AbortController();
    const line = input.closest(".line-more"), value = (name) => line.querySelector(`[name$="-${name}"]`)?.value || "";
    const query = new URLSearchParams({
      pool: form().elements.pool.value, selector: input.value, at: String(input.selectionStart),
      profile: value("profile"), power_cap_w: value("power_cap_w"),
    });
    let text;
    try {
      const answer = await fetch(`${form().dataset.selectorUrl}?${query}`, { signal: asked.signal, redirect: "error" });
      if (!answer.ok) return;
      text = await answer.text();
    } catch { return; }
    if (!input.isConnected) return;
    const parts = new DOMParser().parseFromString(text, "text/html");
    const matches = document.getElementById(`${input.id}-matches`);
    const news = parts.querySelector("[data-part=matches]"), words = parts.querySelector("[data-part=words]");
    if (matches.innerHTML !== news.innerHTML) matches.replaceChildren(...news.childNodes);
    const list = listOf(input);
    list.dataset.from = words.dataset.from;
    list.dataset.to = words.dataset.to;
    list.replaceChildren(...words.children);
    options(list).forEach((option, at) => { option.id = `${list.id}-${at}`; });
    mark(input, null);
    if (document.activeElement === input) open(input);
  };
  // A line is of a class or of a selector: naming one sets the other aside, and emptying it brings the other back.
  const setAside = (field, name) => {
    if (field.value) { field.dataset.aside = field.value; field.value = ""; }
    else if (!name && field.dataset.aside) { field.value = field.dataset.aside; delete field.dataset.aside; }
  };
  const lineOf = (field) => ({
    select: document.getElementById(field.name.replace(/-\w+$/, "-device_class")),
    selector: document.getElementById(field.name.replace(/-\w+$/, "-selector")),
  });
  const showClass = (select, isSelected) => {
    const find = select.closest(".picker").querySelector(".picker-find");
    find.value = chosenName(select);
    const facts = select.closest(".line").querySelector(".facts");
    if (facts) facts.hidden = isSelected;
    find.placeholder = isSelected ? "Any that matches the selector" : "Choose a device class";
  };
  const askSoon = (input) => { clearTimeout(waiting); waiting = setTimeout(ask, WAIT_MS, input); };
  const complete = (input, option) => {
    const { from, to } = listOf(input).dataset;
    input.setRangeText(option.dataset.text, Number(from), Number(to), "end");
    close(input);
    tell(input, "input");
  };

  const take = (input, option) => (input.matches(".picker-find") ? pick : complete)(input, option);
  const isCombobox = (element) => element instanceof HTMLInputElement && element.matches("#booking [role=combobox]");

  const onKey = (event) => {
    const input = event.target, list = listOf(input);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden && input.matches(".picker-find")) { fill(input, ""); open(input); }
      else if (list.hidden) { ask(input); return; }
      walk(input, event.key === "ArrowDown" ? 1 : -1);
    } else if ((event.key === "Enter" || event.key === "Tab") && !list.hidden && marked(input)) {
      if (event.key === "Enter") event.preventDefault();
      take(input, marked(input));
    } else if (event.key === "Enter" && !list.hidden && input.matches(".picker-find") && options(list).length === 1) {
      event.preventDefault();
      take(input, options(list)[0]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close(input);
      if (input.matches(".picker-find")) input.value = chosenName(selectOf(input));
    }
  };

  document.addEventListener("keydown", (event) => { if (isCombobox(event.target)) onKey(event); }, true);
  document.addEventListener("focusin", (event) => {
    if (event.target.matches?.(".picker-find")) event.target.select();
  });
  document.addEventListener("focusout", (event) => {
    const input = event.target;
    if (!isCombobox(input)) return;
    close(input);
    if (!input.matches(".picker-find")) return;
    if (!input.value.trim() && selectOf(input).value) { selectOf(input).value = ""; tell(selectOf(input), "change"); }
    else input.value = chosenName(selectOf(input));
  });
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest("#booking .listbox [role=option]");
    if (!event.target.closest("#booking .listbox")) return;
    event.preventDefault();  // the keyboard stays in the field
    if (option) take(document.querySelector(`[aria-controls="${option.closest(".listbox").id}"]`), option);
  });
  document.addEventListener("input", (event) => {
    const input = event.target;
    if (!isCombobox(input)) return;
    if (input.matches(".picker-find")) { fill(input, input.value); open(input); mark(input, input.value ? options(listOf(input))[0] : null); }
    else {
      const { select } = lineOf(input);
      if (select) { if (Boolean(input.value.trim()) === Boolean(select.value)) setAside(select, input.value.trim()); showClass(select, Boolean(input.value.trim())); }
      askSoon(input);
    }
  }, true);
  document.addEventListener("click", (event) => {
    const input = event.target;
    if (isCombobox(input) && input.matches(".picker-find") && listOf(input).hidden) { fill(input, ""); open(input); return; }
    const step = input.closest("[data-step]");
    if (step) {
      const field = step.parentElement.querySelector("input");
      field.value = String(Math.max(1, (Number(field.value) || 0) + Number(step.dataset.step)));
      tell(field, "input", "change");
    }
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".picker select")) return;
    const { selector } = lineOf(event.target);
    if (selector && Boolean(event.target.value) === Boolean(selector.value)) {
      setAside(selector, event.target.value);
      document.getElementById(`${selector.id}-matches`).replaceChildren();
    }
    showClass(event.target, Boolean(selector?.value));
  }, true);

  // Help: one at a time, away with Escape or a click elsewhere.
  const hush = (but) => { for (const why of document.querySelectorAll(".why[open]")) if (why !== but) { why.open = false; delete why.dataset.wish; } };
  document.addEventListener("click", (event) => hush(event.target.closest(".why")));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hush(null); });

  // Lengths: one press fills the fields in, without a new form.
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("#booking .chip[data-number]");
    if (!chip) return;
    event.preventDefault();
    event.stopPropagation();
    const fields = form().elements;
    fields.end.value = "for";
    fields.duration.value = chip.dataset.number;
    fields.duration_unit.value = chip.dataset.unit;
    tell(fields.duration, "input", "change");
  }, true);

  const showLength = () => {
    const fields = form()?.elements;
    if (!fields?.duration) return;
    for (const chip of form().querySelectorAll(".chip[data-number]")) {
      const isOn = fields.end.value === "for" && fields.duration.value === chip.dataset.number && fields.duration_unit.value === chip.dataset.unit;
      chip.setAttribute("aria-pressed", String(isOn));
    }
  };
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => { if (event.target.closest("#booking")) showLength(); });
  }

  const prepare = () => {
    if (!form()) return;
    document.documentElement.dataset.pickers = "on";
    for (const step of document.querySelectorAll("#booking [data-step]")) step.hidden = false;
    for (const select of document.querySelectorAll("#booking .picker select")) select.tabIndex = -1;
    showLength();
  };
  document.addEventListener("DOMContentLoaded", prepare);
  document.addEventListener("htmx:afterSwap", prepare);
})();
