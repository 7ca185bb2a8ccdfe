/* Value in C: the fast twin of the class in autograd/graph/value.py, which is its base class.

   A node of floats is made, compared and read here. Whatever else there is (other number types,
   subclasses, open blocks, functions of the user's own) is done by the very functions of the
   Python twin: `otherwise` for an operation, the base class for a comparison. The elementary
   functions are those of rules.h, which is printed from the table. */

#include "value.h"
#include "rules.h"

Python python;
PyTypeObject *value_type;
static PyObject *empty, *int_zero;

/* ------------------------------------------------------------------------- life and death */

static Py_ssize_t living_count;

Value *new_value(double data)
{
    Value *v = take_place();
    if (!v)
        return NULL;
    PyObject_Init((PyObject *)v, value_type);
    living_count++;
    v->data.number = data;
    v->data_is = NUMBER;
    v->grad_is = ZERO;
    v->notes = NULL;
    v->shape = LEAF;
    v->marked = v->tracked = 0;
    v->placed = 1;
    return v;
}

/* A Value made here is unknown to the collector, whose visits would cost more than all the rest:
   what refers to older Values, floats and rows of the table alone is on no cycle. One that Python
   makes, or sets anything else of than a float, is tracked; `collecting` finds the rest when it
   matters. */
Py_ssize_t tracked_count;

void track(Value *v)
{
    if (!v->tracked) {
        v->tracked = 1;
        tracked_count++;
        PyObject_GC_Track(v);
    }
}

static void drop_slot(Slot *slot, uint8_t *is)
{
    if (*is == OBJECT) {
        *is = ZERO;
        Py_DECREF(slot->object);
    }
}

static void drop_graph(Value *v)
{
    int shape = v->shape;
    v->shape = LEAF;                /* before anything is let go, whose end may run any code */
    if (shape == FEW) {
        Py_DECREF(v->few.operands[0]);
        Py_XDECREF(v->few.operands[1]);
    } else if (shape == MANY) {
        Many *many = v->many;
        for (Py_ssize_t i = 0; i < many->operand_count; i++)
            Py_DECREF(many->operands[i]);
        PyMem_Free(many);
    } else if (shape == ANY) {
        PyObject *held[] = {v->any.operands, v->any.parents, v->any.partials, v->any.op};
        for (int i = 0; i < 4; i++)
            Py_DECREF(held[i]);
    }
}

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    Value *v = (Value *)self;
    Py_VISIT(Py_TYPE(self));
    if (v->data_is == OBJECT)
        Py_VISIT(v->data.object);
    if (v->grad_is == OBJECT)
        Py_VISIT(v->grad.object);
    Py_VISIT(v->notes);
    if (v->shape == FEW) {
        Py_VISIT(v->few.operands[0]);
        Py_VISIT(v->few.operands[1]);
    } else if (v->shape == MANY) {
        for (Py_ssize_t i = 0; i < v->many->operand_count; i++)
            Py_VISIT(v->many->operands[i]);
    } else if (v->shape == ANY) {
        Py_VISIT(v->any.operands);
        Py_VISIT(v->any.parents);
        Py_VISIT(v->any.partials);
        Py_VISIT(v->any.op);
    }
    return 0;
}

/* No cycle is of the operands of FEW and MANY alone: the youngest of its Values got something. */
static int clear(PyObject *self)
{
    Value *v = (Value *)self;
    drop_slot(&v->data, &v->data_is);
    drop_slot(&v->grad, &v->grad_is);
    Py_CLEAR(v->notes);
    if (v->shape == ANY)
        drop_graph(v);
    return 0;
}

/* A dying Value waits here until the one before has let go of what it held, so that a graph of any
   depth is freed without recursion. The link is where the notes were. */
static Value *dying;
static int freeing;

static void dealloc(PyObject *self)
{
    Value *v = (Value *)self;
    PyObject_GC_UnTrack(self);      /* also if only Python tracked it, to free one of a subclass */
    tracked_count -= v->tracked;
    Py_CLEAR(v->notes);
    v->notes = (PyObject *)dying;
    dying = v;
    if (freeing)
        return;
    freeing = 1;
    while ((v = dying)) {
        PyTypeObject *type = Py_TYPE(v);
        dying = (Value *)v->notes;
        living_count--;
        drop_slot(&v->data, &v->data_is);
        drop_slot(&v->grad, &v->grad_is);
        drop_graph(v);
        if (v->placed)
            give_place(v);
        else
            PyObject_GC_Del(v);
        Py_DECREF(type);
    }
    freeing = 0;
}

