// The landscape: the root over two leaves, with contours, the way that was gone, and the next one.

const CELLS = 32;  // a side is divided in so many
const CONTOURS = 9;
const SLICE = 8;  // milliseconds of a frame of the screen that go into the grid
const SIDE = 300;

// The pieces of a contour in a grid of values, in cells: linear between corners (marching squares).
export function contour(grid, side, level) {
  const pieces = [];
  const at = (x, y) => grid[y * side + x] - level;
  for (let y = 0; y + 1 < side; y += 1) {
    for (let x = 0; x + 1 < side; x += 1) {
      const corners = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]];
      const points = [];
      corners.forEach(([ax, ay], i) => {
        const [bx, by] = corners[(i + 1) % 4];
        const [a, b] = [at(ax, ay), at(bx, by)];
        if (a < 0 === b < 0 || !Number.isFinite(a - b)) return;
        const t = a / (a - b);
        points.push([ax + t * (bx - ax), ay + t * (by - ay)]);
      });
      for (let i = 0; i + 1 < points.length; i += 2) pieces.push([points[i], points[i + 1]]);
    }
  }
  return pieces;
}

// Levels between which lie as many of the values each.
export function levelsBetween(grid, count) {
  const sorted = Float64Array.from(grid).filter(Number.isFinite).sort();
  return Array.from({ length: count }, (_, i) =>
    sorted[Math.floor((i + 1) * sorted.length / (count + 1))]);
}

