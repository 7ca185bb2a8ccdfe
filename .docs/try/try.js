// The page on which an expression is tried. Python runs in a worker, and answers one question at a
// time; what was typed meanwhile is asked next. The address holds the expression, its numbers and
// what is shown, so that it can be sent to somebody.
const at = (id) => document.getElementById(id);
const [text, numbers, answer, error, state] = ["text", "numbers", "answer", "error", "state"].map(at);
const FIRST = { w: "0.5", x: "2", b: "1" };
const WAIT = 250; // milliseconds after the last key
const BY_HAND = "A function runs when you press Compute.";
const LONG = 1000; // milliseconds after which an answer may be given up

let worker;
let given = { ...FIRST };
let show = "explore";
let ready = false;
let busy = false;
let waits = false;
let timer = 0;
let long = 0;

function start() {
  worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  worker.onmessage = told;
}

// A function is run when its visitor asks for it, never by an address or by a key.
const isFunction = () => /^\s*(def|from|import|@)\b/m.test(text.value);

function ask() {
  clearTimeout(timer);
  if (!ready || busy) {
    waits = true;
    return;
  }
  busy = true;
  waits = false;
  long = setTimeout(() => {
    state.textContent = "Python computes.";
    at("stop").hidden = false;
  }, LONG);
  worker.postMessage({ text: text.value, numbers: { ...given }, show });
}

function changed() {
  clearTimeout(timer);
  if (isFunction()) {
    waits = false;
    state.textContent = BY_HAND;
  } else {
    timer = setTimeout(ask, WAIT);
  }
}

function answered() {
  clearTimeout(long);
  at("stop").hidden = true;
  busy = false;
}

// What never ends, as a loop may, ends with the Python that runs it; another one is started.
function stop() {
  worker.terminate();
  answered();
  ready = waits = false;
  error.textContent = "It was stopped before it had an answer.";
  state.textContent = "Python is started again.";
  start();
}

function told({ data }) {
  if (data.ready) {
    ready = true;
    state.textContent = isFunction() ? BY_HAND : "Ready. Nothing more is fetched.";
    if (waits) ask();
    return;
  }
  if (data.failed) {
    state.textContent = "Python could not be started here.";
    error.textContent = data.failed;
    return;
  }
  answered();
  error.textContent = data.error ?? "";
  if (data.names) fields(data.names, data.gradients);
  state.textContent = "Ready. Nothing more is fetched.";
  if (!data.error) {
    answer.textContent = data.value;
    put(data.page);
    history.replaceState(null, "", `#${address()}`);
  }
  if (waits) ask();
}

// A frame of its own for each page: one that went from page to page would fill the history, so that
// Back did not lead back.
function put(html) {
  const frame = at("page").cloneNode();
  frame.removeAttribute("src");
  frame.srcdoc = html;
  at("page").replaceWith(frame);
}

// One field for each variable; those that stay keep their element, and so the caret.
function fields(names, gradients) {
  for (const name of names) given[name] ??= "1";
  const rows = names.map((name) => numbers.querySelector(`input[name="${CSS.escape(name)}"]`) ?? field(name));
  const kept = rows.every((input, i) => numbers.children[3 * i + 1] === input);
  if (!kept || numbers.children.length !== 3 * names.length) {
    numbers.replaceChildren(...names.flatMap((name, i) => {
      const label = document.createElement("label");
      label.htmlFor = rows[i].id;
      label.textContent = name;
      return [label, rows[i], document.createElement("span")];
    }));
  }
  rows.forEach((input, i) => {
    const slope = gradients?.[i];
    input.nextElementSibling.textContent = slope === undefined ? "" : `grad ${slope}`;
  });
}

function field(name) {
  const input = document.createElement("input");
  Object.assign(input, { name, id: `number-${name}`, inputMode: "decimal", value: given[name] });
  input.addEventListener("input", () => {
    given[name] = input.value;
    changed();
  });
  return input;
}

function address() {
  const names = [...numbers.querySelectorAll("input")].map((input) => input.name);
  return new URLSearchParams([["text", text.value], ["show", show], ...names.map((name) => [`at.${name}`, given[name]])]);
}

function read() {
  const parts = new URLSearchParams(location.hash.slice(1));
  if (!parts.get("text")) return false;
  text.value = parts.get("text");
  given = Object.fromEntries([...parts].filter(([key]) => key.startsWith("at.")).map(([key, x]) => [key.slice(3), x]));
  for (const input of numbers.querySelectorAll("input")) input.value = given[input.name] ?? "1";
  choose(parts.get("show"));
  return true;
}

function choose(name) {
  const tabs = [...at("tabs").children];
  const chosen = tabs.find((tab) => tab.dataset.show === name) ?? tabs[0];
  show = chosen.dataset.show;
  for (const tab of tabs) {
    tab.setAttribute("aria-selected", String(tab === chosen));
    tab.tabIndex = tab === chosen ? 0 : -1;
  }
  return chosen;
}

at("tabs").addEventListener("click", ({ target }) => {
  if (target.dataset.show) {
    choose(target.dataset.show);
    ask();
  }
});
at("tabs").addEventListener("keydown", ({ key }) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (step) {
    const tabs = [...at("tabs").children];
    const place = tabs.findIndex((tab) => tab.dataset.show === show);
    choose(tabs.at((place + step) % tabs.length).dataset.show).focus();
    ask();
  }
});
text.addEventListener("input", changed);
at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
at("stop").addEventListener("click", stop);
at("share").addEventListener("click", async () => {
  history.replaceState(null, "", `#${address()}`);
  try {
    await navigator.clipboard.writeText(location.href);
    state.textContent = "The address is copied.";
  } catch {
    state.textContent = "The address above holds what you see.";
  }
});
addEventListener("hashchange", () => {
  if (read()) changed();
});

if (!read()) fields(["w", "x", "b"]);
waits = !isFunction();
addEventListener("load", start, { once: true }); // the example, in its frame, comes first