static PyObject *make(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    if (type == value_type)
        return (PyObject *)new_value(0.0);
    Value *v = (Value *)type->tp_alloc(type, 0);    /* of a subclass: all zero, and tracked */
    if (v) {
        living_count++;
        v->tracked = 1;
        tracked_count++;
    }
    return (PyObject *)v;
}

static int initialise(PyObject *self, PyObject *args, PyObject *kwargs)
{
    Value *v = (Value *)self;
    double x;
    int is_new = is_exactly_value(self) && v->shape == LEAF && v->grad_is == ZERO;
    if (is_new && v->data_is == NUMBER && !kwargs && PyTuple_GET_SIZE(args) == 1
        && !PyDict_GET_SIZE(python.variables)
        && float_of(PyTuple_GET_ITEM(args, 0), &x) == OF_LITERAL) {
        v->data.number = x;         /* not before it is known to be one */
        return 0;
    }
    PyObject *bound = PyMethod_New(python.initialise, self);
    PyObject *done = bound ? PyObject_Call(bound, args, kwargs) : NULL;
    Py_XDECREF(bound);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

/* ------------------------------------------------------------------------- attributes */

static int refuses(PyObject *x)
{
    if (!x)
        PyErr_SetString(PyExc_AttributeError, "this attribute of a Value cannot be deleted");
    return !x;
}

/* Floats and tuples are made at each look: two looks are equal, but not the same object. */
static PyObject *get_slot(PyObject *self, void *is_grad)
{
    Value *v = (Value *)self;
    const Slot *slot = is_grad ? &v->grad : &v->data;
    uint8_t is = is_grad ? v->grad_is : v->data_is;
    return is == NUMBER ? PyFloat_FromDouble(slot->number)
                        : Py_NewRef(is == OBJECT ? slot->object : int_zero);
}

static int set_slot(PyObject *self, PyObject *x, void *is_grad)
{
    Value *v = (Value *)self;
    Slot *slot = is_grad ? &v->grad : &v->data;
    uint8_t *is = is_grad ? &v->grad_is : &v->data_is;
    PyObject *old = *is == OBJECT ? slot->object : NULL;
    if (refuses(x))
        return -1;
    if (PyFloat_CheckExact(x)) {
        slot->number = PyFloat_AS_DOUBLE(x);
        *is = NUMBER;
    } else if (PyLong_CheckExact(x) && !PyObject_IsTrue(x))
        *is = ZERO;
    else {
        slot->object = Py_NewRef(x);
        *is = OBJECT;
        if (PyObject_IS_GC(x))
            track(v);
    }
    Py_XDECREF(old);
    return 0;
}

static PyObject *get_notes(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *notes = ((Value *)self)->notes;
    if (!notes)
        PyErr_SetString(PyExc_AttributeError, "_notes");
    return Py_XNewRef(notes);
}

static int set_notes(PyObject *self, PyObject *x, void *Py_UNUSED(closure))
{
    if (refuses(x))
        return -1;
    Py_XSETREF(((Value *)self)->notes, Py_NewRef(x));
    track((Value *)self);           /* hooks may hold anything */
    return 0;
}

static PyObject *tuple_of_floats(const double *numbers, Py_ssize_t n)
{
    PyObject *tuple = PyTuple_New(n);
    for (Py_ssize_t i = 0; tuple && i < n; i++) {
        PyObject *x = PyFloat_FromDouble(numbers[i]);
        if (!x)
            Py_CLEAR(tuple);
        else
            PyTuple_SET_ITEM(tuple, i, x);
    }
    return tuple;
}

static PyObject *tuple_of(PyObject *const *items, Py_ssize_t n)
{
    PyObject *tuple = PyTuple_New(n);
    for (Py_ssize_t i = 0; tuple && i < n; i++)
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(items[i]));
    return tuple;
}

enum { OPERANDS, PARENTS, PARTIALS, OP };   /* in the order of the objects of ANY */

