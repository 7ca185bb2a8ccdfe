// Compile what some code imports, by the very Python that will run it: of Pyodide's library into
// its archive, of all wheels beside it into one more: node bytecode.mjs FOLDER WHEEL CODE
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, wheel, starting] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const python = await loadPyodide({ indexURL: `${folder}/` });
const lock = JSON.parse(readFileSync(`${folder}/pyodide-lock.json`, "utf8"));
await python.loadPackage(Object.keys(lock.packages), { messageCallback: () => {} });
python.runPython(starting);
const library = `${folder}/python_stdlib.zip`;
python.FS.writeFile("/library", readFileSync(library));
python.runPython(`
import os, py_compile, sys, zipfile

archive = next(path for path in sys.path if path.endswith(".zip"))
site = next(path for path in sys.path if path.endswith("site-packages"))
modules = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
paths = dict.fromkeys(path for path in modules if path.endswith(".py"))


def compiled(path, shown):
    # Files have the time of their unpacking, which is no sign of a change.
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    return py_compile.compile(path, dfile=shown, doraise=True, invalidation_mode=mode)


with zipfile.ZipFile("/library", "a", zipfile.ZIP_DEFLATED) as file:
    for path in paths:
        if path.startswith(archive):
            name = path.removeprefix(archive + "/")
            file.write(compiled(file.extract(name, "/extracted"), path), name + "c")
with zipfile.ZipFile("/compiled", "w", zipfile.ZIP_DEFLATED) as file:
    for path in paths:
        if path.startswith(site):
            made = compiled(path, path)
            file.write(made, made.removeprefix(site + "/"))
`);
writeFileSync(library, python.FS.readFile("/library"));
writeFileSync(wheel, python.FS.readFile("/compiled"));
