// Controls: the leaves and literals of an engine, each with a slider and a field.

const LISTED = 12;  // numbers that have a control at once
const FAR = 2;  // how far a slider goes to each side, in sizes of its number

// A slider and a number field for a leaf or a literal.
export function control(machine, slot, moved) {
  const name = machine.names[slot];
  const label = element("label", { title: name }, name);
  const field = element("input", { type: "number", step: "any", "aria-label": name });
  const slider = element("input", { type: "range", step: "any", "aria-label": `${name}, slider` });
  const slope = element("output", { class: "slope" });
  let held = null;  // what a reader is dragging or typing in, which nothing else writes to
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
  for (const input of [slider, field]) {
    input.addEventListener("input", () => { held = input; });
    for (const end of ["change", "blur"]) input.addEventListener(end, () => { held = null; });
  }
  slider.addEventListener("input", () => take(slider.value, slider));
  slider.addEventListener("change", center);
  field.addEventListener("change", () => take(field.value, field));
  const row = element("div", { class: "control" }, label, slider, field, slope);
  const refresh = () => {
    const x = machine.now[slot];
    const as = field.value === "" ? NaN : Number(field.value);  // with more digits, maybe
    if (held !== field && as !== x) field.value = Number(x.toPrecision(6));
    if (held !== slider) center();
    slope.textContent = slot < machine.count ? `grad ${shown(machine.adjoints[slot])}` : "literal";
  };
  refresh();
  return { row, refresh, slot };
}

// The list of all numbers that are free, of which those are shown whose names fit.
export function controlled(machine, free, moved) {
  const list = element("div", { class: "controls" });
  const others = element("p", { class: "glassgrad-note" });
  const details = element("details", { class: "numbers" },
                          element("summary", {}, "Leaves and literals"), list, others);
  let shownNow = [];
  details.open = free.length <= LISTED;
  return {
    details,
    refresh: () => shownNow.forEach((one) => one.refresh()),
    fill: (wanted, elsewhere) => {
      const above = new Set(elsewhere.map(({ slot }) => slot));
      const rest = free.filter((slot) => !above.has(slot));
      const fits = (slot) => machine.names[slot].toLowerCase().includes(wanted);
      const some = wanted ? rest.filter(fits) : rest;
      const from = some.length ? some : rest;
      shownNow = from.slice(0, LISTED).map((slot) => control(machine, slot, moved));
      list.replaceChildren(...shownNow.map(({ row }) => row));
      const left = from.length - shownNow.length;
      others.textContent = left > 0 ? `and ${left.toLocaleString("en")} more: search by name` : "";
    },
  };
}
