// The film: a training frame by frame, behind the modules of the explorer.

const FRAME_MILLISECONDS = 150;
const CELL = 14;  // pixels of a weight
const PLANE = 280;
// Okabe and Ito's palette, for classes.
const HUES = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442",
              "#888888"];

export function film(root, page) {
  const { frames, matrices, plane, names } = page;
  const last = frames.length - 1;
  const play = element("button", { type: "button" }, "Play");
  const slider = element("input", { type: "range", min: 0, max: last, "aria-label": "Frame" });
  const said = element("span", { class: "said", role: "status", "aria-live": "polite" });
  const curve = picture("svg", { class: "curve", viewBox: "0 0 600 110", role: "img",
                                 preserveAspectRatio: "none",
                                 "aria-label": "The losses of the epochs" });
  const mark = picture("line", { y1: 0, y2: 110, class: "mark" });
  const pictures = element("div", { class: "matrices" });
  const field = element("canvas", { width: PLANE, height: PLANE, role: "img", "aria-label":
    "What the model answers in the plane of its inputs" });
  const graph = element("div", { class: "glassgrad-explorer" });
  root.dataset.live = "";
  root.replaceChildren(
    element("h2", {}, "Film of a training"),
    element("div", { class: "row", role: "group", "aria-label": "Time" }, play, slider, said),
    curve, element("div", { class: "stills" },
      element("section", {}, element("h3", {}, "Weights"), pictures),
      ...(plane ? [element("section", {}, element("h3", {}, "Answers"), field)] : [])),
    ...(page.graph ? [element("h3", {}, "The first example"), graph] : []),
  );
  const explored = page.graph ? explorer(graph, page.graph) : null;

  // -- the losses ------------------------------------------------------------------------------
  const epochs = frames.map(({ epoch }) => epoch);
  const across = (epoch) => 600 * (last ? (epoch - epochs[0]) / (epochs[last] - epochs[0]) : 0.5);
  const losses = frames.flatMap(({ loss, validation }) => [loss, validation]);
  const known = losses.filter(Number.isFinite);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const up = (y) => 105 - 100 * (high > low ? (y - low) / (high - low) : 0.5);
  for (const key of ["loss", "validation"]) {
    const points = frames.filter((frame) => Number.isFinite(frame[key]));
    const d = points.map((frame, i) => `${i ? "L" : "M"}${across(frame.epoch)} ${up(frame[key])}`);
    curve.append(picture("path", { class: key, d: d.join("") }));
  }
  curve.append(mark);

  // -- the weights -----------------------------------------------------------------------------
  const sheets = matrices.map(({ name, rows, labels }) => {
    const columns = Math.max(...rows.map((row) => row.length));
    const sheet = element("canvas", { width: columns * CELL, height: rows.length * CELL,
                                      role: "img", "aria-label": `Weights of ${name}` });
    const most = Math.max(...frames.flatMap(({ weights }) =>
      rows.flat().map((i) => Math.abs(weights[i] ?? 0)))) || 1;
    const caption = element("figcaption", {}, `${name}, up to ${shown(most)}`);
    sheet.addEventListener("pointermove", (event) => {
      const around = sheet.getBoundingClientRect();
      const [j, i] = [(event.clientX - around.left) / around.width * columns,
                      (event.clientY - around.top) / around.height * rows.length].map(Math.floor);
      if (rows[i]?.[j] === undefined) return;
      sheet.title = `${labels[i][j]} = ${shown(frames[now].weights[rows[i][j]] ?? NaN)}`;
    });
    pictures.append(element("figure", {}, sheet, caption));
    return { sheet, rows, most };
  });

  function weigh({ sheet, rows, most }, weights, [plus, minus]) {
    const pen = sheet.getContext("2d");
    pen.clearRect(0, 0, sheet.width, sheet.height);
    rows.forEach((row, i) => row.forEach((place, j) => {
      const x = weights[place];
      pen.globalAlpha = x === null ? 0 : Math.min(1, Math.abs(x) / most);
      pen.fillStyle = x < 0 ? minus : plus;
      pen.fillRect(j * CELL, i * CELL, CELL - 1, CELL - 1);
    }));
  }

  // -- the plane of two inputs -----------------------------------------------------------------
  function answer(values, [plus, minus]) {
    const pen = field.getContext("2d");
    const edge = (i) => Math.round(i * PLANE / plane.side);
    const most = Math.max(...values.map((x) => Math.abs(x ?? 0))) || 1;
    pen.clearRect(0, 0, PLANE, PLANE);
    values.forEach((x, i) => {
      if (x === null) return;
      pen.globalAlpha = plane.classes ? 0.35 : 0.6 * Math.min(1, Math.abs(x) / most);
      pen.fillStyle = plane.classes ? HUES[x % HUES.length] : x < 0 ? minus : plus;
      const [column, row] = [i % plane.side, plane.side - 1 - Math.floor(i / plane.side)];
      const [left, top] = [edge(column), edge(row)];
      pen.fillRect(left, top, edge(column + 1) - left, edge(row + 1) - top);
    });
    pen.globalAlpha = 1;
    pen.strokeStyle = getComputedStyle(root).color;
    plane.points.forEach((point, i) => {
      const [x, y] = point.map((at, k) => {
        const [from, to] = k ? plane.up : plane.across;
        return PLANE * (at - from) / (to - from);
      });
      pen.fillStyle = plane.classes ? HUES[plane.marks[i] % HUES.length]
        : plane.marks[i] > 0 ? plus : minus;
      pen.beginPath();
      pen.arc(x, PLANE - y, 3.5, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
    });
  }

  // -- time --------------------------------------------------------------------------------------
  let now = last;
  let timer = null;
  function show(to) {
    now = Math.min(last, Math.max(0, to));
    const { epoch, loss, validation, weights, field: values } = frames[now];
    const hues = ["--plus", "--minus"].map((name) => getComputedStyle(root).getPropertyValue(name));
    sheets.forEach((sheet) => weigh(sheet, weights, hues));
    if (values) answer(values, hues);
    mark.setAttribute("x1", across(epoch));
    mark.setAttribute("x2", across(epoch));
    said.textContent = `epoch ${epoch}, loss ${shown(loss ?? NaN)}`
      + (validation === null ? "" : `, validation ${shown(validation)}`);
    slider.value = now;
    slider.setAttribute("aria-valuetext", said.textContent);
    if (explored) {
      names.forEach((name, i) => { if (name !== null) explored.set(name, weights[i] ?? NaN); });
      explored.refresh();
    }
  }
  function pause() {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
    said.setAttribute("aria-live", "polite");
  }
  play.addEventListener("click", () => {
    if (timer !== null) return pause();
    if (now === last) show(0);
    play.textContent = "Pause";
    said.setAttribute("aria-live", "off");
    timer = setInterval(() => {
      if (now === last || !root.isConnected) pause();
      else show(now + 1);
    }, FRAME_MILLISECONDS);
  });
  slider.addEventListener("input", () => {
    pause();
    show(Number(slider.value));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(now));
  show(last);
  return { show, explored };
}

export function filmAll() {
  themed();
  for (const root of document.querySelectorAll(".glassgrad-film:not([data-live])")) {
    root.glassgrad = film(root, JSON.parse(root.querySelector("script").textContent));
  }
}
