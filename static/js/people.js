// The account: find a time zone by a part of its name, see what time it is there, copy a new token. All work without.
(() => {
  "use strict";
  const COPIED_MS = 2000;
  const plain = (words) => words.toLowerCase().replaceAll("_", " ").normalize("NFD").replace(/\p{M}/gu, "");

  const zones = document.querySelector("[data-zones]");
  const filter = document.querySelector("#zone-filter");
  const told = document.querySelector("[data-zone-now]");

  const tellTime = () => {
    if (!zones || !told) return;
    const zone = zones.value || Intl.DateTimeFormat().resolvedOptions().timeZone;
    const words = new Intl.DateTimeFormat("en-GB", {
      weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: zone, timeZoneName: "shortOffset",
    }).format(new Date());
    told.textContent = `It is now ${words} in ${zone.replaceAll("_", " ")}.`;
  };

  // The list is made anew of what matches: browsers do not agree on hiding an option.
  if (zones && filter) {
    const everything = [...zones.children].map((child) => child.cloneNode(true));
    const matching = (node, words) => {
      if (node.localName === "option") return words.every((word) => plain(node.textContent).includes(word)) ? node.cloneNode(true) : null;
      const group = node.cloneNode(false);
      group.append(...[...node.children].map((child) => matching(child, words)).filter(Boolean));
      return group.childElementCount ? group : null;
    };
    // Tokyo before Vostok, for who types "tok".
    const nearest = (found, words) => found.find((option) => plain(option.text).split(/[/ ]/).some((part) => part.startsWith(words[0]))) || found[0];
    const tellFound = (found) => {
      const count = `${found.length} ${found.length === 1 ? "zone" : "zones"}`;
      return found.length ? `${count}, ${zones.selectedOptions[0].text} chosen.` : "No zone has that in its name.";
    };
    const narrow = () => {
      const words = plain(filter.value).split(/\s+/).filter(Boolean);
      const chosen = zones.value;
      const left = everything.map((node) => matching(node, words)).filter(Boolean);
      zones.replaceChildren(...(left.length ? left : everything.map((node) => node.cloneNode(true))));
      const found = left.length ? [...zones.options] : [];
      const keeps = !found.length || !words.length || found.some((option) => option.value === chosen);
      zones.value = keeps ? chosen : nearest(found, words).value;
      document.querySelector("#zone-found").textContent = words.length ? tellFound(found) : "";
      tellTime();
    };
    document.querySelector("[data-zone-filter]").hidden = false;
    filter.addEventListener("input", narrow);
    filter.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    zones.addEventListener("change", tellTime);
    tellTime();
  }

  const say = (button, words) => {
    const label = button.querySelector("span");
    const before = label.textContent;
    label.textContent = words;
    setTimeout(() => { label.textContent = before; }, COPIED_MS);
  };
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.copy).textContent.trim();
      try { await navigator.clipboard.writeText(text); say(button, "Copied"); } catch { say(button, "Select it and copy"); }
    });
  }
})();
