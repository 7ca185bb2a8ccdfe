// The scene: levels of a graph, each open where a reader is near enough, behind camera.js.
//
// Only what lies in the window, and a little around it, is in the document. What is too small to
// be read is drawn as boxes and lines of many items each, so that a large graph can be moved.

const OPEN = 0.34;  // the scale of a level from which on it is open
const READ = 0.3;  // the scale from which on a box has its text
const MARGIN = 0.5;  // of the window, around it
const CHUNK = 150;  // items that are drawn as one
const MANY = 400;  // boxes of a level, from which on they are drawn so where they are small
const DECADES = 3;  // of flow, over which the width of a line goes

const picture = (name, attributes = {}, ...children) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
const write = (words, attributes) => picture("text", attributes, words);
const meets = (a, b) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const boxOf = ([x, y, width, height]) => ({ x, y, width, height });

// Levels with their place in the plane: a point of theirs is at x + scale * its own.
export function levelsOf(page) {
  const levels = page.levels.map(({ box, size, lines, ...rest }) => ({
    ...rest, box: boxOf(box), width: size[0], height: size[1], nodes: [], calls: [], open: false,
    lines: lines.map(([d, reach, edges, end]) => ({ d, box: boxOf(reach), edges, end })),
  }));
  levels.forEach((level, i) => {
    const around = levels[level.parent];
    if (!around) Object.assign(level, { scale: 1, x: 0, y: 0 });
    else {
      around.calls.push(i);
      level.scale = around.scale * level.box.width / level.width;
      level.x = around.x + around.scale * level.box.x;
      level.y = around.y + around.scale * level.box.y;
    }
  });
  page.boxes.forEach(([level, ...box], i) => levels[level].nodes.push({ i, box: boxOf(box) }));
  return levels;
}

// The items of a level in pieces that are drawn at once, with the box around each piece.
function pieces(items, drawn) {
  const found = [];
  for (let i = 0; i < items.length; i += CHUNK) {
    const some = items.slice(i, i + CHUNK);
    const left = Math.min(...some.map(({ box }) => box.x));
    const top = Math.min(...some.map(({ box }) => box.y));
    found.push({
      d: some.map(drawn).join(""),
      box: { x: left, y: top,
             width: Math.max(...some.map(({ box }) => box.x + box.width)) - left,
             height: Math.max(...some.map(({ box }) => box.y + box.height)) - top },
    });
  }
  return found;
}
const outline = ({ box: { x, y, width, height } }) => `M${x} ${y}h${width}v${height}h${-width}z`;

