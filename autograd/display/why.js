// Why: the paths from a node to the root, the products along them, and what stops them.

const MOST_PATHS = 6;
const LISTED_OUTPUTS = 8;
const TRIED = 20_000;  // beginnings of paths that are looked at for the largest

// 4 significant digits, as the library's drawings have them.
export function shown(x) {
  if (Array.isArray(x)) return `${x.length} numbers`;
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  return Object.is(x, -0) ? "-0" : String(Number(x.toPrecision(4)));
}

// A local partial; by and of a node of several outputs it is a unit vector, or a column.
export function slopeOf({ partials, joints, outputs }, i, k) {
  if (joints.has(i)) return `J e${k}`;
  return i in outputs ? `e${outputs[i]}` : shown(partials[i][k]);
}

// The edges of an engine: from an operand that is a node, as which operand, to which node.
export function edgesOf({ operands, count }) {
  const edges = [];
  const entering = [];
  const leaving = Array.from({ length: count }, () => []);
  operands.forEach((slots, target) => {
    const own = [];
    slots.forEach((source, k) => {
      if (source >= count) return;
      own.push(edges.length);
      leaving[source].push(edges.length);
      edges.push({ source, target, k });
    });
    entering.push(own);
  });
  return { edges, entering, leaving };
}

// How large a path through a node of several outputs is at most from there on, by its operands.
function steepest(engine, { edges, leaving }, i, best) {
  const sizes = engine.operands[i].map(() => 0);
  for (const e of leaving[i]) {
    const { target } = edges[e];
    if (best[target] === 0) continue;
    engine.row(i, engine.outputs[target]).forEach((slope, k) => {
      sizes[k] = Math.max(sizes[k], Math.abs(slope) * best[target] || 0);
    });
  }
  return sizes.map((size) => size / best[i]);  // best[i] is that of the largest
}

// What lies between a node and the root: the edges, how many paths, and how large one is at most.
function between(engine, graph, from) {
  const { edges, entering } = graph;
  const down = new Uint8Array(engine.count);
  down[from] = 1;
  for (let i = from + 1; i <= engine.root; i += 1) {
    if (entering[i].some((e) => down[edges[e].source])) down[i] = 1;
  }
  const ways = new Float64Array(engine.count);
  const best = new Float64Array(engine.count);
  const found = [];
  ways[engine.root] = best[engine.root] = 1;
  for (let i = engine.root; i > from; i -= 1) {
    if (!down[i] || !ways[i]) continue;
    const slopes = engine.joints.has(i) ? steepest(engine, graph, i, best) : engine.partials[i];
    for (const e of entering[i]) {
      const { source, k } = edges[e];
      if (!down[source]) continue;
      ways[source] += ways[i];
      best[source] = Math.max(best[source], Math.abs(slopes[k]) * best[i] || 0);
      found.push(e);
    }
  }
  return { found, ways, best };
}

// The paths of the largest products, the largest first, and what all others add up to.
export function why(engine, graph, from) {
  const { edges, leaving } = graph;
  const { found, ways, best } = between(engine, graph, from);
  const lit = new Set(found);
  const paths = [];
  const open = [{ at: from, product: 1, partials: [], nodes: [from], most: best[from] }];
  for (let tried = 0; open.length && paths.length < MOST_PATHS && tried < TRIED; tried += 1) {
    let next = 0;
    for (let i = 1; i < open.length; i += 1) if (open[i].most > open[next].most) next = i;
    const [path] = open.splice(next, 1);
    if (path.at === engine.root) {
      paths.push(path);
      continue;
    }
    const go = (nodes, partial) => {
      const at = nodes.at(-1);
      const product = path.product * partial;
      const partials = [...path.partials, partial, ...nodes.slice(1).map(() => 1)];
      open.push({ at, product, partials, nodes: [...path.nodes, ...nodes],
                  most: Math.abs(product) * best[at] || 0 });
    };
    for (const e of leaving[path.at]) {
      if (!lit.has(e)) continue;
      const { target, k } = edges[e];
      if (!engine.joints.has(target)) {
        go([target], engine.partials[target][k]);
        continue;
      }
      for (const out of leaving[target].filter((one) => lit.has(one))) {  // each of the outputs
        const output = edges[out].target;
        go([target, output], engine.row(target, engine.outputs[output])[k]);
      }
    }
  }
  if (engine.joints.has(from)) return { paths: [], more: 0, lit, vector: engine.gradient(from) };
  const total = engine.adjoints[from];
  const left = paths.reduce((sum, path) => sum - path.product, total);
  const rest = Math.abs(left) < 1e-12 * Math.abs(total) ? 0 : left;  // what is left are roundings
  return { paths, more: ways[from] - paths.length, rest, total, lit, none: ways[from] === 0 };
}

