// The scene: levels of a graph, each open where a reader is near enough, behind camera.js.
//
// Only what lies in the window, and a little around it, is in the document. What is too small to
// be read is drawn as boxes and lines of many items each, so that a large graph can be moved.

const OPEN = 0.34;  // the scale of a level from which on it is open
const READ = 0.3;  // the scale from which on a box has its text
const MARGIN = 0.5;  // of the window, around it
const CHUNK = 150;  // items that are drawn as one
const MANY = 400;  // boxes of a level, from which on they are drawn so where they are small
const LABEL = 11;  // the size of a line's number
const SMALL = 9;  // of the screen, which it may shrink to where there are many
const DECADES = 3;  // of flow, over which the width of a line goes

const picture = (name, attributes = {}, ...children) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
const write = (words, attributes) => picture("text", attributes, words);
// Levels with their place in the plane: a point of theirs is at x + scale * its own.
export function levelsOf(page) {
  const levels = page.levels.map((level) => Object.assign(level, {
    width: level.size[0], height: level.size[1], nodes: [], calls: [], open: false,
  }));
  levels.forEach((level, i) => {
    const around = levels[level.parent];
    if (!around) return Object.assign(level, { scale: 1, x: 0, y: 0 });
    const [x, y, width] = level.box;
    around.calls.push(i);
    level.scale = around.scale * width / level.width;
    level.x = around.x + around.scale * x;
    level.y = around.y + around.scale * y;
  });
  page.boxes.forEach(([level], i) => levels[level].nodes.push(i));
  return levels;
}

// A smooth line through points, level at each of them.
export function smooth(points) {
  let [x, y] = points;
  let d = `M${x} ${y}`;
  for (let i = 2; i < points.length; i += 2) {
    const middle = (x + points[i]) / 2;
    const before = y;
    [x, y] = [points[i], points[i + 1]];
    d += y === before ? `H${x}` : `C${middle} ${before} ${middle} ${y} ${x} ${y}`;
  }
  return d;
}

// The box around the points of a line, which go from left to right.
function reach(points) {
  let [low, high] = [points[1], points[1]];
  for (let i = 3; i < points.length; i += 2) {
    low = Math.min(low, points[i]);
    high = Math.max(high, points[i]);
  }
  return [points[0], low, points.at(-2) - points[0], high - low + 1];
}

// Things in pieces that are drawn at once, with the box around each piece.
function pieces(things, boxOf, drawn) {
  const found = [];
  for (let i = 0; i < things.length; i += CHUNK) {
    const some = things.slice(i, i + CHUNK);
    const boxes = some.map(boxOf);
    const left = Math.min(...boxes.map(([x]) => x));
    const top = Math.min(...boxes.map(([, y]) => y));
    const width = Math.max(...boxes.map(([x, , w]) => x + w)) - left;
    const height = Math.max(...boxes.map(([, y, , h]) => y + h)) - top;
    found.push({ d: some.map(drawn).join(""), box: [left, top, width, height] });
  }
  return found;
}
export const outline = ([x, y, width, height]) => `M${x} ${y}h${width}v${height}h${-width}z`;

// The lines of a level that bear a number, by their place in it: which one each is of those into its
// box, and how far apart these are. Their ends, which came rounded, are put just there.
function entrances(level, edges) {
  const into = new Map();
  level.lines.forEach((line) => {
    if (!line[2]) return;
    const { target } = edges[line[1][0]];
    if (!into.has(target)) into.set(target, []);
    into.get(target).push(line);
  });
  const found = new Map();
  for (const lines of into.values()) {
    lines.sort(([a], [b]) => a.at(-1) - b.at(-1));
    const [first, last] = [lines[0], lines.at(-1)].map(([points]) => points.at(-1));
    const step = lines.length > 1 ? (last - first) / (lines.length - 1) : Infinity;
    lines.forEach((line, place) => {
      if (place) line[0][line[0].length - 1] = first + place * step;
      found.set(line, { place, step });
    });
  }
  return found;
}

