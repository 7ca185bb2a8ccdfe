// Compile what a kernel imports as it starts, by the very Python that will run it, into one wheel:
// node bytecode.mjs FOLDER_OF_PYODIDE WHEEL
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, wheel] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const python = await loadPyodide({ indexURL: `${folder}/` });
const lock = JSON.parse(readFileSync(`${folder}/pyodide-lock.json`, "utf8"));
await python.loadPackage(Object.keys(lock.packages), { messageCallback: () => {} });
python.runPython(`
import os, py_compile, sys, zipfile
import piplite.piplite, pyodide_kernel
from autograd import Value, draw, explore, step

step(Value(1.0).exp())._repr_mimebundle_()
site = os.path.dirname(os.path.dirname(piplite.__file__))
with zipfile.ZipFile("/compiled", "w", zipfile.ZIP_DEFLATED) as file:
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None) or ""
        if path.startswith(site) and path.endswith(".py"):
            # Files have the time of their unpacking, which is no sign of a change.
            mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
            compiled = py_compile.compile(path, doraise=True, invalidation_mode=mode)
            file.write(compiled, compiled.removeprefix(site + "/"))
    facts = "Metadata-Version: 2.1\\nName: bytecode\\nVersion: 0\\n"
    file.writestr("bytecode-0.dist-info/METADATA", facts)
`);
writeFileSync(wheel, python.FS.readFile("/compiled"));
