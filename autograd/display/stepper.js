// The stepper: one module for the page that stands alone and for the notebook widget.

const PLAY_MILLISECONDS = 1200;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

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
  const slider = element("input", { type: "range", min: 0, max: last, "aria-label": "Step" });
  const place = element("span", { class: "place" });
  const panel = element("div", { class: "panel", role: "status", "aria-live": "polite",
                                 "aria-atomic": "true" });
  const source = element("p", { class: "source" });
  const picture = element("div", { class: "picture", tabindex: 0, role: "group",
                                   "aria-label": "The graph" });
  picture.innerHTML = page.svg;  // made by the library, which has escaped every label in it
  const keys = "Keys: left and right arrow, Home, End, P to play";
  root.classList.add("glassgrad-stepper");
  root.replaceChildren(
    element("h2", {}, page.title),
    element("div", { class: "controls", role: "group", "aria-label": keys, title: keys },
            back, next, play, slider, place),
    panel, source, picture, element("p", { class: "note" }, page.note),
  );

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
      if (rows.has(name)) rows.get(name).textContent = text;
    }
    picture.querySelectorAll(".now, .given, .used").forEach((one) =>
      one.classList.remove("now", "given", "used"));
    groups.get(step.node)?.classList.add("now");  // none where it is not drawn
    step.parents.forEach((key) => groups.get(key).classList.add("given"));
    step.edges.forEach((key) => edges.get(key).classList.add("used"));
    panel.replaceChildren(...step.lines.map((line, i) =>
      element(i ? "code" : "strong", { class: line.includes("+=") ? "sum" : "" }, line.trim())));
    source.replaceChildren();
    if (step.source.length) {
      const [before, own, after, where] = step.source;
      source.append(element("code", {}, before, element("mark", {}, own), after), ` (${where})`);
    }
    slider.value = now;
    slider.setAttribute("aria-valuetext", `Step ${now + 1} of ${last + 1}, ${step.lines[0]}`);
    place.textContent = `${now + 1} of ${last + 1}, ${step.phase}`;
    back.disabled = now === 0;
    next.disabled = now === last;
    const given = groups.get(step.node) ?? groups.get(step.parents[0]) ?? picture;
    const group = given.getBoundingClientRect();
    const view = picture.getBoundingClientRect();
    if (group.left < view.left || group.right > view.right) {
      picture.scrollLeft += group.left - view.left - (view.width - group.width) / 2;
    }
    if (group.top < view.top || group.bottom > view.bottom) {
      picture.scrollTop += group.top - view.top - (view.height - group.height) / 2;
    }
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
    timer = setInterval(() => {
      if (now === last || !root.isConnected) pause();
      else show(now + 1);
    }, PLAY_MILLISECONDS);
  }

  function go(to) {
    pause();
    show(to);
  }

  back.addEventListener("click", () => go(now - 1));
  next.addEventListener("click", () => go(now + 1));
  play.addEventListener("click", toggle);
  slider.addEventListener("input", () => go(Number(slider.value)));
  const onKey = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
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
  return {
    show: (to) => { if (to !== now) { pause(); show(to, false); } },
    unmount: () => { pause(); listener.removeEventListener("keydown", onKey); },
  };
}

export function mountAll() {
  for (const root of document.querySelectorAll(".glassgrad-stepper")) {
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