// How large the number of a line is in its level, of which the scale is `near`; 0 where there are so
// many that it is left out. The nearer, the more of them have room.
export function labelSize({ place, step }, near) {
  const size = Math.min(LABEL, Math.max(step, SMALL / 2 ** Math.floor(Math.log2(near))));
  return place % Math.ceil(size / step - 1e-6) === 0 ? size : 0;
}

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
  const boxOf = (i) => page.boxes[i].slice(1);

  function boxed(i, texts) {
    const [x, y, width, height] = boxOf(i);
    const leaf = engine.ops[i] === null;
    const kind = i === engine.root ? "root" : leaf ? "leaf" : "inner";
    const made = picture("g", { "data-node": i });
    Object.assign(made, { i, kind: `node ${kind}${different.has(i) ? " different" : ""}` });
    made.append(picture("rect", { x, y, width, height, rx: leaf ? 12 : 4 }));
    if (!texts) return made;
    const [left, right, top] = [x + 10, x + width - 10, y + (height - 49) / 2];
    made.data = write("", { class: "data", x: right, y: top + 32 });
    made.grad = write("", { class: "grad", x: right, y: top + 48 });
    made.append(
      write(page.headings[i], { class: "heading", x: x + width / 2, y: top + 13 }),
      write("data", { class: "word", x: left, y: top + 32 }), made.data,
      write("grad", { class: "word", x: left, y: top + 48 }), made.grad,
    );
    return made;
  }

  function lined([points, edges]) {
    const made = picture("g", {}, picture("path", { d: smooth(points) }));
    made.edges = edges;
    return made;
  }

  // The number of a line, which no other line is to cover.
  function labelled([points, [edge]], size) {
    const off = 4 * size / LABEL;
    const text = write("", { class: "local", x: points.at(-2) - Math.max(off, 2.2),
                             y: points.at(-1) - off,
                             style: `font-size: ${size}px` });
    return Object.assign(picture("g", {}, text), { edge });
  }

  function closed(level, i) {
    const { box: [x, y, width, height], title, members } = level;
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
    const { box: [x, y, width, height], title } = level;
    const size = level.scale / levels[level.parent].scale;
    return picture(
      "g", { class: "frame", "data-level": i },
      picture("rect", { x, y, width, height, rx: 8 * size }),
      write(title, { x: x + 8 * size, y: y + 16 * size, style: `font-size: ${13 * size}px` }),
    );
  }

  // -- numbers, which change ---------------------------------------------------------------------
  const look = (part, looks) => {
    const names = looks.filter(Boolean).join(" ");
    if (part.looks !== names) part.setAttribute("class", part.looks = names);
  };

  function refreshed(part) {
    if (part.edges) return flowing(part);
    if (part.edge !== undefined) {
      const { target, k } = graph.edges[part.edge];
      change(part.firstChild, "textContent", slopeOf(engine, target, k));
      return look(part, ["label", lit?.edges.has(part.edge) && "lit"]);
    }
    if (part.i === undefined) return;
    const { i, data, grad } = part;
    if (data) {
      change(data, "textContent", shown(engine.now[i]));
      change(grad, "textContent", shown(engine.gradient(i)));
    }
    look(part, [
      part.kind, dead(i) && "dead", (i in engine.held || engine.stale[i] === 1) && "held",
      !Number.isFinite(engine.now[i] + engine.adjoints[i]) && "broken",
      lit?.nodes.has(i) && "lit", i === selected && "selected",
    ]);
  }

  function flowing(part) {
    let [flow, size] = [0, 0];
    for (const e of part.edges) {
      flow += flows[e];
      size += Math.abs(flows[e]);
    }
    const share = size && most ? Math.max(0, 1 + Math.log10(size / most) / DECADES) : 0;
    const width = part.edges.length ? 0.7 + 4.3 * Math.min(1, share) ** 1.5 : 1;
    look(part, [
      "line", flow < 0 && "minus", size === 0 && part.edges.length && "none",
      Number.isNaN(size) && "broken", lit && part.edges.some((e) => lit.edges.has(e)) && "lit",
    ]);
    part.firstChild.style.setProperty("--flow", width);
  }

  function refresh() {
    most = 0;
    graph.edges.forEach(({ target, k }, e) => {
      flows[e] = engine.flow(target, k);
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
      const [left, top] = [(around.x - level.x) / level.scale, (around.y - level.y) / level.scale];
      const right = left + around.width / level.scale;
      const bottom = top + around.height / level.scale;
      const seen = ([x, y, w, h]) => x < right && x + w > left && y < bottom && y + h > top;
      const texts = near >= READ;
      if (!texts && level.nodes.length > MANY) {
        level.far ??= {
          lines: pieces(level.lines, ([points]) => reach(points), ([points]) => smooth(points)),
          boxes: pieces(level.nodes, boxOf, (node) => outline(boxOf(node))),
        };
        for (const [layer, all] of Object.entries(level.far)) {
          all.forEach(({ d, box }, n) => {
            const make = () => picture("path", { d, class: `far ${layer}` });
            if (seen(box)) add(`${i} ${layer} ${n}`, i, layer, make);
          });
        }
      } else {
        level.entrances ??= entrances(level, graph.edges);
        level.lines.forEach((line, n) => {
          if (!seen(reach(line[0]))) return;
          const size = texts && line[2] ? labelSize(level.entrances.get(line), near) : 0;
          add(`${i} line ${n}`, i, "lines", () => lined(line));
          if (size) add(`${i} label ${n} ${size}`, i, "labels", () => labelled(line, size));
        });
        for (const node of level.nodes) {
          if (seen(boxOf(node))) add(`${node} ${texts}`, i, "boxes", () => boxed(node, texts));
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
      const made = { lines: picture("g"), labels: picture("g"), boxes: picture("g") };
      plane.append(picture("g", { transform: `translate(${x} ${y}) scale(${scale})` },
                           made.lines, made.labels, made.boxes));
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
    const [x, y, width, height] = boxOf(i).map((size) => level.scale * size);
    return { x: level.x + x, y: level.y + y, width, height, full: 1 / level.scale };
  }

  return {
    levels, boxOf, move, refresh, placeOf,
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
