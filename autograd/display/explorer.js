// The explorer: a graph that is zoomed, questioned and moved, behind all the other modules.

const LISTED = 12;  // numbers that have a control at once
const FAR = 2;  // how far a slider goes to each side, in sizes of its number

// The map of the whole, with the window on it; it is there when not all is seen.
function map(scene, seer, frame) {
  const [{ width, height, nodes, calls }] = scene.levels;
  const outlines = [...nodes.map(scene.boxOf), ...calls.map((i) => scene.levels[i].box)];
  const thick = Math.max(width / 180, height / 120);
  const svg = picture("svg", { viewBox: `0 0 ${width} ${height}` },
    picture("path", { d: outlines.map(outline).join(""), "stroke-width": thick }));
  const view = element("div");  // moved by itself: thousands of boxes are not drawn again
  const paper = element("div", { class: "map", "aria-hidden": true }, svg, view);
  let [w, h] = [0, 0];  // asked for once: a browser would lay all out anew for it
  const placed = () => {
    if (!w) [w, h] = [paper.clientWidth, paper.clientHeight];
    const size = Math.min(w / width, h / height);
    return { size, x: (w - width * size) / 2, y: (h - height * size) / 2 };
  };
  const go = (event) => {
    const around = paper.getBoundingClientRect();
    const { size, x, y } = placed();
    seer.show({ x: (event.clientX - around.left - x) / size,
                y: (event.clientY - around.top - y) / size, width: 0, height: 0 }, seer.at.k);
    event.stopPropagation();
  };
  paper.addEventListener("pointerdown", go);
  paper.addEventListener("pointermove", (event) => { if (event.buttons === 1) go(event); });
  return {
    paper,
    follow: ({ left, top, k }) => {
      const [across, down] = [frame.clientWidth / k, frame.clientHeight / k];
      const all = left <= 0 && top <= 0 && left + across >= width && top + down >= height;
      paper.classList.toggle("hidden", all);
      const { size, x, y } = placed();
      view.style.transform = `translate(${x + left * size}px, ${y + top * size}px) `
        + `scale(${Math.max(across * size, 3) / 100}, ${Math.max(down * size, 3) / 100})`;
    },
  };
}

// A slider and a number field for a leaf or a literal.
function control(machine, slot, moved) {
  const name = machine.names[slot];
  const label = element("label", { title: name }, name);
  const field = element("input", { type: "number", step: "any", "aria-label": name });
  const slider = element("input", { type: "range", step: "any", "aria-label": `${name}, slider` });
  const slope = element("output", { class: "slope" });
  const center = () => {
    const x = machine.now[slot];
    const reach = FAR * Math.max(Math.abs(x), 0.5);
    [slider.min, slider.max, slider.value] = [x - reach, x + reach, x];
    slider.setAttribute("aria-valuetext", shown(x));
  };
  const take = (text, input) => {
    const x = Number(text);
    if (text.trim() === "" || Number.isNaN(x)) return;
    machine.set(name, x);
    if (input !== field) field.value = x;
    if (input !== slider) center();
    moved(`${name} = ${shown(x)}`);
  };
  slider.addEventListener("input", () => take(slider.value, slider));
  slider.addEventListener("change", center);
  field.addEventListener("change", () => take(field.value, field));
  const row = element("div", { class: "control" }, label, slider, field, slope);
  const refresh = () => {
    const x = machine.now[slot];
    if (document.activeElement !== field) field.value = Number(x.toPrecision(6));
    if (document.activeElement !== slider) center();
    slope.textContent = slot < machine.count ? `grad ${shown(machine.adjoints[slot])}` : "literal";
  };
  refresh();
  return { row, refresh, slot };
}

