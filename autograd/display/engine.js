// The engine: a graph computed forward and backward in doubles, behind python.js and rules.js.
//
// A graph has slots for numbers, first those of its nodes in topological order, then those of the
// literals. `ops` are the names of the nodes' rows, null for leaves; `operands` are slots. A node
// whose row JavaScript cannot say is in `held`: it keeps its number, and the partials given there.
// `fixed` are literals that are not to be moved: the condition of a choice, a count of digits.

export function engine({ names, numbers, ops, operands, held, fixed, comparisons, root }) {
  const count = ops.length;
  const made = numbers.map(Number);  // JSON writes inf and nan as text
  const now = Float64Array.from(made);
  const slots = new Map(names.map((name, slot) => [name, slot]));
  const rules = ops.map((op, i) => (op === null || i in held ? null : RULES[op]));
  const partials = operands.map((_, i) => (held[i] ?? []).map(Number));
  const adjoints = new Float64Array(names.length);
  const stale = new Uint8Array(names.length);
  let known = false;

  const unmoved = new Set(fixed);
  const free = (slot) => (slot >= count || ops[slot] === null) && !unmoved.has(slot);

  function forward(slopes = true) {
    for (let i = 0; i < count; i += 1) {
      if (ops[i] === null) continue;
      const rule = rules[i];
      const inputs = operands[i];
      stale[i] = inputs.some((slot) => stale[slot] || (!rule && !Object.is(now[slot], made[slot])))
        ? 1 : 0;
      if (!rule) continue;
      const xs = inputs.map((slot) => now[slot]);
      now[i] = rule.many ? rule.value(xs) : rule.value(...xs);
      if (!slopes) continue;
      partials[i] = rule.many ? rule.partials(now[i], xs) : rule.partials(now[i], ...xs);
    }
  }

  function backward() {
    adjoints.fill(0);
    adjoints[root] = 1;
    for (let i = root; i >= 0; i -= 1) {
      const reached = reaches[i];
      if (!reached || ops[i] === null) continue;
      const inputs = operands[i];
      for (let k = 0; k < inputs.length; k += 1) {
        const slot = inputs[k];
        if (slot < count) adjoints[slot] += partials[i][k] * adjoints[i];
      }
    }
  }

  // What the root was computed from: 0 * inf elsewhere would make a nan of nothing.
  const reaches = new Uint8Array(count);
  reaches[root] = 1;
  for (let i = root; i >= 0; i -= 1) {
    if (reaches[i]) operands[i].forEach((slot) => { if (slot < count) reaches[slot] = 1; });
  }

  function compute() {
    if (known) return;
    forward();
    backward();
    known = true;
  }

  // Give a leaf or a literal another number.
  function set(name, value) {
    const slot = slots.get(name);
    if (slot === undefined) throw new RangeError(`nothing is called ${JSON.stringify(name)} here`);
    if (!free(slot)) throw new RangeError(`${name} is computed: set a leaf or a literal`);
    if (typeof value !== "number") throw new TypeError(`${name} takes a number; got ${value}`);
    now[slot] = value;
    known = false;
  }

  // Let `act` ask for the root at other numbers of some slots, which stay as they are.
  function probe(chosen, act) {
    const before = chosen.map((slot) => now[slot]);
    const give = (xs) => chosen.forEach((slot, i) => { now[slot] = xs[i]; });
    act((xs) => {
      give(xs);
      forward(false);
      return now[root];
    });
    give(before);
    known = false;
  }

  const named = (array) => {
    compute();
    return Object.fromEntries(names.slice(0, count).map((name, slot) => [name, array[slot]]));
  };

  const meets = {
    ">": (x, y) => x > y, "<": (x, y) => x < y, ">=": (x, y) => x >= y, "<=": (x, y) => x <= y,
    "==": (x, y) => x === y, "!=": (x, y) => x !== y, bool: (x) => x !== 0,
  };

  return {
    set,
    values: () => named(now),
    gradients: () => named(adjoints),
    // The comparisons of the program that made the graph which would be answered otherwise now.
    branches: () => {
      compute();
      return comparisons.filter(({ sign, x, y, answer }) =>
        meets[sign](now[x], now[y]) !== answer);
    },
    compute, probe, names, ops, operands, held, root, count, now, made, adjoints, partials, stale,
    free,
  };
}
