// Telling: what a node is and why its gradient is what it is, in words, behind why.js.

const WAY = 7;  // nodes of a path that are named
const SPELLED = 4;  // factors of a product that are spelled out

export function teller(page, machine, graph) {
  const { names, ops, operands, count, now } = machine;

  // A node as a formula of names, or of the numbers that its operands have now.
  const template = (i, write) => page.formulas[page.formula[i]].replace(
    /([(,] ?)?\ue000(\d+)\ue001(?=([),])?)/g, (_, before = "", k, after) =>
      before + write(operands[i][Number(k)], before && after));
  const named = (slot) => (slot < count ? names[slot] : shown(now[slot]));
  const numbered = (slot, alone) =>
    (now[slot] < 0 && !alone ? `(${shown(now[slot])})` : shown(now[slot]));

  function said(i) {
    const [first] = operands[i];
    if (ops[i] === null) return `${names[i]} = ${shown(now[i])}`;
    if (operands[i].length === 1) return `${page.signs[i]} at ${shown(now[first])}`;
    return `${names[i]} = ${template(i, numbered)}`;
  }

  const formulas = (i) => (ops[i] === null ? [] : [template(i, named), template(i, numbered)]);
  const value = (i) => [names[i], ...new Set(formulas(i)), shown(now[i])].join(" = ");
  const slope = (i) => [machine.root, i].map((slot) =>
    (/^\w+$/.test(names[slot]) ? `d${names[slot]}` : `d(${names[slot]})`)).join("/");

  function path({ nodes, partials, product }) {
    const some = nodes.length > WAY ? [...nodes.slice(0, 4), null, ...nodes.slice(-2)] : nodes;
    const way = some.map((x) => (x === null ? "..." : names[x])).join(" \u2192 ");
    const factors = partials.length > 1 && partials.length <= SPELLED
      ? `${partials.map(shown).join(" * ")} = ` : "";
    return `${way}: ${factors}${shown(product)}`;
  }

  // The lines about a node, and what they are about.
  return (i) => {
    const answer = why(machine, graph, i);
    const code = (text, of = "") => element("code", { class: of }, text);
    const lines = [element("strong", {}, value(i)),
                   code(`${slope(i)} = ${equation(answer)}`, "sum")];
    if (i !== machine.root) lines.push(...answer.paths.map((way) => code(path(way))));
    if (answer.more > 0) {
      lines.push(code(`and ${answer.more.toLocaleString("en")} more paths: ${shown(answer.rest)}`));
    }
    const told = reasons(machine, graph, i, answer, said);
    lines.push(...told.map((reason) => element("em", {}, reason)));
    if (page.source[i] !== -1) lines.push(code(page.sources[page.source[i]], "source"));
    const nodes = new Set([i]);
    answer.lit.forEach((e) => nodes.add(graph.edges[e].target).add(graph.edges[e].source));
    return { lines, nodes, edges: answer.lit };
  };
}
