// The stepper: one module, behind viewer.js, for pages, notebook outputs and the widget.

const PLAY_MILLISECONDS = 1200;
const SPEEDS = [0.5, 1, 2, 5, 20];
const LOWEST = 150;  // pixels that a picture has at least, and those below it
const BELOW = 10;

// What each number of the drawing reads after each step: its changes, in order.
function histories(page) {
  const found = new Map();
  const add = (place, [key, row, text]) => {
    const name = `${key} ${row}`;
    if (!found.has(name)) found.set(name, []);
    found.get(name).push([place, text]);
  };
  for (const value of page.start) add(-1, value);
  page.steps.forEach((step, place) => step.values.forEach((value) => add(place, value)));
  return found;
}

export function mount(root, page, { position = 0, wholePage = false, moved = () => {} } = {}) {
  const last = page.steps.length - 1;
  const back = element("button", { type: "button", "aria-keyshortcuts": "ArrowLeft" }, "Back");
  const next = element("button", { type: "button", "aria-keyshortcuts": "ArrowRight" }, "Next");
  const play = element("button", { type: "button", "aria-keyshortcuts": "P" }, "Play");
  const speed = element("select", { "aria-label": "Speed" }, ...SPEEDS.map((factor) =>
    element("option", { value: factor, ...(factor === 1 ? { selected: "" } : {}) },
            `${factor}\u00d7`)));
  const slider = element("input", { type: "range", min: 0, max: last, "aria-label": "Step" });
  const predict = element("input", { type: "checkbox" });
  const place = element("span", { class: "place" });
  const panel = element("div", { class: "panel", role: "status", "aria-live": "polite",
                                 "aria-atomic": "true" });
  const source = element("p", { class: "source" });
  const picture = element("div", { class: "picture glassgrad-view", role: "group",
                                   "aria-label": "The graph" });
  picture.innerHTML = page.svg;  // made by the library, which has escaped every label in it
  const keys = "Keys: left and right arrow, Home, End, P to play; click a node to go to its step";
  root.classList.add("glassgrad-stepper", "glassgrad-framed");
  root.dataset.live = "";
  root.replaceChildren(
    element("div", { class: "head" }, element("h2", {}, page.title),
            element("label", { class: "predict" }, predict, "Predict first")),
    element("div", { class: "controls", role: "group", "aria-label": keys, title: keys },
            back, next, play, speed, slider, place),
    panel, source, element("p", { class: "glassgrad-note" }, page.note), picture,
  );
  const seen = view(picture);
  // On a page of its own it has what the text leaves of the window: no step is below its edge.
  const bound = () => {
    const top = picture.getBoundingClientRect().top + scrollY;
    picture.style.maxHeight = `${Math.max(LOWEST, innerHeight - top - BELOW)}px`;
  };
  if (wholePage) {
    bound();
    addEventListener("resize", bound);
  }

  const rows = new Map();
  const groups = new Map();
  for (const group of picture.querySelectorAll("[data-node]")) {
    groups.set(Number(group.dataset.node), group);
    for (const text of group.querySelectorAll("[data-row]")) {
      rows.set(`${group.dataset.node} ${text.dataset.row}`, text);
    }
  }
  const edges = new Map([...picture.querySelectorAll("[data-edge]")]
    .map((group) => [Number(group.dataset.edge), group]));
  const locals = [...picture.querySelectorAll("[data-local]")];
  const history = histories(page);
  let now = -1;
  let timer = null;

  function show(to, tell = true) {
    now = Math.min(Math.max(0, to), last);
    const step = page.steps[now];
    for (const [name, changes] of history) {
      let text = changes[0][1];
      for (const [at, changed] of changes) {
        if (at > now) break;
        text = changed;
      }
      change(rows.get(name), "textContent", text);
    }
    for (const text of locals) {  // a local derivative is known once its node is computed
      const known = page.known[text.dataset.local] ?? -1;
      change(text.style, "visibility", known <= now ? "visible" : "hidden");
    }
    picture.querySelectorAll(".now, .given, .taken, .used").forEach((one) =>
      one.classList.remove("now", "given", "taken", "used"));
    const own = groups.get(step.node);  // none where it is not drawn
    own?.classList.add("now");
    const role = step.phase === "forward" ? "taken" : "given";
    const others = step.parents.map((key) => groups.get(key));
    others.forEach((group) => group.classList.add(role));
    step.edges.forEach((key) => edges.get(key).classList.add("used"));
    panel.replaceChildren(...step.lines.map((line, i) =>
      element(i ? "code" : "strong", { class: line.includes("+=") ? "sum" : "" }, line.trim())));
    source.replaceChildren();
    source.title = step.source.join("");
    if (step.source.length) {
      const [before, own, after, where] = step.source;
      source.append(element("code", {}, before, element("mark", {}, own), after), ` (${where})`);
    }
    slider.value = now;
    slider.setAttribute("aria-valuetext", `Step ${now + 1} of ${last + 1}, ${step.lines[0]}`);
    place.textContent = `${now + 1} of ${last + 1}, ${step.phase}`;
    // Not disabled: a disabled button loses the focus, and the next key would go to the notebook.
    back.setAttribute("aria-disabled", now === 0);
    next.setAttribute("aria-disabled", now === last);
    seen.reveal([own, ...others].filter(Boolean));
    if (tell) moved(now);
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  }

  function toggle() {
    if (timer !== null) return pause();
    if (now === last) show(0);
    play.textContent = "Pause";
    start();
  }

  function start() {
    clearInterval(timer);
    timer = setInterval(() => {
      if (now === last || !root.isConnected) pause();
      else show(now + 1);
    }, PLAY_MILLISECONDS / Number(speed.value));
  }

  // The step of a node: in the phase that is shown, if it has one there, else in the other.
  function stepOf(key) {
    const forward = page.steps[now].phase === "forward";
    const of = page.steps.flatMap((step, i) => (step.node === key ? [i] : []));
    const same = of.filter((i) => (page.steps[i].phase === "forward") === forward);
    const taking = page.steps.findIndex((step) =>
      (step.phase === "forward") === forward && step.parents.includes(key));  // of a leaf
    return [...same, ...of, taking][0];
  }

  function go(to) {
    pause();
    const { questions = [] } = page.steps[to] ?? {};
    if (!predict.checked || to !== now + 1 || !questions.length) return show(to);
    ask(panel, questions, () => {
      show(to);
      next.focus();
    });
  }

  back.addEventListener("click", () => go(now - 1));
  next.addEventListener("click", () => go(now + 1));
  play.addEventListener("click", toggle);
  slider.addEventListener("input", () => go(Number(slider.value)));
  speed.addEventListener("change", () => { if (timer !== null) start(); });
  picture.addEventListener("click", (event) => {
    const group = event.target.closest("[data-node]");
    const to = group ? stepOf(Number(group.dataset.node)) : -1;
    if (to >= 0) go(to);
  });
  const onKey = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target === speed || event.target.closest?.(".question")) return;
    const targets = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last };
    if (event.key in targets && event.target !== slider) go(targets[event.key]);
    else if (event.key === "p" || event.key === "P") toggle();
    else return;
    event.preventDefault();
    event.stopPropagation();  // a notebook has meanings of its own for these keys
  };
  const listener = wholePage ? document : root;
  listener.addEventListener("keydown", onKey);
  show(position);
  seen.whenShown(() => show(now, false));
  return {
    show: (to) => { if (to !== now) { pause(); show(to, false); } },
    unmount: () => {
      pause();
      seen.unmount();
      removeEventListener("resize", bound);
      listener.removeEventListener("keydown", onKey);
    },
  };
}

export function mountAll() {
  for (const root of document.querySelectorAll(".glassgrad-stepper:not([data-live])")) {
    const page = JSON.parse(root.querySelector("script").textContent);
    mount(root, page, { wholePage: "wholePage" in root.dataset });
  }
}

function render({ model, el }) {
  const root = document.createElement("section");
  el.append(root);
  const stepper = mount(root, model.get("page"), {
    position: model.get("position"),
    moved: (to) => {
      if (to === model.get("position")) return;
      model.set("position", to);
      model.save_changes();
    },
  });
  const follow = () => stepper.show(model.get("position"));
  model.on("change:position", follow);
  return () => {
    model.off("change:position", follow);
    stepper.unmount();
  };
}

export default { render };
