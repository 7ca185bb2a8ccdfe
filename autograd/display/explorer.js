// The explorer: a graph that is zoomed, questioned and moved, behind all the other modules.

export function explorer(root, page) {
  const machine = engine(page.engine);
  machine.compute();
  const graph = edgesOf(machine);
  const { names, ops, count } = machine;
  const dead = (i) => isDead(machine, graph, i);

  const told = teller(page, machine, graph);

  // -- the picture -----------------------------------------------------------------------------
  const svg = picture("svg", { class: "scene" });
  const frame = element("div", { class: "stage", role: "application", "aria-label":
    "The graph. Arrow keys go along its edges, Enter to the number, plus and minus zoom, "
    + "slash searches, Escape lets go" });
  frame.append(svg);
  const stage = element("div", { class: "picture" }, frame);
  const drawn = scene(svg, page, machine, graph, dead);
  const [{ width, height }] = drawn.levels;
  const seer = camera(frame, width, height, (at) => {
    overview.follow(at);  // it asks for sizes, which is cheap before anything is drawn
    drawn.move(at, frame.clientWidth, frame.clientHeight);
  });
  const overview = minimap(drawn, seer, frame);
  frame.append(overview.paper);
  frame.classList.add("glassgrad-view");

  // -- the panels ------------------------------------------------------------------------------
  const note = element("p", { class: "glassgrad-note" }, page.note);
  const flags = element("div", { class: "flags", role: "status", "aria-live": "polite" });
  const panel = element("div", { class: "panel", role: "status", "aria-live": "polite" });
  const chosen = element("div", { class: "controls chosen" });
  const search = element("input", { type: "search",
    "aria-label": "Search by name or operation, or for dead, nan, held",
                                     placeholder: "name, operation, dead ..." });
  const hits = element("span", { class: "hits", role: "status", "aria-live": "polite" });
  const free = names.map((_, slot) => slot).filter(machine.free);
  const numbers = controlled(machine, free, moved);
  const restore = element("button", { type: "button" }, "Restore all numbers");
  const side = element("div", { class: "side" },
    element("div", { class: "search" }, search, hits), panel, chosen, flags, numbers.details,
    restore);
  root.classList.add("glassgrad-explorer", "glassgrad-framed");
  root.dataset.live = "";
  root.replaceChildren(element("h2", {}, page.title), note,
                       element("div", { class: "columns" }, stage, side));

  const changed = [];
  const chosenBy = [];
  let selected = null;
  let own = [];

  function tell(i) {
    const { lines, nodes, edges } = told(i);
    panel.replaceChildren(...lines);
    drawn.light(nodes, edges);
  }

  // Bring a node to where it can be read, and ask of it.
  function select(i, { reveal = true, speak = true } = {}) {
    selected = i;
    panel.setAttribute("aria-live", speak ? "polite" : "off");
    if (i === null) {
      drawn.light(null);
      panel.replaceChildren(element("em", {}, "Point at a node, or go to it with the arrow keys."));
      chosen.replaceChildren();
      own = [];
    } else {
      tell(i);
      const here = new Set([i, ...machine.operands[i]].filter(machine.free));
      own = [...here].slice(0, LISTED).map((slot) => control(machine, slot, moved));
      chosen.replaceChildren(...own.map(({ row }) => row));
      if (reveal) show(i);
    }
    numbers.fill(search.value.trim().toLowerCase(), own);
    drawn.select(i);
    chosenBy.forEach((act) => act(i));
  }

  function show(i) {
    const { full, ...box } = drawn.placeOf(i);
    const { left, top, k } = seer.at;
    const size = k / full;
    const inside = box.x >= left && box.x + box.width <= left + frame.clientWidth / k
      && box.y >= top && box.y + box.height <= top + frame.clientHeight / k;
    if (size < 0.5 || size > 4) seer.show(box, full);
    else if (!inside) seer.show(box, k);
  }

  function refresh() {
    machine.compute();
    drawn.refresh();
    if (selected !== null) tell(selected);
    numbers.refresh();
    own.forEach((one) => one.refresh());
    const warnings = machine.branches().map(({ text, answer }) =>
      `${text} was ${answer ? "true" : "false"} when the graph was made, and is not now: `
      + "the program would take the other branch");
    const stale = machine.stale.reduce((some, one) => some + one, 0);
    if (stale) warnings.push(`${stale} numbers hang on one that is held and has moved`);
    flags.replaceChildren(...warnings.map((text) => element("p", {}, text)));
    changed.forEach((act) => act());
  }

  function moved() {
    panel.setAttribute("aria-live", "polite");
    refresh();
  }

  restore.addEventListener("click", () => {
    free.forEach((slot) => machine.set(names[slot], machine.made[slot]));
    moved();
  });

  // -- descent -----------------------------------------------------------------------------------
  const leaves = free.filter((slot) => slot < count);
  const host = { machine, leaves, moved, whenChanged: (act) => changed.push(act) };
  if (leaves.length) restore.before(descending(host));
  if (leaves.length > 1) restore.before(landscape(host));

  // -- search ------------------------------------------------------------------------------------
  const tags = {
    dead, nan: (i) => !Number.isFinite(machine.now[i] + machine.adjoints[i]),
    held: (i) => i in machine.held,
  };
  const all = names.slice(0, count).map((_, i) => i);
  const words = (i) => [names[i], page.signs[i], ops[i] ?? ""].map((word) => word.toLowerCase());
  let place = -1;

  // What is called just so comes before what has it in its name.
  function find(step) {
    const wanted = search.value.trim().toLowerCase();
    const exact = all.filter(tags[wanted] ?? ((i) => words(i).includes(wanted)));
    const has = (i) => words(i).some((word) => word.includes(wanted) && word !== wanted);
    const parts = tags[wanted] || !wanted ? []
      : all.filter((i) => has(i) && !words(i).includes(wanted));
    const found = wanted ? [...exact, ...parts] : [];
    place = found.length ? (place + step + found.length) % found.length : -1;
    hits.textContent = found.length
      ? `${place + 1} of ${found.length.toLocaleString("en")}` : "none";
    if (found.length) select(found[place]);
  }
  search.addEventListener("input", () => {
    place = -1;
    numbers.fill(search.value.trim().toLowerCase(), own);
    hits.textContent = "";
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    find(event.shiftKey ? -1 : 1);
    event.preventDefault();
  });

  // -- pointers and keys -----------------------------------------------------------------------
  const nodeAt = (event) => event.target.closest?.("[data-node]")?.dataset.node;
  svg.addEventListener("pointerover", (event) => {
    const i = nodeAt(event);
    if (event.buttons || i === undefined) return;
    panel.setAttribute("aria-live", "off");
    tell(Number(i));
  });
  svg.addEventListener("pointerout", (event) => {
    if (nodeAt(event) === undefined || event.buttons) return;
    if (selected === null) select(null, { speak: false });
    else tell(selected);
  });
  svg.addEventListener("click", (event) => {
    const i = nodeAt(event);
    const call = event.target.closest("[data-level]")?.dataset.level;
    if (i !== undefined) select(Number(i), { reveal: false });
    else if (call !== undefined) enter(drawn.levels[call]);
    else select(null);
  });

  // A call opens where it stands: the camera goes to it, or back to what is around it.
  function go({ x, y, scale, width: w, height: h }) {
    const fits = Math.min(1, 0.9 * frame.clientWidth / w, 0.9 * frame.clientHeight / h);
    const size = Math.max(0.4, fits) / scale;
    seer.show({ x, y, width: scale * w, height: scale * h }, size);
  }
  const outside = (level) => drawn.levels[level.parent] ?? level;
  const enter = (level) => go(level.open ? outside(level) : level);

  function along(key) {
    if (selected === null) return machine.root;
    const sources = graph.entering[selected].map((e) => graph.edges[e].source);
    const targets = graph.leaving[selected].map((e) => graph.edges[e].target);
    if (key === "ArrowLeft") return sources[0] ?? selected;
    if (key === "ArrowRight") return targets[0] ?? selected;
    const beside = targets.length
      ? [...new Set(graph.entering[targets[0]].map((e) => graph.edges[e].source))] : [selected];
    const next = beside.indexOf(selected) + (key === "ArrowDown" ? 1 : -1);
    return beside[(next + beside.length) % beside.length];
  }
  frame.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = 60;
    const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step],
                    ArrowDown: [0, -step] };
    if (event.key in moves && event.shiftKey) seer.moveBy(...moves[event.key]);
    else if (event.key in moves) select(along(event.key));
    else if (event.key === "/") search.focus();
    else if (event.key === "Escape") select(null);
    else if (event.key === "Enter" && own.length) own[0].row.querySelector("[type=number]").focus();
    else if (event.key === "Backspace" && selected !== null) {
      go(outside(drawn.levels[page.boxes[selected][0]]));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  // A notebook has commands for plain keys, such as to cut a cell: none that is hit in here.
  root.addEventListener("keydown", (event) => {
    const plain = !event.altKey && !event.ctrlKey && !event.metaKey;
    if (plain && event.key !== "Tab") event.stopPropagation();
  });

  refresh();
  const start = page.focus ?? null;
  select(start, { reveal: false, speak: start !== null });
  seer.whenShown(() => {
    if (start === null && (drawn.levels.length > 1 || seer.fits() >= 0.4)) return seer.fit();
    const { full, ...box } = drawn.placeOf(start ?? machine.root);
    seer.show(box, full);
  });
  return { ...machine, refresh: moved, select, seer, unmount: seer.unmount,
           whenChanged: (act) => changed.push(act), whenSelected: (act) => chosenBy.push(act) };
}
