// Python, away from the page, so that a long computation does not freeze it.
import { loadPyodide } from "./pyodide/pyodide.mjs";

let answer;

async function start() {
  const python = await loadPyodide({
    indexURL: new URL("pyodide/", import.meta.url).href, packages: ["trying", "bytecode"],
  });
  answer = python.pyimport("trying").answer;
  // What the first answer imports is there before it is asked for.
  answer("x", JSON.stringify({ x: "1" }), "explore");
}

const told = (reason) => String(reason?.message ?? reason).trim().slice(-300);

onmessage = ({ data }) => {
  try {
    postMessage(JSON.parse(answer(data.text, JSON.stringify(data.numbers), data.show)));
  } catch (reason) { // Python itself came to an end, as where its stack does
    postMessage({ error: told(reason) });
  }
};

start().then(
  () => postMessage({ ready: true }),
  (reason) => postMessage({ failed: told(reason) }),
);