export function explorer(root, page) {
  const machine = engine(page.engine);
  machine.compute();
  const graph = edgesOf(machine);
  const { names, ops, operands, count } = machine;
  const dead = (i) => isDead(machine, graph, i);

  // -- words -----------------------------------------------------------------------------------
  // A node as a formula of names, or of the numbers that its operands have now.
  const template = (i, write) => page.formulas[page.formula[i]].replace(
    /([(,] ?)?\ue000(\d+)\ue001(?=([),])?)/g, (_, before = "", k, after) =>
      before + write(operands[i][Number(k)], before && after));
  const named = (slot) => (slot < count ? names[slot] : shown(machine.now[slot]));
  const numbered = (slot, alone) => (machine.now[slot] < 0 && !alone
    ? `(${shown(machine.now[slot])})` : shown(machine.now[slot]));
  const said = (i) => {
    const [first] = operands[i];
    if (ops[i] === null) return `${names[i]} = ${shown(machine.now[i])}`;
    if (operands[i].length === 1) return `${page.signs[i]} at ${shown(machine.now[first])}`;
    return `${names[i]} = ${template(i, numbered)}`;
  };

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
  const overview = map(drawn, seer, frame);
  frame.append(overview.paper);
  frame.classList.add("glassgrad-view");

  // -- the panels ------------------------------------------------------------------------------
  const note = element("p", { class: "glassgrad-note" }, page.note);
  const flags = element("div", { class: "flags", role: "status", "aria-live": "polite" });
  const panel = element("div", { class: "panel", role: "status", "aria-live": "polite" });
  const chosen = element("div", { class: "controls chosen" });
  const search = element("input", { type: "search", "aria-label":
    "Search by name or operation, or for dead, nan, held", placeholder: "name, operation, dead ..." });
  const hits = element("span", { class: "hits", role: "status", "aria-live": "polite" });
  const list = element("div", { class: "controls" });
  const others = element("p", { class: "glassgrad-note" });
  const numbers = element("details", { class: "numbers" },
                          element("summary", {}, "Leaves and literals"), list, others);
  const restore = element("button", { type: "button" }, "Restore all numbers");
  const side = element("div", { class: "side" },
    element("div", { class: "search" }, search, hits), panel, chosen, flags, numbers, restore);
  root.classList.add("glassgrad-explorer", "glassgrad-framed");
  root.dataset.live = "";
  root.replaceChildren(element("h2", {}, page.title), note,
                       element("div", { class: "columns" }, stage, side));

  const changed = [];
  const chosenBy = [];
  let selected = null;
  let controls = [];
  let own = [];

  function tell(i) {
    const answer = why(machine, graph, i);
    const [by, of] = [names[i], names[machine.root]].map((x) => (/^\w+$/.test(x) ? x : `(${x})`));
    const lines = [element("strong", {}, ops[i] === null ? `${names[i]} = ${shown(machine.now[i])}`
      : `${names[i]} = ${template(i, named)} = ${template(i, numbered)} = ${shown(machine.now[i])}`)];
    lines.push(element("code", { class: "sum" }, `d${of}/d${by} = ${equation(answer)}`));
    if (!answer.none && i !== machine.root) {
      for (const { nodes, partials, product } of answer.paths) {
        const way = nodes.length > 7 ? [...nodes.slice(0, 4), null, ...nodes.slice(-2)] : nodes;
        const spelled = partials.length > 1 && partials.length < 5
          ? `${partials.map(shown).join(" * ")} = ` : "";
        const along = way.map((x) => (x === null ? "..." : names[x])).join(" \u2192 ");
        lines.push(element("code", {}, `${along}: ${spelled}${shown(product)}`));
      }
      if (answer.more > 0) {
        lines.push(element("code", {}, `and ${answer.more.toLocaleString("en")} more paths: ${shown(answer.rest)}`));
      }
    }
    for (const reason of reasons(machine, graph, i, answer, said)) {
      lines.push(element("em", {}, reason));
    }
    if (page.source[i] !== -1) lines.push(element("code", { class: "source" }, page.sources[page.source[i]]));
    panel.replaceChildren(...lines);
    const nodes = new Set([i]);
    answer.lit.forEach((e) => nodes.add(graph.edges[e].target).add(graph.edges[e].source));
    drawn.light(nodes, answer.lit);
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
      const free = [i, ...operands[i]].filter((slot) => machine.free(slot));
      own = [...new Set(free)].slice(0, LISTED).map((slot) => control(machine, slot, moved));
      chosen.replaceChildren(...own.map(({ row }) => row));
      if (reveal) show(i);
    }
    fill();
    drawn.select(i);
    chosenBy.forEach((act) => act(i));
  }

  function show(i) {
    const { full, ...box } = drawn.placeOf(i);
    const { left, top, k } = seer.at;
    const size = k / full;
    const inside = box.x >= left && box.y >= top && box.x + box.width <= left + frame.clientWidth / k
      && box.y + box.height <= top + frame.clientHeight / k;
    if (size < 0.5 || size > 4) seer.show(box, full);
    else if (!inside) seer.show(box, k);
  }

  function refresh() {
    machine.compute();
    drawn.refresh();
    if (selected !== null) tell(selected);
    [...controls, ...own].forEach((one) => one.refresh());
    const turned = machine.branches();
    const stale = [...machine.stale].filter(Boolean).length;
    flags.replaceChildren(
      ...turned.map(({ text, answer }) => element("p", {},
        `${text} was ${answer ? "true" : "false"} when the graph was made, and is not now: `
        + "the program would take the other branch")),
      ...(stale ? [element("p", {}, `${stale} numbers hang on one that is held and has moved`)] : []),
    );
    changed.forEach((act) => act());
  }

  function moved() {
    panel.setAttribute("aria-live", "polite");
    refresh();
  }

  // -- the list of numbers -----------------------------------------------------------------------
  const free = names.map((_, slot) => slot).filter(machine.free);
  function fill() {
    const wanted = search.value.trim().toLowerCase();
    const above = new Set(own.map(({ slot }) => slot));
    const rest = free.filter((slot) => !above.has(slot));
    const some = wanted ? rest.filter((slot) => names[slot].toLowerCase().includes(wanted)) : rest;
    const from = some.length ? some : rest;
    controls = from.slice(0, LISTED).map((slot) => control(machine, slot, moved));
    list.replaceChildren(...controls.map(({ row }) => row));
    const left = from.length - controls.length;
    others.textContent = left > 0 ? `and ${left.toLocaleString("en")} more: search by name` : "";
  }
  numbers.open = free.length <= LISTED;
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
  let place = -1;
  function find(step) {
    const wanted = search.value.trim().toLowerCase();
    if (!wanted) {
      hits.textContent = "";
      return;
    }
    const exact = (i) => names[i].toLowerCase() === wanted || page.signs[i].toLowerCase() === wanted
      || (ops[i] ?? "") === wanted;
    const part = (i) => names[i].toLowerCase().includes(wanted) || (ops[i] ?? "").includes(wanted);
    const all = [...Array(count).keys()];
    const found = tags[wanted] ? all.filter(tags[wanted]) : [...all.filter(exact),
      ...all.filter((i) => !exact(i) && part(i))];
    place = found.length ? (place + step + found.length) % found.length : -1;
    hits.textContent = found.length ? `${place + 1} of ${found.length.toLocaleString("en")}` : "none";
    if (found.length) select(found[place]);
  }
  search.addEventListener("input", () => {
    place = -1;
    fill();
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
    else if (call !== undefined) enter(Number(call));
    else select(null);
  });

  // A call opens where it stands: the camera goes to it, or back to what is around it.
  function enter(i) {
    const { x, y, scale, width: w, height: h, open } = drawn.levels[i];
    const to = open ? drawn.levels[drawn.levels[i].parent] : null;
    if (to) seer.show({ x: to.x, y: to.y, width: to.scale * to.width, height: to.scale * to.height }, near(to));
    else seer.show({ x, y, width: scale * w, height: scale * h }, near(drawn.levels[i]));
  }
  const near = ({ scale, width: w, height: h }) => Math.max(0.4, Math.min(1,
    0.9 * frame.clientWidth / w, 0.9 * frame.clientHeight / h)) / scale;

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
    else if (event.key === "Enter" && own.length) chosen.querySelector("input[type=number]").focus();
    else if (event.key === "Backspace" && selected !== null) {
      const level = drawn.levels[page.boxes[selected][0]];
      const to = drawn.levels[level.parent] ?? level;
      seer.show({ x: to.x, y: to.y, width: to.scale * to.width, height: to.scale * to.height }, near(to));
    } else return;
    event.preventDefault();
    event.stopPropagation();
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

