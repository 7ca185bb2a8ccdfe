// Descent: leaves moved against their gradients, step by step, with the curve and a way back.

const CURVE = { width: 300, height: 90 };
const STEPS_A_SECOND = 20;

// The optimisers of nn.optim, by their usual settings: each changes numbers by their gradients.
export const OPTIMISERS = {
  SGD: (rate) => () => (g) => rate * g,
  "SGD with momentum 0.9": (rate) => () => {
    let speed = 0;
    return (g) => rate * (speed = 0.9 * speed + g);
  },
  RMSprop: (rate) => () => {
    let square = 0;
    return (g) => {
      square = 0.99 * square + 0.01 * g * g;
      return rate * g / (Math.sqrt(square) + 1e-8);
    };
  },
  Adam: (rate) => () => {
    let [mean, square, t] = [0, 0, 0];
    return (g) => {
      t += 1;
      mean = 0.9 * mean + 0.1 * g;
      square = 0.999 * square + 0.001 * g * g;
      return rate * (mean / (1 - 0.9 ** t)) / (Math.sqrt(square / (1 - 0.999 ** t)) + 1e-8);
    };
  },
};

// A descent of some slots of an engine. What an optimiser remembers is not taken back: a step
// back forgets it, as a step of another optimiser does.
export function descent(machine) {
  const done = [];
  let kept = { key: "", moves: new Map() };
  const losses = () => [...done.map(({ loss }) => loss), machine.now[machine.root]];
  return {
    done, losses,
    step: (slots, kind, rate) => {
      machine.compute();
      const key = JSON.stringify([kind, rate]);
      if (kept.key !== key) kept = { key, moves: new Map() };
      const xs = slots.map((slot) => machine.now[slot]);
      done.push({ slots, xs, loss: machine.now[machine.root] });
      const moved = slots.map((slot, i) => {
        if (!kept.moves.has(slot)) kept.moves.set(slot, OPTIMISERS[kind](rate)());
        return xs[i] - kept.moves.get(slot)(machine.adjoints[slot]);
      });
      slots.forEach((slot, i) => machine.set(machine.names[slot], moved[i]));
      machine.compute();
    },
    undo: () => {
      const last = done.pop();
      kept = { key: "", moves: new Map() };
      last?.slots.forEach((slot, i) => machine.set(machine.names[slot], last.xs[i]));
      machine.compute();
    },
  };
}

// The panel: what moves, how, and the curve of the root.
export function descending(host) {
  const { machine, leaves } = host;
  const course = descent(machine);
  const which = element("select", { multiple: "", size: Math.min(4, leaves.length),
                                    "aria-label": "Leaves that move" },
    ...leaves.map((slot) => element("option", { value: slot, selected: "" }, machine.names[slot])));
  const kind = element("select", { "aria-label": "Optimiser" },
    ...Object.keys(OPTIMISERS).map((name) => element("option", {}, name)));
  const rate = element("input", { type: "number", step: "any", min: 0, value: 0.1,
                                  "aria-label": "Learning rate" });
  const button = (text, act) => {
    const made = element("button", { type: "button" }, text);
    made.addEventListener("click", act);
    return made;
  };
  const said = element("p", { role: "status", "aria-live": "polite", class: "said" });
  const line = picture("path");
  const curve = picture("svg", { class: "curve", viewBox: `0 0 ${CURVE.width} ${CURVE.height}`,
                                 preserveAspectRatio: "none",
                                 role: "img" }, line);
  let timer = null;

  function draw() {
    const losses = course.losses().filter(Number.isFinite);
    const [low, high] = [Math.min(...losses), Math.max(...losses)];
    const across = (i) => CURVE.width * (losses.length > 1 ? i / (losses.length - 1) : 0);
    const up = (y) => CURVE.height * (0.95 - 0.9 * (high > low ? (y - low) / (high - low) : 0.5));
    line.setAttribute("d", losses.map((y, i) => `${i ? "L" : "M"}${across(i)} ${up(y)}`).join(""));
    const steps = course.done.length;
    const root = machine.names[machine.root];
    const [first, now] = [losses[0], machine.now[machine.root]].map(shown);
    curve.setAttribute("aria-label", `${root} over ${steps} steps, from ${first} to ${now}`);
    said.textContent = steps ? `step ${steps}: ${root} = ${now}, from ${first}`
      : `${root} = ${now}`;
    undo.setAttribute("aria-disabled", steps === 0);
  }

  function step() {
    const slots = [...which.selectedOptions].map(({ value }) => Number(value));
    course.step(slots, kind.value, Number(rate.value));
    host.moved();
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    run.textContent = "Run";
    said.setAttribute("aria-live", "polite");
  }

  const run = button("Run", () => {
    if (timer !== null) return pause();
    run.textContent = "Pause";
    said.setAttribute("aria-live", "off");  // twenty times a second is no speech
    timer = setInterval(() => {
      if (!run.isConnected || !Number.isFinite(machine.now[machine.root])) pause();
      else step();
    }, 1000 / STEPS_A_SECOND);
  });
  const undo = button("Undo", () => {
    pause();
    course.undo();
    host.moved();
  });
  host.whenChanged(draw);
  draw();
  return element("details", { class: "descent" }, element("summary", {}, "Descend"),
    element("div", { class: "row" }, which, element("div", {}, kind,
      element("label", {}, "rate ", rate))),
    element("div", { class: "row" }, button("Step", () => {
      pause();
      step();
    }), run, undo), said, curve);
}
