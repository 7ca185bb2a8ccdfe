// The engine: a graph computed forward and backward in doubles, behind python.js and rules.js.
//
// A graph has slots for numbers, first those of its nodes in topological order, then those of the
// literals. `ops` are the names of the nodes' rows, null for leaves; `operands` are slots. A node
// whose row JavaScript cannot say is in `held`: it keeps its number, and the partials given there.
// `fixed` are literals that are not to be moved: the condition of a choice, a count of digits.
//
// A node may stand for several numbers, those of the nodes in `outputs` behind it, each by its
// index. Its adjoint is a vector then, its partials a matrix, of which there are the products; one
// that is held has the rows of the matrix, by index. Those in `least` have the other sign.

export function engine({
  names, numbers, ops, operands, held, outputs, least, fixed, comparisons, root,
}) {
  const count = ops.length;
  const made = numbers.map(Number);  // JSON writes inf and nan as text
  const now = Float64Array.from(made);
  const slots = new Map(names.map((name, slot) => [name, slot]));
  const rules = ops.map((op, i) => (op === null || i in held || i in outputs ? null : RULES[op]));
  const joints = new Map(
    Object.keys(outputs).map((i) => [operands[i][0], { rows: new Map(), adjoint: new Map() }]));
  const partials = operands.map((_, i) =>
    (i in outputs ? [1] : joints.has(i) ? [] : (held[i] ?? []).map(Number)));
  const adjoints = new Float64Array(names.length);
  const stale = new Uint8Array(names.length);
  const lower = new Set(least);
  let known = false;

  const unmoved = new Set(fixed);
  const free = (slot) => (slot >= count || ops[slot] === null) && !unmoved.has(slot);

  function forward(slopes = true) {
    for (let i = 0; i < count; i += 1) {
      if (ops[i] === null) continue;
      const rule = rules[i];
      const inputs = operands[i];
      const keeps = !rule && !(i in outputs);
      stale[i] = inputs.some((slot) => stale[slot] || (keeps && !Object.is(now[slot], made[slot])))
        ? 1 : 0;
      if (i in outputs) now[i] = joints.get(inputs[0]).numbers?.[outputs[i]] ?? made[i];
      if (!rule) continue;
      const xs = inputs.map((slot) => now[slot]);
      now[i] = rule.many ? rule.value(xs) : rule.value(...xs);
      if (rule.outputs) {
        Object.assign(joints.get(i), { xs, numbers: rule.outputs(xs), rows: new Map() });
        if (lower.has(i)) now[i] = -now[i];
      } else if (slopes) {
        partials[i] = rule.many ? rule.partials(now[i], xs) : rule.partials(now[i], ...xs);
      }
    }
  }

  // Of a node of several outputs, for each operand the product of its column with a vector.
  function product(i, vector) {
    if (rules[i]) return rules[i].product(joints.get(i).xs, vector);
    const rows = [...vector].map(([index, x]) => held[i][index].map((slope) => x * Number(slope)));
    return operands[i].map((_, k) => rows.reduce((sum, row) => sum + row[k], 0));
  }

  // The partials of one output of several by the operands.
  function row(i, index) {
    const { rows } = joints.get(i);
    if (!rows.has(index)) rows.set(index, product(i, new Map([[index, 1]])));
    return rows.get(index);
  }

  // Whether no number goes through a node, whatever comes; of a matrix, whether none of a vector
  // does whose direction is none that a function would know.
  function passes(i) {
    if (!joints.has(i)) return partials[i].some((x, k) => x !== 0 && operands[i][k] < count);
    const indices = [...(rules[i] ? operands[i].keys() : Object.keys(held[i]))];
    const vector = new Map(indices.map((index) => [index, Math.sin(Number(index) + 1)]));
    return product(i, vector).some((x) => x !== 0);
  }

  function backward() {
    adjoints.fill(0);
    adjoints[root] = 1;
    joints.forEach((joint) => Object.assign(joint, { adjoint: new Map(), given: null }));
    for (let i = root; i >= 0; i -= 1) {
      const reached = reaches[i];
      if (!reached || ops[i] === null) continue;
      const inputs = operands[i];
      const joint = joints.get(i);
      if (joint) joint.given = product(i, joint.adjoint);
      if (i in outputs) {
        const { adjoint } = joints.get(inputs[0]);
        adjoint.set(outputs[i], (adjoint.get(outputs[i]) ?? 0) + adjoints[i]);
      }
      for (let k = 0; k < inputs.length; k += 1) {
        const slot = inputs[k];
        if (slot < count) adjoints[slot] += joint ? joint.given[k] : partials[i][k] * adjoints[i];
      }
    }
  }

  // What goes back from a node by one of its operands.
  function flow(i, k) {
    const joint = joints.get(i);
    if (joint) return joint.given?.[k] ?? 0;
    return adjoints[i] === 0 ? 0 : partials[i][k] * adjoints[i];
  }

  // The gradient of the root by a node, of several outputs a list.
  function gradient(i) {
    const joint = joints.get(i);
    if (!joint) return adjoints[i];
    const length = joint.numbers?.length ?? 1 + Math.max(...Object.keys(held[i]));
    return Array.from({ length }, (_, index) => joint.adjoint.get(index) ?? 0);
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

  const named = (what) => {
    compute();
    return Object.fromEntries(names.slice(0, count).map((name, slot) => [name, what(slot)]));
  };

  const meets = {
    ">": (x, y) => x > y, "<": (x, y) => x < y, ">=": (x, y) => x >= y, "<=": (x, y) => x <= y,
    "==": (x, y) => x === y, "!=": (x, y) => x !== y, bool: (x) => x !== 0,
  };

  return {
    set,
    values: () => named((i) => now[i]),
    gradients: () => named(gradient),
    // The comparisons of the program that made the graph which would be answered otherwise now.
    branches: () => {
      compute();
      return comparisons.filter(({ sign, x, y, answer }) =>
        meets[sign](now[x], now[y]) !== answer);
    },
    compute, probe, names, ops, operands, held, root, count, now, made, adjoints, partials, stale,
    free, joints, outputs, row, passes, flow, gradient,
  };
}
