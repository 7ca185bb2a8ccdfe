"""Bugs planted in the engine in C, each of which some test of the suite has to notice.

A bug is a change of one place in one of the sources; the library that is compiled of it
serves the tests in a process of its own, where a crash and a hang are noticed too. A place that
has moved is an error here, not a bug that is noticed. ``python tests/mutation`` plants them all.
"""
# ruff: noqa: E501 -- a bug is read as one entry

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import compiling

BUGS = [  # name, what stands in the source, what stands there instead
    # -- life and death
    ("a node begins with the gradient of a dead one", "    v->grad_is = ZERO;\n    v->notes", "    v->notes"),
    ("a node begins with the notes of a dead one", "    v->notes = NULL;\n    v->shape = LEAF;", "    v->shape = LEAF;"),
    ("a leaf begins with the operands of a dead node", "    v->shape = LEAF;\n    v->marked", "    v->marked"),
    ("a node that lives again counts as tracked", "v->marked = v->tracked = 0;", "v->marked = 0;"),
    ("the second operand is never let go", "        Py_XDECREF(v->few.operands[1]);\n", ""),
    ("the first operand is never let go", "        Py_DECREF(v->few.operands[0]);\n", ""),
    ("the bias of a dot is never let go", "i < many->operand_count; i++)\n            Py_DECREF", "i < many->operand_count - 1; i++)\n            Py_DECREF"),
    ("the block of a dot is never freed", "        PyMem_Free(many);\n", ""),
    ("what Python built lets go of three of its four", "for (int i = 0; i < 4; i++)\n            Py_DECREF", "for (int i = 0; i < 3; i++)\n            Py_DECREF"),
    ("data is never let go", "        drop_slot(&v->data, &v->data_is);\n        drop_slot(&v->grad, &v->grad_is);\n        drop_graph(v);", "        drop_slot(&v->grad, &v->grad_is);\n        drop_graph(v);"),
    ("a chain is freed by recursion", "    if (freeing)\n        return;\n", ""),
    ("nothing is freed any more", "    freeing = 0;\n}", "}"),
    ("the memory of a subclass is taken for a place of a page", "        if (v->placed)\n", "        if (1)\n"),
    ("a place is taken for memory of Python's", "    v->placed = 1;\n", "    v->placed = 0;\n"),
    ("a dead place is given twice", "        page->dead = (Value *)v->notes;\n", "        ;\n"),
    ("a page is filled beyond its end", "    if (++page->living == PLACES)\n", "    if (++page->living == PLACES + 1)\n"),
    ("a page that was full is forgotten", "    if (page->living-- == PLACES)\n        list(page);\n", "    page->living--;\n"),
    ("a page that is empty goes on where it was", "    *page = (Page){.region = region}; ", "    page->region = region; "),
    ("a page that is empty is kept", "    if (!page->living && (page->next || page->previous))\n", "    if (0)\n"),
    ("a page leaves the list by one end only", "    if (page->next)\n        page->next->previous = page->previous;\n", ""),
    ("an empty page is given twice", "        region->empty = page->next;\n", "        ;\n"),
    ("a region is filled beyond its end", "region->used == region->room)", "region->used == region->room + 1)"),
    ("a region in use is given back", "    if (kept > MOST_KEPT && !region->living)\n", "    if (kept > MOST_KEPT || region->living < 2)\n"),
    ("no region is ever given back", "    if (kept > MOST_KEPT && !region->living)\n        free_region(region);\n", ""),
    ("tracemalloc is not told of pages that are taken", "    PyTraceMalloc_Track(DOMAIN_OF_VALUES, (uintptr_t)page, PAGE);\n", ""),
    ("tracemalloc is not told of pages that are given back", "    PyTraceMalloc_Untrack(DOMAIN_OF_VALUES, (uintptr_t)page);\n", ""),
    ("a class is never let go", "            PyObject_GC_Del(v);\n        Py_DECREF(type);", "            PyObject_GC_Del(v);"),
    ("a class is let go once too often", "            PyObject_GC_Del(v);\n        Py_DECREF(type);", "            PyObject_GC_Del(v);\n        Py_DECREF(type);\n        if (type != value_type)\n            Py_DECREF(type);"),
    ("notes are never let go", "    Py_CLEAR(v->notes);\n    v->notes = (PyObject *)dying;", "    v->notes = (PyObject *)dying;"),
    ("the library serves whoever comes", "PyBool_FromLong(owner == package)", "PyBool_FromLong(1)"),
    ("the class is made anew", "    if (value_type)\n        return PyErr_Format(PyExc_ImportError", "    if (value_type == (PyTypeObject *)base)\n        return PyErr_Format(PyExc_ImportError"),
    # -- the collector
    ("the collector does not see data", "        Py_VISIT(v->data.object);\n", "        ;\n"),
    ("the collector does not see the gradient", "        Py_VISIT(v->grad.object);\n", "        ;\n"),
    ("the collector does not see hooks", "    Py_VISIT(v->notes);\n", ""),
    ("the collector does not see the first operand", "        Py_VISIT(v->few.operands[0]);\n", ""),
    ("the collector does not see the second operand", "        Py_VISIT(v->few.operands[1]);\n", ""),
    ("the collector does not see operands of a dot", "            Py_VISIT(v->many->operands[i]);\n", "            ;\n"),
    ("the collector does not see what Python built", "        Py_VISIT(v->any.operands);\n        Py_VISIT(v->any.parents);\n        Py_VISIT(v->any.partials);\n", ""),
    ("the collector does not see rows of the user's", "        Py_VISIT(v->any.op);\n", ""),
    ("the collector does not see the class", "    Py_VISIT(Py_TYPE(self));\n", ""),
    ("a cycle by a gradient is not cut", "    drop_slot(&v->grad, &v->grad_is);\n    Py_CLEAR(v->notes);", "    Py_CLEAR(v->notes);"),
    ("a cycle by parents is not cut", "    if (v->shape == ANY)\n        drop_graph(v);\n    return 0;", "    return 0;"),
    ("a Value that gets an object is not tracked", "        if (PyObject_IS_GC(x))\n            track(v);\n", ""),
    ("a Value that gets hooks is not tracked", "    track((Value *)self);           /* hooks may hold anything */\n", ""),
    ("a Value whose graph is set is not tracked", "    track(v);\n    Py_SETREF((&v->any.operands)[which]", "    Py_SETREF((&v->any.operands)[which]"),
    ("the setter of a subclass is not called", "    if (is_exactly_value((PyObject *)v))\n        set_slot", "    if (1)\n        set_slot"),
    ("the ancestry is not tracked", "        track(order.items[i]);      /*", "        ;      /*"),
    ("full collections are not prepared", "if (which < 2 &&", "if (which < 3 &&"),
    # -- attributes
    ("data is swapped for the gradient", "const Slot *slot = is_grad ? &v->grad : &v->data;\n    uint8_t is", "const Slot *slot = is_grad ? &v->data : &v->grad;\n    uint8_t is"),
    ("every int is the int 0", "PyLong_CheckExact(x) && !PyObject_IsTrue(x)", "PyLong_CheckExact(x)"),
    ("what data was is never let go", "    Py_XDECREF(old);\n    return 0;", "    return 0;"),
    ("what data was is let go before it is replaced", "    if (refuses(x))\n        return -1;\n    if (PyFloat_CheckExact(x)) {", "    if (refuses(x))\n        return -1;\n    Py_XDECREF(old);\n    old = NULL;\n    if (PyFloat_CheckExact(x)) {"),
    ("data can be deleted", "    return !x;", "    return 0;"),
    ("partials of a literal's left", "tuple_of_floats(v->few.partials + (v->active == 2), n)", "tuple_of_floats(v->few.partials, n)"),
    ("parents of a literal's left", "*parents = v->few.operands + (v->active == 2);", "*parents = v->few.operands;"),
    ("a single operand that is two", "1 + (v->few.operands[1] != NULL)", "2"),
    ("the parents may be a list", "if (which == PARENTS && !PyTuple_Check(x))", "if (0)"),
    ("a node of Python's loses its operation", "if (!(held[i] = get_graph(self, (void *)i)))", "if (!(held[i] = i == OP ? Py_NewRef(Py_None) : get_graph(self, (void *)i)))"),
    ("a new Value is not noticed by nested transforms", "        && !PyDict_GET_SIZE(python.variables)\n        && float_of", "        && float_of"),
    ("a Value that cannot be initialised again loses its data", "PyTuple_GET_ITEM(args, 0), &x) == OF_LITERAL", "PyTuple_GET_ITEM(args, 0), &v->data.number) == OF_LITERAL && (x = v->data.number, 1)"),
    ("a Value that is initialised again keeps its gradient", "v->shape == LEAF && v->grad_is == ZERO;", "v->shape == LEAF;"),
    # -- modes
    ("no_grad is not seen", "    if (!remembers)\n        drop_graph(v);\n", ""),
    ("record is not seen", "    if (more || (!remembers", "    if ((!remembers"),
    ("a unary operation is not seen in blocks", "    v->active = 1;\n    v->shape = FEW;\n    return anything_open() ? in_modes(v) : (PyObject *)v;", "    v->active = 1;\n    v->shape = FEW;\n    return (PyObject *)v;"),
    ("a binary operation is not seen in blocks", "<< 1);\n    v->shape = FEW;\n    return anything_open() ? in_modes(v) : (PyObject *)v;", "<< 1);\n    v->shape = FEW;\n    return (PyObject *)v;"),
    ("a comparison is not seen in blocks", "    if (!anything_open() && float_of(self, &x) && float_of(other, &y)", "    if (float_of(self, &x) && float_of(other, &y)"),
    ("a condition is not seen in blocks", "    if (!anything_open() && float_of(self, &x))\n        return x != 0.0;", "    if (float_of(self, &x))\n        return x != 0.0;"),
    # -- operations
    ("the data of a subclass is read", "    if (is_exactly_value(x)) {\n        *number", "    if (is_value(x)) {\n        *number"),
    ("data that is no float is read as one", "return ((Value *)x)->data_is == NUMBER ? OF_VALUE : NO_FLOAT;", "return OF_VALUE;"),
    ("an int too large for a float leaves an error behind", "    PyErr_Clear();                  /* too large", "    /* too large"),
    ("an int too large for a float is -1", "    PyErr_Clear();                  /* too large for a float: Python says so */\n    return NO_FLOAT;", "    PyErr_Clear();\n    return OF_LITERAL;"),
    ("the partial is that of the value", "v->few.partials[0] = by_x(x, out);", "v->few.partials[0] = by_x(out, out);"),
    ("partials of two operands are swapped", "        v->few.partials[1] = by_y(x, y, out);", "        v->few.partials[1] = by_x(x, y, out);"),
    ("the operands of a partial are swapped", "        v->few.partials[0] = by_x(x, y, out);", "        v->few.partials[0] = by_x(y, x, out);"),
    ("another row is remembered", "    v->row = (uint16_t)row;\n    v->active = 1;", "    v->row = 0;\n    v->active = 1;"),
    ("a literal counts as a parent", "(of_b == OF_VALUE) << 1", "(of_b != NO_FLOAT) << 1"),
    ("self is not the first operand", "        PyTuple_SET_ITEM(operands, 0, Py_NewRef(self));", "        PyTuple_SET_ITEM(operands, 0, Py_NewRef(Py_None));"),
    ("too many operands of a method are not noticed", "return nargs == 1 ? do_##name(self, args[0])", "return nargs >= 1 ? do_##name(self, args[0])"),
    ("too many operands of a function are not noticed", "        if (nargs == 1 && is_exactly_value(args[0]))  ", "        if (nargs >= 1 && is_exactly_value(args[0]))  "),
    ("a subclass counts as a Value where a row is called", "        if (nargs == 1 && is_exactly_value(args[0]))  ", "        if (nargs == 1 && is_value(args[0]))  "),
    ("a modulus is ignored", "    if (modulus == Py_None)\n", "    if (1)\n"),
    # -- comparisons
    ("a large int is rounded before it is compared", " >= 9007199254740992.0", " >= 9e300"),
    ("a negative number is false", "return x != 0.0;", "return x > 0.0;"),
    ("comparisons are turned around", "Py_RETURN_RICHCOMPARE(x, y, how)", "Py_RETURN_RICHCOMPARE(y, x, how)"),
    # -- what Python has computed
    ("what is unknown is learnt", "if (!names[i])\n            return PyErr_Format", "if (!names[i])\n            continue;\n        if (0)\n            return PyErr_Format"),
    # -- the search
    ("interior gradients are not set back", "    v->grad.number = 0.0;\n    v->grad_is = NUMBER;\n    return 1;", "    return 1;"),
    ("partials that are no floats are read as such", "            if (!PyFloat_CheckExact(PyTuple_GET_ITEM(partials, n)))\n                return 0;\n", "            ;\n"),
    ("as many partials as parents are taken for granted", "        if (n != PyTuple_GET_SIZE(v->any.parents))\n            return 0;\n", ""),
    ("the gradient of a root that is an object is lost", "    if (v->grad_is == OBJECT || !is_exactly_value", "    if (!is_exactly_value"),
    ("the gradient of a leaf that is an object is overwritten", "            strange |= sweeps && parent->grad_is == OBJECT;\n", ""),
    ("parents of a subclass are swept in C", "            strange |= !is_exactly_value((PyObject *)parent);\n", ""),
    ("a shared node comes twice", "if (!parent->marked && !is_leaf(parent))\n                found", "if (!is_leaf(parent))\n                found"),
    ("marks are left on the nodes", "        list->items[i]->marked = 0;", "        ;"),
    ("a list that grows forgets its room", "    *room = more;", "    *room = more + 512;"),
    # -- the sweep
    ("forgotten +=", "(p->grad_is == ZERO ? 0.0 : p->grad.number) + contribution", "contribution"),
    ("a first gradient is added to what was there", "(p->grad_is == ZERO ? 0.0 : p->grad.number)", "p->grad.number"),
    ("the second of two parents dropped", "        if (v->active & 2)\n            add_to(v->few.operands[1], v->few.partials[1] * grad);\n", ""),
    ("the first of two parents dropped", "        if (v->active & 1)\n            add_to(v->few.operands[0], v->few.partials[0] * grad);\n", ""),
    ("partials of two parents swapped", "add_to(v->few.operands[1], v->few.partials[1] * grad)", "add_to(v->few.operands[1], v->few.partials[0] * grad)"),
    ("an inf behind a unit that is off is not looked for", "        if (sum * grad == 0.0)\n            return;", "        return;"),
    ("a unit that is off leaves floats", "        if (sum * grad == 0.0)\n            return;", "        ;"),
    ("parents first", "    for (Py_ssize_t i = order->count; i--;) {\n        pass_on", "    for (Py_ssize_t i = 0; i < order->count; i++) {\n        pass_on"),
    ("what a sweep has seen stays marked", "        order->items[i]->marked = 0;\n", "        ;\n"),
    ("the seed is ignored", "->grad.number = 0.0 + seed;", "->grad.number = 1.0;"),
    ("a seed of -0.0 stays", "->grad.number = 0.0 + seed;", "->grad.number = seed;"),
    ("a sweep of strangers is done here", "int done = outcome == DONE && order.count;", "int done = order.count != 0;"),
    ("the partials of what Python built are read as those of a dot", "pass_on_to_all(v, grad, 0);", "pass_on_to_all(v, grad, 1);"),
    # -- whether floats are all that a sweep meets
    ("hooks are not looked for", "        if (!holds_doubles(v) || may_have_hooks(v))\n", "        if (!holds_doubles(v))\n"),
    ("hooks of leaves are not looked for", "            if (may_have_hooks((Value *)parents[j]) || ", "            if ("),
    ("an object in a leaf's gradient is not looked for", " || ((Value *)parents[j])->grad_is == OBJECT)\n", ")\n"),
    ("other numbers are not looked for", "        if (!holds_doubles(v) || may_have_hooks(v))\n", "        if (may_have_hooks(v))\n"),
    ("a label is taken for a hook", "return v->notes && !PyUnicode_CheckExact(v->notes) && ", "return v->notes && "),
    ("an origin is taken for a hook", " && !PyTuple_CheckExact(v->notes);", ";"),
    ("marks are left by the look", "search((Value *)root, &order, 0) : STRANGER;\n    unmark(&order);\n", "search((Value *)root, &order, 0) : STRANGER;\n"),
    # -- the gradients of a run
    ("a leaf beside the variables is written to", "            if (!((Value *)parents[j])->marked)\n                outcome = STRANGER;\n", "            ;\n"),
    ("a variable begins with the gradient of before", "        variables[i]->grad_is = ZERO;\n", ""),
    ("marks are left on the variables", "    unmark(&(List){variables, n, n});\n", ""),
    ("interior nodes are not made ready", "outcome = is_ready(order.items[i]) ? DONE : STRANGER;", "outcome = DONE;"),
    ("a variable that is a function is taken for a leaf", " || variables[i]->shape != LEAF\n", "\n"),
    ("a variable with a gradient of its own is read", " || variables[i]->grad_is == OBJECT)", ")"),
    # -- a layer
    ("weights and inputs are swapped where all are Values", "memcpy(many->partials, x, (size_t)place", "memcpy(many->partials, w, (size_t)place"),
    ("weights and inputs are swapped where some are", "many->partials[place++] = j < n ? x[j] : w[j - n];", "many->partials[place++] = j < n ? w[j] : x[j - n];"),
    ("the derivative by the bias is 0", "        many->partials[place] = 1.0;", "        many->partials[place] = 0.0;"),
    ("parents that are not all operands are not named", "        if (many->parents != operands)\n            memcpy(many->parents", "        if (0)\n            memcpy(many->parents"),
    ("inputs that are Values in part are all taken for such", "if (weights == n && (inputs == n || !inputs)) {", "if (weights == n) {"),
    ("operands of a dot are not held", "    for (Py_ssize_t j = 0; j <= 2 * n; j++)\n        Py_INCREF(operands[j]);", "    for (Py_ssize_t j = 0; j < 2 * n; j++)\n        Py_INCREF(operands[j]);"),
    ("the bias is forgotten", "v->data.number = product + bias;", "v->data.number = product;"),
    ("a sum that does not hold in a double is rounded twice", "    double sum = two_sum(middle, high, &low);\n    *total = tiny + low + sum;", "    *total = tiny + middle + high;"),
    ("an overflow is not left to Python", "return high - high == 0.0 && *total - *total == 0.0;", "return 1;"),
    ("a layer is not seen in blocks", "out && anything_open() && i <", "out && 0 && i <"),
    ("rows of unequal lengths", "int fits = is_list(ws) && PySequence_Fast_GET_SIZE(ws) == n &&", "int fits = is_list(ws) &&"),
    ("a row that is no list", "int fits = is_list(ws) && PySequence", "int fits = PySequence"),
    ("a bias that is no float", "    if (weights >= 0 && of_bias &&", "    if (weights >= 0 &&"),
    # -- what a trail notices
    ("another class is not noticed", "        same = (PyObject *)Py_TYPE(modules[i]) == *held++;", "        held++;"),
    ("another attribute is not noticed", "            same = left-- > 0 && x == *held++;", "            same = left-- > 0 && (held++, 1);"),
    ("an attribute more is not noticed", "            same = left-- > 0 && x == *held++;", "            same = x == *held++;"),
    ("another member of a list is not noticed", "               && !memcmp(PySequence_Fast_ITEMS(list), held, (size_t)size * sizeof(PyObject *));", "               ;"),
    ("a member less is not noticed", "PyBool_FromLong(same && left == 0)", "PyBool_FromLong(same)"),
]  # fmt: skip