static PyObject *get_graph(PyObject *self, void *closure)
{
    Value *v = (Value *)self;
    PyObject *const *parents;
    intptr_t which = (intptr_t)closure;
    if (v->shape == ANY)
        return Py_NewRef((&v->any.operands)[which]);
    Py_ssize_t n = parents_of(v, &parents);
    if (which == OP)
        return Py_NewRef(v->shape == FEW ? PyTuple_GET_ITEM(python.rows, v->row)
                         : v->shape == MANY ? python.dot : Py_None);
    if (v->shape == LEAF)
        return Py_NewRef(empty);
    if (which == PARENTS)
        return tuple_of(parents, n);
    if (v->shape == MANY)
        return which == PARTIALS ? tuple_of_floats(v->many->partials, n)
                                 : tuple_of(v->many->operands, v->many->operand_count);
    return which == PARTIALS ? tuple_of_floats(v->few.partials + (v->active == 2), n)
                             : tuple_of(v->few.operands, 1 + (v->few.operands[1] != NULL));
}

/* A node whose graph is set, one attribute after the other, holds it as objects from then on. */
static int set_graph(PyObject *self, PyObject *x, void *closure)
{
    Value *v = (Value *)self;
    PyObject *held[4];
    intptr_t which = (intptr_t)closure;
    if (refuses(x))
        return -1;
    if (which == PARENTS && !PyTuple_Check(x)) {
        PyErr_Format(PyExc_TypeError, "the parents of a Value are a tuple; got %R", x);
        return -1;
    }
    if (v->shape == LEAF && (which == OP ? x == Py_None : x == empty))
        return 0;                   /* it is that already, as where a leaf is copied */
    if (v->shape != ANY) {
        for (intptr_t i = 0; i < 4; i++)
            if (!(held[i] = get_graph(self, (void *)i))) {
                while (i--)
                    Py_DECREF(held[i]);
                return -1;
            }
        drop_graph(v);
        memcpy(&v->any, held, sizeof held);
        v->shape = ANY;
    }
    track(v);
    Py_SETREF((&v->any.operands)[which], Py_NewRef(x));
    return 0;
}

#define GRAPH(name, which, doc) {name, get_graph, set_graph, doc, (void *)which}
static PyGetSetDef attributes[] = {
    {"data", get_slot, set_slot, "The value.", NULL},
    {"grad", get_slot, set_slot, "The gradient.", (void *)1},
    {"_notes", get_notes, set_notes, "Label, hooks and origin, where there are any.", NULL},
    GRAPH("operands", OPERANDS, "Parents and literals in the order of the function's operands."),
    GRAPH("parents", PARENTS, "The Values that this one was computed from."),
    GRAPH("partials", PARTIALS, "The local partial derivative by each parent."),
    GRAPH("op", OP, "The elementary function, a row of the table; None for a leaf."),
    {NULL, NULL, NULL, NULL, NULL},
};

/* ------------------------------------------------------------------------- operations */

/* What the open blocks ask for: to remember or not to is done here, more than that by Python. */
PyObject *in_modes(Value *v)
{
    PyObject *modes, *seen;
    if (PyContextVar_Get(python.modes, NULL, &modes) < 0) {
        Py_DECREF(v);
        return NULL;
    }
    int remembers = PyTuple_GET_ITEM(modes, 0) == Py_True, more = 0;
    for (Py_ssize_t i = 1; i < PyTuple_GET_SIZE(modes); i++)
        more |= PyTuple_GET_ITEM(modes, i) != Py_None && PyTuple_GET_ITEM(modes, i) != Py_False;
    Py_DECREF(modes);
    if (more || (!remembers && PyDict_GET_SIZE(python.variables))) {
        seen = PyObject_CallOneArg(python.in_open_modes, (PyObject *)v);
        Py_DECREF(v);
        return seen;
    }
    if (!remembers)
        drop_graph(v);
    return (PyObject *)v;
}

static inline PyObject *row_of(int row) { return PyTuple_GET_ITEM(python.rows, row); }

static inline PyObject *unary(PyObject *self, int row, double (*value)(double),
                              double (*by_x)(double, double))
{
    double x, out;
    if (float_of(self, &x) != OF_VALUE)
        return PyObject_CallFunctionObjArgs(python.otherwise, row_of(row), self, NULL);
    out = value(x);
    Value *v = new_value(out);
    if (!v)
        return NULL;
    v->few.operands[0] = Py_NewRef(self);
    v->few.operands[1] = NULL;
    v->few.partials[0] = by_x(x, out);
    v->row = (uint16_t)row;
    v->active = 1;
    v->shape = FEW;
    return anything_open() ? in_modes(v) : (PyObject *)v;
}

