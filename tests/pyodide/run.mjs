// Run check.py in Pyodide, the CPython that browsers run, with the repository's packages mounted.
import { readFileSync } from "node:fs";
import { loadPyodide } from "pyodide";

const here = new URL(".", import.meta.url);
const python = await loadPyodide({ env: { PYTHONDONTWRITEBYTECODE: "1" } });
python.mountNodeFS("/glassgrad", new URL("../..", here).pathname);
python.setStdout({ batched: (line) => console.log(line) });
try {
  python.runPython(readFileSync(new URL("check.py", here), "utf8"));
} catch (error) {
  // Only the message: a fatal error would print the whole of Pyodide's source with it.
  console.error(String(error.message).slice(-2000));
  process.exit(1);
}
