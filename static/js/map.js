// The pool map: lights up what belongs together, draws the links between hosts and PRUs, moves among cells by arrows.
// Without it every cell is still a link with its words, and the links in use stand in a table.
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const GAP = 6, HEAD = 16, BEND = 60;  // pixels: beside a PRU, down to its name, of a curve

  const map = () => document.getElementById("map");
  const cells = (within) => [...within.querySelectorAll("a.cell")];
  let seen = new Map();  // what each cell looked like, to tell what has changed
  let nodes = new Set();  // hosts whose node is lit up
  let isAll = false;

  // One cell of a rack is in the order of Tab; arrows reach the others.
  const rove = () => {
    for (const rack of document.querySelectorAll(".map-rack")) {
      const all = cells(rack);
      const chosen = all.find((cell) => cell === document.activeElement) || all[0];
      for (const cell of all) cell.tabIndex = cell === chosen ? 0 : -1;
    }
  };

  const middle = (element) => {
    const box = element.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  };

  // The nearest cell that way; what is beside counts as farther than what is ahead.
  const neighbour = (cell, [right, down]) => {
    const [x, y] = middle(cell);
    let best = null, least = Infinity;
    for (const other of cells(cell.closest(".map-rack"))) {
      const [ox, oy] = middle(other);
      const ahead = (ox - x) * right + (oy - y) * down;
      const aside = Math.abs((ox - x) * down) + Math.abs((oy - y) * right);
      const far = ahead + 3 * aside;
      if (other !== cell && ahead > 4 && far < least) [best, least] = [other, far];
    }
    return best;
  };

  const go = (cell) => {
    for (const other of cells(cell.closest(".map-rack"))) other.tabIndex = other === cell ? 0 : -1;
    cell.focus();
  };

  const nodesOf = (element) => {
    const cell = element.closest("a.cell");
    const named = cell?.dataset.held
      ? cells(map()).filter((other) => other.dataset.held === cell.dataset.held)
      : cell ? [cell] : cells(element.closest(".map-chassis") || document.createElement("i"));
    const row = element.closest("#map-links tr[data-host]");
    return new Set([...named.map((one) => one.dataset.node), row?.dataset.host].filter(Boolean));
  };

  // Below the hosts, along the gap beside the PRU, into its side; to another rack straight across.
  const link = (drawing, from, to, frame) => {
    const host = from.getBoundingClientRect(), box = to.getBoundingClientRect();
    const hosts = from.closest(".map-hosts").getBoundingClientRect();
    const x = host.left + host.width / 2 - frame.left, y = host.bottom - frame.top;
    const lane = hosts.bottom - frame.top + GAP, gutter = box.left - frame.left - GAP, side = box.top - frame.top + HEAD;
    const isSameRack = from.closest(".map-rack") === to.closest(".map-rack");
    const way = isSameRack
      ? `V${lane} H${gutter} V${side} h${GAP}`
      : `V${lane} C${x} ${lane + BEND} ${gutter - BEND} ${side} ${gutter} ${side} h${GAP}`;
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", `M${x} ${y} ${way}`);
    drawing.append(path);
  };

  const draw = () => {
    const here = map();
    if (!here) return;
    here.querySelector(".map-lines")?.remove();
    const joined = new Map();  // host → chassis it is joined to
    for (const cell of cells(here)) {
      const node = cell.dataset.node || "";
      const isLit = nodes.has(node);
      cell.classList.toggle("lit", isLit);
      const chassis = cell.closest(".map-chassis");
      if (!node || !chassis || chassis.dataset.chassis === node || !(isLit || isAll)) continue;
      if (!joined.has(node)) joined.set(node, new Set());
      joined.get(node).add(chassis);
    }
    for (const row of document.querySelectorAll("#map-links tr[data-host]")) row.classList.toggle("lit", nodes.has(row.dataset.host));
    here.classList.toggle("is-lit", nodes.size > 0);
    if (!joined.size) return;
    const drawing = document.createElementNS(SVG, "svg"), frame = here.getBoundingClientRect();
    drawing.setAttribute("class", "map-lines");
    drawing.setAttribute("aria-hidden", "true");
    drawing.setAttribute("width", frame.width);
    drawing.setAttribute("height", frame.height);
    for (const [node, chassis] of joined) {
      const host = document.getElementById(`cell-${node}`);
      if (host && here.contains(host)) for (const one of chassis) link(drawing, host, one, frame);
    }
    here.append(drawing);
  };

  const look = (element) => {
    if (!map()) return;
    const told = document.getElementById("map-told"), cell = element?.closest("a.cell");
    const isOn = element?.closest("#map, #map-links") ?? null;
    const wanted = isOn ? nodesOf(element) : new Set();
    if (told) { told.hidden = !cell; told.textContent = cell ? cell.title : ""; }
    if ([...wanted].join() === [...nodes].join()) return;
    nodes = wanted;
    draw();
  };

  const remember = () => { seen = new Map(cells(map() || document.createElement("i")).map((cell) => [cell.id, cell.className])); };

  const anew = () => {
    if (!map()) return;
    for (const keys of document.querySelectorAll(".map-keys")) keys.hidden = false;
    rove();
    draw();
    for (const cell of cells(map())) {
      const before = seen.get(cell.id)?.replace(" lit", ""), now = cell.className.replace(" lit", "");
      if (before !== undefined && before.replace(" changed", "") !== now) cell.classList.add("changed");
    }
    remember();
  };

  document.addEventListener("keydown", (event) => {
    const cell = event.target.closest?.("a.cell");
    if (!cell || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = cells(cell.closest(".map-rack"));
    const next = STEPS[event.key] ? neighbour(cell, STEPS[event.key]) : event.key === "Home" ? all[0] : event.key === "End" ? all.at(-1) : null;
    if (next) go(next);
    if (next || STEPS[event.key]) event.preventDefault();
  });
  document.addEventListener("focusin", (event) => look(event.target));
  document.addEventListener("pointerover", (event) => look(event.target));
  document.addEventListener("pointerleave", () => look(document.activeElement));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#map-all");
    if (!button) return;
    isAll = !isAll;
    button.setAttribute("aria-pressed", String(isAll));
    button.textContent = isAll ? "Hide the links" : "Show all links";
    draw();
  });
  document.addEventListener("htmx:oobAfterSwap", () => requestAnimationFrame(anew));
  document.addEventListener("DOMContentLoaded", anew);
  window.addEventListener("resize", draw);
  if (document.readyState !== "loading") anew();
})();