# What has to notice them: programs that both twins play alike (hostile/twins.py), and where these
# do not, tests, the shortest first; a bug that lives costs all of it.
PROGRAMS = range(12)
NOTICING = [
    "tests/test_storage.py", "tests/test_subclasses.py", "tests/test_twins.py",
    "tests/test_allocations.py", "tests/test_value.py", "tests/test_modes.py",
    "tests/test_hooks.py", "tests/test_sweep.py", "tests/nn/test_trail.py",
]  # fmt: skip
PYTEST = [
    "-q", "-x", "-p", "no:cacheprovider", "-W", "error",
    "-k", "not very_many and not two_hundred_thousand and not other_twin and not deep_below",
]  # fmt: skip
_PLAY = """
sys.path[:0] = ["tests"]
import json
from hostile.twins import played
for seed in map(int, sys.argv[1:]):
    print(json.dumps(played(seed)), flush=True)
"""


def broken(place: str, instead: str, folder: Path, *flags: str) -> Path:
    """Compile the engine with one place changed, in a folder; return the library."""
    sources = [*compiling.NATIVE.glob("*.[ch]")]
    found = [x for x in sources for _ in range(x.read_text().count(place))]
    assert len(found) == 1, f"{len(found)} places: {place}"
    copied = folder / "native"
    copied.mkdir(exist_ok=True)
    for source in sources:
        shutil.copyfile(source, copied / source.name)
    (copied / found[0].name).write_text(found[0].read_text().replace(place, instead))
    return compiling.build(folder / "_value.so", "-O0", *flags, "-w", "-Wno-error", sources=copied)


