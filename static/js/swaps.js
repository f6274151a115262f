// A part of the page that is replaced leaves the person where they were: the focus, what they unfolded, how far they
// scrolled inside. htmx itself keeps the focus of an element whose id comes again; here is what it cannot know.
(() => {
  "use strict";
  const FOCUSABLE = "a[href], button:not([disabled]), input:not([type=hidden], [disabled]), select:not([disabled]), textarea:not([disabled]), summary, [tabindex]";
  let kept = null;

  // Folded or unfolded by hand: that wish outlives the part it was made in.
  document.addEventListener("click", (event) => {
    const details = event.target.closest("summary")?.parentElement;
    if (details) details.dataset.wish = details.open ? "folded" : "open";  // the click is about to turn it round
  });

  const nameOf = (element) => element.id || `${element.tagName} ${element.className} ${element.querySelector(":scope > summary")?.textContent.trim() ?? ""}`;

  const scrolled = (root) => [root, ...root.querySelectorAll("[id], .scroll-x")].filter((one) => one.scrollLeft || one.scrollTop);

  const likeness = (element) => ({
    id: element.id,
    tag: element.tagName,
    name: element.getAttribute("name"),
    href: element.getAttribute("href"),
    words: element.textContent.trim(),
    label: element.getAttribute("aria-label"),
    around: ancestorIds(element),
  });

  const ancestorIds = (element) => {
    const ids = [];
    for (let one = element.parentElement; one; one = one.parentElement) if (one.id) ids.push(one.id);
    return ids;
  };

  document.addEventListener("htmx:beforeSwap", (event) => {
    const target = event.detail.target;
    if (!target || !event.detail.shouldSwap) return;
    const focus = document.activeElement;
    kept = {
      focus: focus && focus !== document.body && target.contains(focus) ? likeness(focus) : kept?.focus ?? null,
      wishes: new Map([...target.querySelectorAll("details[data-wish]")].map((one) => [nameOf(one), one.dataset.wish])),
      scrolled: scrolled(target).map((one) => [nameOf(one), one.scrollLeft, one.scrollTop]),
    };
  });

  const standIn = (was) => {
    if (was.id && document.getElementById(was.id)) return document.getElementById(was.id);
    const place = was.around.map((id) => document.getElementById(id)).find(Boolean) ?? document.getElementById("main");
    const all = [...place.querySelectorAll(FOCUSABLE)].filter((one) => one.checkVisibility());
    const same = all.filter((one) => one.tagName === was.tag);
    return same.find((one) => was.href && one.getAttribute("href") === was.href)
      ?? same.find((one) => was.name && one.getAttribute("name") === was.name)
      ?? same.find((one) => was.words && one.textContent.trim() === was.words && one.getAttribute("aria-label") === was.label)
      ?? place;
  };

  const refocus = (was) => {
    const now = document.activeElement;
    if (now && now !== document.body && now.isConnected) return;  // somebody has taken care, or gone on
    if (document.querySelector("dialog[open]")) return;
    const element = standIn(was);
    if (!element.matches(FOCUSABLE)) element.tabIndex = -1;
    element.focus({ preventScroll: true });
  };

  document.addEventListener("htmx:afterSwap", () => {
    if (!kept) return;
    const { wishes, scrolled: places } = kept;
    if (wishes.size) for (const one of document.querySelectorAll("details")) {
      const wish = wishes.get(nameOf(one));
      if (wish) { one.open = wish === "open"; one.dataset.wish = wish; }
    }
    if (places.length) {
      const at = new Map(places.map(([name, left, top]) => [name, [left, top]]));
      for (const one of document.querySelectorAll("[id], .scroll-x")) {
        const place = at.get(nameOf(one));
        if (place) one.scrollTo({ left: place[0], top: place[1], behavior: "instant" });
      }
    }
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (kept?.focus) refocus(kept.focus);
    kept = null;
  });
})();