export function landscape(host) {
  const { machine, leaves } = host;
  const side = CELLS + 1;
  const grid = new Float64Array(side * side).fill(NaN);
  const axes = ["Across", "Up"].map((name, i) => {
    const options = leaves.map((slot) => element("option", { value: slot }, machine.names[slot]));
    const made = element("select", { "aria-label": `${name}: a leaf` }, ...options);
    made.selectedIndex = i;
    return made;
  });
  const canvas = element("canvas", { width: SIDE, height: SIDE, tabindex: 0, role: "img",
                                    "aria-label": "The landscape" });
  const legend = element("p", { class: "glassgrad-note" });
  const center = element("button", { type: "button" }, "Centre");
  const details = element("details", { class: "landscape" }, element("summary", {}, "Landscape"),
    element("div", { class: "row" }, ...axes, center), canvas, legend);
  let slots = [];
  let ends = [];  // of each axis, its lowest and highest number
  let way = [];
  let rows = side;  // of the grid that are known
  let others = "";
  let own = false;  // what changes now is what the landscape itself has set

  const numbers = () => slots.map((slot) => machine.now[slot]);
  const toPixels = ([x, y]) => [SIDE * (x - ends[0][0]) / (ends[0][1] - ends[0][0]),
                                SIDE * (1 - (y - ends[1][0]) / (ends[1][1] - ends[1][0]))];
  const fromPixels = (x, y) => [ends[0][0] + x / SIDE * (ends[0][1] - ends[0][0]),
                                ends[1][0] + (1 - y / SIDE) * (ends[1][1] - ends[1][0])];

  // What the landscape hangs on beside its two leaves: with another one it is another landscape.
  const state = () =>
    leaves.filter((slot) => !slots.includes(slot)).map((slot) => machine.now[slot]).join();

  const away = () => numbers().some((x, i) => !(x >= ends[i][0] && x <= ends[i][1]));

  function survey() {
    slots = axes.map(({ value }) => Number(value));
    ends = numbers().map((x) => {
      const reach = Math.max(1, 1.5 * Math.abs(x));
      return [x - reach, x + reach];
    });
    way = [];
    restart();
  }

  function restart() {
    others = state();
    grid.fill(NaN);
    const waits = rows < side;
    rows = 0;
    if (!waits) requestAnimationFrame(fill);
  }

  // A large graph takes a while: row by row, with room for all else between.
  function fill() {
    if (!details.open || !canvas.isConnected) {
      rows = side;
      return;
    }
    const until = performance.now() + SLICE;
    machine.probe(slots, (rootAt) => {
      do {
        const [, y] = fromPixels(0, SIDE * rows / CELLS);
        for (let i = 0; i < side; i += 1) {
          const [x] = fromPixels(SIDE * i / CELLS, 0);
          grid[rows * side + i] = rootAt([x, y]);
        }
        rows += 1;
      } while (rows < side && performance.now() < until);
    });
    machine.compute();
    draw();
    if (rows < side) requestAnimationFrame(fill);
  }

  function draw() {
    const pen = canvas.getContext("2d");
    const style = getComputedStyle(details);
    const ink = style.color;
    const [low, now] = ["--plus", "--now"].map((name) => style.getPropertyValue(name));
    const levels = levelsBetween(grid, CONTOURS);
    const cell = SIDE / CELLS;
    const edge = (i) => Math.round((i - 0.5) * cell);
    pen.clearRect(0, 0, SIDE, SIDE);
    pen.fillStyle = low;
    grid.forEach((value, i) => {
      if (!Number.isFinite(value)) return;
      const below = levels.filter((level) => value > level).length;
      pen.globalAlpha = 0.5 * (1 - below / CONTOURS);
      const [column, row] = [i % side, Math.floor(i / side)];
      const [left, top] = [edge(column), edge(row)];
      pen.fillRect(left, top, edge(column + 1) - left, edge(row + 1) - top);
    });
    pen.globalAlpha = 0.6;
    pen.strokeStyle = ink;
    pen.lineWidth = 1;
    pen.beginPath();
    for (const level of levels) {
      for (const [[ax, ay], [bx, by]] of contour(grid, side, level)) {
        pen.moveTo(ax * cell, ay * cell);
        pen.lineTo(bx * cell, by * cell);
      }
    }
    pen.stroke();
    pen.globalAlpha = 1;
    pen.strokeStyle = pen.fillStyle = now;
    pen.lineWidth = 2;
    pen.beginPath();
    const points = [...way, numbers()].map(toPixels);
    points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.stroke();
    const [x, y] = toPixels(numbers());
    pen.beginPath();
    pen.arc(x, y, 5, 0, 2 * Math.PI);
    pen.fill();
    arrow(pen, x, y);
    const [a, b] = slots.map((slot, i) => `${machine.names[slot]} (${["across", "up"][i]}, `
      + `${ends[i].map(shown).join(" to ")})`);
    const said = `${machine.names[machine.root]} over ${a} and ${b}`;
    legend.textContent = `${said}; blue is low. Drag, or use the arrow keys.`;
    canvas.setAttribute("aria-label", `${said}; it is ${shown(machine.now[machine.root])}`);
  }

  // Against the gradient, as it is in units of the picture.
  function arrow(pen, x, y) {
    const sizes = ends.map(([from, to]) => to - from);
    let [dx, dy] = slots.map((slot, i) => -machine.adjoints[slot] * sizes[i]);
    const length = Math.hypot(dx, dy);
    if (!(length > 0)) return;
    [dx, dy] = [45 * dx / length, -45 * dy / length];
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x + dx, y + dy);
    for (const turn of [2.6, -2.6]) {
      pen.moveTo(x + dx, y + dy);
      pen.lineTo(x + dx + 0.2 * (dx * Math.cos(turn) - dy * Math.sin(turn)),
                 y + dy + 0.2 * (dx * Math.sin(turn) + dy * Math.cos(turn)));
    }
    pen.stroke();
  }

  function go(point) {
    own = true;
    slots.forEach((slot, i) => machine.set(machine.names[slot], point[i]));
    way = [];
    host.moved();
    own = false;
  }

  function drag(event) {
    const around = canvas.getBoundingClientRect();
    go(fromPixels((event.clientX - around.left) * SIDE / around.width,
                  (event.clientY - around.top) * SIDE / around.height));
  }
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    drag(event);
  });
  canvas.addEventListener("pointermove", (event) => { if (event.buttons === 1) drag(event); });
  canvas.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const step = steps[event.key];
    if (!step) return;
    go(numbers().map((x, i) => x + step[i] * (ends[i][1] - ends[i][0]) / CELLS));
    event.preventDefault();
    event.stopPropagation();
  });
  details.addEventListener("toggle", () => { if (details.open) survey(); });
  center.addEventListener("click", survey);
  axes.forEach((axis) => axis.addEventListener("change", survey));

  let before = [];
  host.whenChanged(() => {
    if (!details.open) return;
    if (!own && before.length) way.push(before);
    before = numbers();
    if (away()) survey();
    else if (state() !== others) restart();
    else draw();
  });
  return details;
}