static inline PyObject *binary(PyObject *a, PyObject *b, int row, double (*value)(double, double),
                               double (*by_x)(double, double, double),
                               double (*by_y)(double, double, double))
{
    double x, y, out;
    int of_a = float_of(a, &x), of_b = of_a ? float_of(b, &y) : NO_FLOAT;
    if (!of_b)
        return PyObject_CallFunctionObjArgs(python.otherwise, row_of(row), a, b, NULL);
    out = value(x, y);
    Value *v = new_value(out);
    if (!v)
        return NULL;
    v->few.operands[0] = Py_NewRef(a);
    v->few.operands[1] = Py_NewRef(b);
    if (of_a == OF_VALUE)
        v->few.partials[0] = by_x(x, y, out);
    if (of_b == OF_VALUE)
        v->few.partials[1] = by_y(x, y, out);
    v->row = (uint16_t)row;
    v->active = (uint8_t)((of_a == OF_VALUE) | (of_b == OF_VALUE) << 1);
    v->shape = FEW;
    return anything_open() ? in_modes(v) : (PyObject *)v;
}

/* The general path of a row that is called, with or without self before the arguments. */
static PyObject *call(int row, PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t first = self != NULL;
    PyObject *operands = PyTuple_New(first + nargs), *out = NULL;
    if (operands && first)
        PyTuple_SET_ITEM(operands, 0, Py_NewRef(self));
    for (Py_ssize_t i = 0; operands && i < nargs; i++)
        PyTuple_SET_ITEM(operands, first + i, Py_NewRef(args[i]));
    if (operands)
        out = PyObject_CallFunctionObjArgs(python.call, row_of(row), operands, NULL);
    Py_XDECREF(operands);
    return out;
}

#define INDEX(name) row_##name,
enum { UNARY_ROWS(INDEX) BINARY_ROWS(INDEX) row_count };