export function scene(svg, page, engine, graph, dead) {
  const levels = levelsOf(page);
  const different = new Set(page.different);
  const plane = picture("g");
  svg.append(plane);
  const parts = new Map();  // what is in the document, by a name of its own
  const flows = new Float64Array(graph.edges.length);
  let most = 0;
  let window_ = null;
  let lit = null;
  let selected = null;

  // -- what each thing looks like --------------------------------------------------------------
  function boxed({ i, box }, texts) {
    const leaf = engine.ops[i] === null;
    const kind = i === engine.root ? "root" : leaf ? "leaf" : "inner";
    const other = different.has(i) ? "different" : "";
    const made = picture("g", { class: `node ${kind} ${other}`, "data-node": i });
    made.append(picture("rect", { ...box, rx: leaf ? 12 : 4 }));
    if (!texts) return made;
    const [middle, right] = [box.x + box.width / 2, box.x + box.width - 10];
    const y = box.y + (box.height - 49) / 2;
    made.append(
      write(page.headings[i], { class: "heading", x: middle, y: y + 13 }),
      write("data", { class: "word", x: box.x + 10, y: y + 32 }),
      write("", { class: "data", x: right, y: y + 32 }),
      write("grad", { class: "word", x: box.x + 10, y: y + 48 }),
      write("", { class: "grad", x: right, y: y + 48 }),
    );
    return made;
  }

  function lined({ d, edges, end }, texts) {
    const made = picture("g", { class: "line" }, picture("path", { d }));
    if (texts && end) made.append(write("", { class: "local", x: end[0] - 4, y: end[1] - 4 }));
    made.edges = edges;
    return made;
  }

  function closed(level, i) {
    const { box: { x, y, width, height }, title, members } = level;
    const size = Math.min(15, (width - 8) / (0.62 * Math.max(9, title.length)), height / 3);
    return picture(
      "g", { class: "call", "data-level": i },
      picture("rect", { x, y, width, height, rx: 6 }),
      write(title, { class: "heading", x: x + width / 2, y: y + height / 2,
                     style: `font-size: ${size}px` }),
      write(`${members.toLocaleString("en")} Values`,
            { class: "word middle", x: x + width / 2, y: y + height / 2 + 1.3 * size,
              style: `font-size: ${0.8 * size}px` }),
    );
  }

  function framed(level, i) {
    const { box: { x, y, width, height }, title } = level;
    const size = level.scale / levels[level.parent].scale;
    return picture(
      "g", { class: "frame", "data-level": i },
      picture("rect", { x, y, width, height, rx: 8 * size }),
      write(title, { x: x + 8 * size, y: y + 16 * size, style: `font-size: ${13 * size}px` }),
    );
  }

  // -- numbers, which change ---------------------------------------------------------------------
  function refreshed(part) {
    const i = part.dataset.node;
    if (i !== undefined) {
      const [data, grad] = [part.querySelector(".data"), part.querySelector(".grad")];
      if (data) {
        change(data, "textContent", shown(engine.now[i]));
        change(grad, "textContent", shown(engine.adjoints[i]));
      }
      part.classList.toggle("dead", dead(Number(i)));
      part.classList.toggle("held", i in engine.held || engine.stale[i] === 1);
      part.classList.toggle("broken", !Number.isFinite(engine.now[i] + engine.adjoints[i]));
      part.classList.toggle("lit", lit !== null && lit.nodes.has(Number(i)));
      part.classList.toggle("selected", Number(i) === selected);
    } else if (part.edges) {
      const flow = part.edges.reduce((total, e) => total + flows[e], 0);
      const size = part.edges.reduce((total, e) => total + Math.abs(flows[e]), 0);
      const share = size && most ? Math.max(0, 1 + Math.log10(size / most) / DECADES) : 0;
      part.classList.toggle("minus", flow < 0);
      part.classList.toggle("none", size === 0 && part.edges.length > 0);
      part.classList.toggle("broken", Number.isNaN(size));
      part.classList.toggle("lit", lit !== null && part.edges.some((e) => lit.edges.has(e)));
      const width = part.edges.length ? 0.7 + 4.3 * Math.min(1, share) ** 1.5 : 1;
      part.firstChild.style.setProperty("--flow", width);
      const local = part.querySelector(".local");
      if (local) {
        const { target, k } = graph.edges[part.edges[0]];
        change(local, "textContent", shown(engine.partials[target][k]));
      }
    }
  }

  function refresh() {
    most = 0;
    graph.edges.forEach(({ target, k }, e) => {
      flows[e] = engine.adjoints[target] === 0 ? 0 : engine.partials[target][k] * engine.adjoints[target];
      if (Number.isFinite(flows[e])) most = Math.max(most, Math.abs(flows[e]));
    });
    parts.forEach(refreshed);
  }

  // -- what is in the document -------------------------------------------------------------------
  function wanted(at, around) {
    const found = [];
    const add = (name, level, layer, make) => found.push({ name, level, layer, make });
    const visit = (i) => {
      const level = levels[i];
      const near = at.k * level.scale;
      const window_ = { x: (around.x - level.x) / level.scale, y: (around.y - level.y) / level.scale,
                        width: around.width / level.scale, height: around.height / level.scale };
      const seen = (box) => meets(window_, box);
      const texts = near >= READ;
      if (!texts && level.nodes.length > MANY) {
        level.far ??= { boxes: pieces(level.nodes, outline), lines: pieces(level.lines, (x) => x.d) };
        for (const layer of ["lines", "boxes"]) {
          level.far[layer].forEach(({ d, box }, n) => {
            if (seen(box)) add(`${i} ${layer} ${n}`, i, layer, () => picture("path", { d, class: `far ${layer}` }));
          });
        }
      } else {
        level.lines.forEach((line, n) => {
          if (seen(line.box)) add(`${i} line ${n} ${texts}`, i, "lines", () => lined(line, texts));
        });
        for (const node of level.nodes) {
          if (seen(node.box)) add(`${node.i} ${texts}`, i, "boxes", () => boxed(node, texts));
        }
      }
      for (const call of level.calls) {
        const inner = levels[call];
        if (!seen(inner.box)) continue;
        inner.open = at.k * inner.scale >= OPEN;
        if (inner.open) {
          add(`frame ${call}`, i, "boxes", () => framed(inner, call));
          visit(call);
        } else add(`call ${call}`, i, "boxes", () => closed(inner, call));
      }
    };
    visit(0);
    return found;
  }

  // A line is as wide on the screen as its flow says, and thinner where all is small.
  const thin = (lines, i, k) =>
    lines.style.setProperty("--near", Math.min(1, Math.max(0.3, k * levels[i].scale)));

  const groups = new Map();
  function groupOf(i, layer) {
    if (!groups.has(i)) {
      const { x, y, scale } = levels[i];
      const made = { lines: picture("g"), boxes: picture("g") };
      plane.append(picture("g", { transform: `translate(${x} ${y}) scale(${scale})` },
                           made.lines, made.boxes));
      thin(made.lines, i, window_.k);
      groups.set(i, made);
    }
    return groups.get(i)[layer];
  }

  function populate(at, across, down) {
    const [w, h] = [across / at.k, down / at.k];
    window_ = { x: at.left - MARGIN * w, y: at.top - MARGIN * h, k: at.k,
                width: (1 + 2 * MARGIN) * w, height: (1 + 2 * MARGIN) * h };
    svg.style.width = `${(1 + 2 * MARGIN) * across}px`;
    svg.style.height = `${(1 + 2 * MARGIN) * down}px`;
    plane.setAttribute("transform", `scale(${at.k}) translate(${-window_.x} ${-window_.y})`);
    groups.forEach(({ lines }, i) => thin(lines, i, at.k));
    const found = wanted(at, window_);
    const names = new Set(found.map(({ name }) => name));
    parts.forEach((part, name) => {
      if (names.has(name)) return;
      part.remove();
      parts.delete(name);
    });
    for (const { name, level, layer, make } of found) {
      if (parts.has(name)) continue;
      const part = make();
      groupOf(level, layer).append(part);
      parts.set(name, part);
      refreshed(part);
    }
  }

  // Within the window the picture is moved as it is, which costs a browser no drawing.
  function move(at, across, down) {
    const inside = window_ !== null && window_.k === at.k
      && at.left >= window_.x && at.left + across / at.k <= window_.x + window_.width
      && at.top >= window_.y && at.top + down / at.k <= window_.y + window_.height;
    if (!inside) populate(at, across, down);
    const [x, y] = [(window_.x - at.left) * at.k, (window_.y - at.top) * at.k];
    svg.style.transform = `translate(${x}px, ${y}px)`;
  }

  // Where a node lies in the plane, and at how large a scale of it the node has its own size.
  function placeOf(i) {
    const level = levels[page.boxes[i][0]];
    const box = boxOf(page.boxes[i].slice(1));
    return { x: level.x + level.scale * box.x, y: level.y + level.scale * box.y,
             width: level.scale * box.width, height: level.scale * box.height, full: 1 / level.scale };
  }

  return {
    levels, move, refresh, placeOf,
    light: (nodes, edges) => {
      lit = nodes ? { nodes, edges } : null;
      svg.classList.toggle("asked", lit !== null);
      parts.forEach(refreshed);
    },
    select: (i) => {
      selected = i;
      parts.forEach(refreshed);
    },
  };
}