// "3*1 + 3*1 + 1 = 7", with what is left out named.
export function equation({ paths, more, rest, total, none, vector }) {
  if (vector) return `(${vector.slice(0, LISTED_OUTPUTS).map(shown).join(", ")}`
    + `${vector.length > LISTED_OUTPUTS ? ", ..." : ""})`;
  if (none) return "no path leads to the root: 0";
  const enclosed = (x) => (x < 0 ? `(${shown(x)})` : shown(x));
  const product = ({ partials }) => {
    const factors = partials.length > 4 ? partials.filter((x) => x !== 1) : partials;
    const some = factors.map(enclosed);
    if (some.length > 6) some.splice(4, some.length - 5, "...");
    return some.join("*") || "1";
  };
  if (paths[0]?.nodes.length === 1) return "1";
  const terms = paths.map(product);
  if (more > 0) terms.push(`${shown(rest)} of ${more.toLocaleString("en")} more paths`);
  return `${terms.join(" + ")} = ${shown(total)}`;
}

// Why a gradient is 0, tiny, huge or nan, in sentences; `said` writes a node with its numbers.
export function reasons(engine, graph, from, { paths, lit, total, none, vector }, said) {
  const { edges } = graph;
  const told = [];
  if (isDead(engine, graph, from)) told.push(`dead: ${said(from)}, every local derivative is 0`);
  if (none || vector) return told;
  const slope = (e) => {
    const { target, k } = edges[e];
    if (!engine.joints.has(target)) return engine.partials[target][k];
    return Number.isFinite(engine.flow(target, k)) ? Number(engine.passes(target)) : NaN;
  };
  if (total === 0) {
    const stops = [...new Set([...lit].filter((e) => slope(e) === 0).map((e) => edges[e].target))];
    stops.sort((a, b) => a - b);
    told.push(...stops.slice(0, 3).map((i) => `nothing flows through ${said(i)}: slope 0`));
    if (!stops.length) told.push("the paths cancel");
  } else if (!Number.isFinite(total)) {
    const bad = [...lit].filter((e) => !Number.isFinite(slope(e))).map((e) => edges[e].target);
    told.push(...[...new Set(bad)].sort((a, b) => a - b).slice(0, 3)
      .map((i) => `${said(i)} has a local derivative that is not finite`));
  } else if (paths.length && (Math.abs(total) < 1e-6 || Math.abs(total) > 1e6)) {
    const [{ partials, nodes }] = paths;
    const size = (i) => Math.abs(Math.log(Math.abs(partials[i]) || Number.MIN_VALUE));
    const most = partials.map((_, i) => i).reduce((a, b) => (size(b) > size(a) ? b : a), 0);
    told.push(`${Math.abs(total) < 1 ? "vanishing" : "exploding"}: ${said(nodes[most + 1])} `
      + `has slope ${shown(partials[most])}`);
  }
  if (from in engine.held) {
    told.push(`held: the page has no ${engine.ops[from]}, and keeps its number`);
  }
  if (engine.stale[from]) told.push("stale: it hangs on a number that is held, and has moved");
  return told;
}

// A unit that lets nothing through, whatever comes.
export const isDead = (engine, { entering }, i) => entering[i].length > 0 && !engine.passes(i);