// Two graphs of the same leaves: one moves, looks and asks where the other does.
export function paired(one, other) {
  let busy = false;
  const alone = (act) => (x) => {
    if (busy) return;
    busy = true;
    act(x);
    busy = false;
  };
  for (const [from, to] of [[one, other], [other, one]]) {
    from.seer.follow((at) => to.seer.go(at));
    from.whenSelected(alone((i) => {
      const there = i === null ? null : to.names.indexOf(from.names[i]);
      if (there !== -1) to.select(there, { reveal: false, speak: false });
    }));
    from.whenChanged(alone(() => {
      from.names.forEach((name, slot) => {
        const there = to.names.indexOf(name);
        if (from.free(slot) && there !== -1 && to.free(there)) to.set(name, from.now[slot]);
      });
      to.refresh();
    }));
  }
}

// A notebook's frame follows its theme, where it may look.
function themed() {
  try {
    const light = parent.document.body.dataset.jpThemeLight;
    if (light !== undefined) document.documentElement.dataset.theme = light === "true" ? "light" : "dark";
  } catch { /* a frame of another origin follows the system */ }
}

export function exploreAll() {
  themed();
  for (const root of document.querySelectorAll(".glassgrad-explorer:not([data-live])")) {
    const page = JSON.parse(root.querySelector("script").textContent);
    root.glassgrad = explorer(root, page);
  }
  for (const both of document.querySelectorAll(".glassgrad-comparison:not([data-live])")) {
    both.dataset.live = "";
    const [one, other] = both.querySelectorAll(".glassgrad-explorer");
    paired(one.glassgrad, other.glassgrad);
  }
}