def notices(library: Path) -> str:
    """What notices that a library is broken: a program, a test, a crash or a hang; or nothing."""
    try:
        wrong = [x for x, y in zip(programs(library), right_programs(), strict=True) if x != y]
        return "a program" if wrong else failing(library)
    except subprocess.TimeoutExpired:
        return "a hang"
    except ChildProcessError as error:
        return str(error)


def programs(library: Path, pure: str = "") -> list[str]:
    """What comes of the programs."""
    done = compiling.run(
        library, _PLAY, *map(str, PROGRAMS), capture_output=True, text=True, timeout=120,
        env={"GLASSGRAD_PUREPYTHON": pure, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    if done.returncode:
        raise ChildProcessError(f"a program that ends with {done.returncode}")
    return done.stdout.splitlines()  # type: ignore[no-any-return]


@cache
def right_programs() -> list[str]:
    """What comes of them in Python."""
    with tempfile.TemporaryDirectory() as folder:
        return programs(compiling.build(Path(folder, "_value.so"), "-O0"), "1")


def failing(library: Path) -> str:
    """The test that fails, if one does."""
    done = compiling.run(
        library, compiling.PYTEST, *PYTEST, *NOTICING,
        capture_output=True, text=True, timeout=600,
        env={"CI": "true", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip
    if done.returncode not in (0, 1):
        raise ChildProcessError(f"a test that ends with {done.returncode}")
    lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    assert bool(lines) is bool(done.returncode), done.stdout
    return lines[0] if lines else ""