/* Of each row: what an operator does, the method, and the function that a call of the row is. */
#define UNARY(name)                                                                               \
    static PyObject *do_##name(PyObject *x)                                                       \
    { return unary(x, row_##name, name##_value, name##_by_x); }                                   \
    static PyObject *method_##name(PyObject *self, PyObject *Py_UNUSED(none))                     \
    { return do_##name(self); }                                                                   \
    static PyObject *call_##name(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs) \
    {                                                                                             \
        if (nargs == 1 && is_exactly_value(args[0]))                                              \
            return do_##name(args[0]);                                                            \
        if (nargs == 1 && PyFloat_CheckExact(args[0]))                                            \
            return PyFloat_FromDouble(name##_value(PyFloat_AS_DOUBLE(args[0])));                  \
        return call(row_##name, NULL, args, nargs);                                                     \
    }

#define BINARY(name)                                                                              \
    static PyObject *do_##name(PyObject *x, PyObject *y)                                          \
    { return binary(x, y, row_##name, name##_value, name##_by_x, name##_by_y); }                  \
    static PyObject *method_##name(PyObject *self, PyObject *const *args, Py_ssize_t nargs)       \
    {                                                                                             \
        return nargs == 1 ? do_##name(self, args[0]) : call(row_##name, self, args, nargs);       \
    }                                                                                             \
    static PyObject *call_##name(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs) \
    {                                                                                             \
        double x, y;                                                                              \
        int of_x = nargs == 2 ? float_of(args[0], &x) : NO_FLOAT;                                 \
        int of_y = of_x ? float_of(args[1], &y) : NO_FLOAT;                                       \
        if (of_y && (of_x == OF_VALUE || of_y == OF_VALUE))                                       \
            return do_##name(args[0], args[1]);                                                   \
        if (of_y && PyFloat_CheckExact(args[0]) && PyFloat_CheckExact(args[1]))                   \
            return PyFloat_FromDouble(name##_value(x, y));                                        \
        return call(row_##name, NULL, args, nargs);                                                     \
    }

UNARY_ROWS(UNARY)
BINARY_ROWS(BINARY)

static PyObject *do_pow(PyObject *x, PyObject *y, PyObject *modulus)
{
    if (modulus == Py_None)
        return do_power(x, y);
    PyErr_SetString(PyExc_TypeError, "pow() of a Value takes no third argument");
    return NULL;
}

#define FAST(function) ((PyCFunction)(void (*)(void))(function))
#define UNARY_METHOD(name) {#name, method_##name, METH_NOARGS, name##_doc},
#define BINARY_METHOD(name) {#name, FAST(method_##name), METH_FASTCALL, name##_doc},
#define CALL(name) {#name, FAST(call_##name), METH_FASTCALL, NULL},
static PyMethodDef methods[] = {UNARY_ROWS(UNARY_METHOD) BINARY_ROWS(BINARY_METHOD)};
static PyMethodDef calls[] = {UNARY_ROWS(CALL) BINARY_ROWS(CALL)};

/* functions(): of each row by its name the method of Value and the function that a call of it is. */
static PyObject *functions(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    PyObject *all = PyDict_New();
    for (int i = 0; all && i < row_count; i++) {
        PyObject *of_value = PyDescr_NewMethod(value_type, methods + i);
        PyObject *called = PyCFunction_New(calls + i, NULL);
        PyObject *both = of_value && called ? PyTuple_Pack(2, of_value, called) : NULL;
        if (!both || PyDict_SetItemString(all, methods[i].ml_name, both) < 0)
            Py_CLEAR(all);
        Py_XDECREF(of_value);
        Py_XDECREF(called);
        Py_XDECREF(both);
    }
    return all;
}

/* ------------------------------------------------------------------------- comparisons */

static PyObject *compare(PyObject *self, PyObject *other, int how)
{
    double x, y;
    if (!anything_open() && float_of(self, &x) && float_of(other, &y)
        && !(PyLong_CheckExact(other) && fabs(y) >= 9007199254740992.0))    /* perhaps rounded */
        Py_RETURN_RICHCOMPARE(x, y, how);
    return PyObject_CallFunctionObjArgs(PyTuple_GET_ITEM(python.compare, how), self, other, NULL);
}

static int truth(PyObject *self)
{
    double x;
    if (!anything_open() && float_of(self, &x))
        return x != 0.0;
    PyObject *answer = PyObject_CallOneArg(python.truth, self);
    int is_true = answer ? PyObject_IsTrue(answer) : -1;
    Py_XDECREF(answer);
    return is_true;
}

static Py_hash_t identity(PyObject *self) { return PyBaseObject_Type.tp_hash(self); }

/* ------------------------------------------------------------------------- the module */

static PyType_Slot slots[] = {
    {Py_tp_doc, "Value(data, label='', _children=(), _op='')\n--\n\n"},
    {Py_tp_new, make}, {Py_tp_init, initialise}, {Py_tp_dealloc, dealloc},
    {Py_tp_traverse, traverse}, {Py_tp_clear, clear}, {Py_tp_getset, attributes},
    {Py_tp_richcompare, compare}, {Py_tp_hash, identity}, {Py_nb_bool, truth},
    {Py_nb_negative, do_negative}, {Py_nb_positive, do_positive}, {Py_nb_absolute, do_abs},
    {Py_nb_add, do_add}, {Py_nb_subtract, do_subtract}, {Py_nb_multiply, do_multiply},
    {Py_nb_true_divide, do_divide}, {Py_nb_floor_divide, do_floor_divide},
    {Py_nb_remainder, do_remainder}, {Py_nb_power, do_pow}, {0, NULL},
};
static PyType_Spec spec = {
    "autograd.graph.value.Value", sizeof(Value), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots,
};

/* claim(package): whether this serves that package. It can serve one in a process: not another
   interpreter's as well, nor one that is imported once more while Values of the first live on. */
static PyObject *claim(PyObject *Py_UNUSED(module), PyObject *package)
{
    static PyObject *owner;
    if (!owner)
        owner = Py_NewRef(package);
    return PyBool_FromLong(owner == package);
}

/* twin_of(base): the class in C, below the one in Python, which has all that is not here. */
static PyObject *twin_of(PyObject *Py_UNUSED(module), PyObject *base)
{
    if (value_type)
        return PyErr_Format(PyExc_ImportError, "%R cannot be loaded again, as there are Values of "
                            "the class that it made before: start Python anew", base);
    value_type = (PyTypeObject *)PyType_FromSpecWithBases(&spec, base);
    return Py_XNewRef(value_type);
}

/* new(kind): an instance without __init__. */
static PyObject *new(PyObject *Py_UNUSED(module), PyObject *kind)
{
    if (PyType_Check(kind) && PyType_IsSubtype((PyTypeObject *)kind, value_type))
        return make((PyTypeObject *)kind, NULL, NULL);
    return PyErr_Format(PyExc_TypeError, "%R is no subclass of Value", kind);
}

/* remember(kind, row, data, operands, parents, partials): a node that Python has computed. */
static PyObject *remember(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs != 6 || !PyTuple_CheckExact(args[3]) || !PyTuple_CheckExact(args[4]))
        return PyErr_Format(PyExc_TypeError, "remember(kind, row, data, operands, parents, partials)");
    Value *v = (Value *)new(module, args[0]);
    if (!v)
        return NULL;
    v->any.op = Py_NewRef(args[1]);
    v->any.operands = Py_NewRef(args[3]);
    v->any.parents = Py_NewRef(args[4]);
    v->any.partials = Py_NewRef(args[5]);
    v->shape = ANY;
    track(v);
    if (is_exactly_value((PyObject *)v))
        set_slot((PyObject *)v, args[2], NULL);
    else if (PyObject_SetAttrString((PyObject *)v, "data", args[2]) < 0     /* it may have its own */
             || PyObject_SetAttrString((PyObject *)v, "grad", int_zero) < 0)
        Py_CLEAR(v);
    return (PyObject *)v;
}

/* learn(**what): the Python that this calls, by the names in `Python`. */
static PyObject *learn(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(args), PyObject *kwargs)
{
#define NAME(name) #name,
    static const char *names[] = {PYTHON(NAME) NULL};
    PyObject *key, *x;
    Py_ssize_t at = 0;
    while (kwargs && PyDict_Next(kwargs, &at, &key, &x)) {
        int i = 0;
        while (names[i] && PyUnicode_CompareWithASCIIString(key, names[i]) != 0)
            i++;
        if (!names[i])
            return PyErr_Format(PyExc_TypeError, "there is nothing to learn of %R", key);
        Py_XSETREF(((PyObject **)&python)[i], Py_NewRef(x));
    }
    Py_RETURN_NONE;
}

/* living(): how many Values there are. */
static PyObject *living(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    return PyLong_FromSsize_t(living_count);
}

static PyMethodDef of_module[] = {
    {"claim", claim, METH_O, NULL}, {"twin_of", twin_of, METH_O, NULL},
    {"functions", functions, METH_NOARGS, NULL},
    {"learn", FAST(learn), METH_VARARGS | METH_KEYWORDS, NULL}, {"new", new, METH_O, NULL},
    {"remember", FAST(remember), METH_FASTCALL, NULL}, {"dots", FAST(dots), METH_FASTCALL, NULL},
    {"sweep", FAST(sweep), METH_FASTCALL, NULL}, {"gradients", FAST(gradients), METH_FASTCALL, NULL},
    {"unchanged", FAST(unchanged), METH_FASTCALL, NULL},
    {"holds_floats_alone", holds_floats_alone, METH_O, NULL},
    {"collecting", FAST(collecting), METH_FASTCALL, NULL},
    {"living", living, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "autograd._value", NULL, -1, of_module, NULL, NULL, NULL, NULL,
};

#ifndef SOURCES                     /* .ci/backend.py says what is compiled, and how */
#define SOURCES 0
#define FLAGS unknown flags
#endif
#define TEXT_OF(...) #__VA_ARGS__
#define TEXT(...) TEXT_OF(__VA_ARGS__)
#if defined(_MSC_VER)
#define COMPILER "MSVC " TEXT(_MSC_FULL_VER)
#elif defined(__clang__)
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

#define SPACED(name) #name " "
PyMODINIT_FUNC PyInit__value(void)
{
    PyObject *module = PyModule_Create(&definition);
    empty = PyTuple_New(0);         /* there is one, as of the int 0 */
    int_zero = PyLong_FromLong(0);
    const char *rows = UNARY_ROWS(SPACED) BINARY_ROWS(SPACED);
    if (module && (PyModule_AddStringConstant(module, "ROWS", rows) < 0
                   || PyModule_AddIntConstant(module, "SOURCES", SOURCES) < 0
                   || PyModule_AddStringConstant(module, "BUILT", COMPILER ", " TEXT(FLAGS)
                                                 ", Python " PY_VERSION) < 0))
        Py_CLEAR(module);
    return module;
}
