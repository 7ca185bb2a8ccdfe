/* A layer of neurons: its weighted sums, each a node, and whether what it holds has changed. */

#include "value.h"

static Many *new_many(Py_ssize_t operands, Py_ssize_t parents)
{
    Py_ssize_t apart = parents == operands ? 0 : parents;
    Many *many = PyMem_Malloc(sizeof(Many) + (size_t)parents * sizeof(double)
                              + (size_t)(operands + apart) * sizeof(PyObject *));
    if (!many)
        return (Many *)PyErr_NoMemory();
    many->operand_count = operands;
    many->parent_count = parents;
    many->partials = (double *)(many + 1);
    many->operands = (PyObject **)(many->partials + parents);
    many->parents = apart ? many->operands + operands : many->operands;
    return many;
}

#if PY_VERSION_HEX >= 0x030c0000
static inline double two_sum(double a, double b, double *low)
{
    double sum = a + b, z = sum - a;
    *low = (a - (sum - z)) + (b - z);
    return sum;
}

/* As math.sumprod: in three doubles (Ogita, Rump and Oishi 2005, algorithm 5.10 with K = 3). */
static int sum_of_products(const double *w, const double *x, Py_ssize_t n, double *total)
{
    double high = 0.0, middle = 0.0, tiny = 0.0, low, rest, other;
    for (Py_ssize_t i = 0; i < n; i++) {
        double product = w[i] * x[i];
        high = two_sum(high, product, &low);
        middle = two_sum(middle, fma(w[i], x[i], -product), &rest);
        middle = two_sum(middle, low, &other);
        tiny += rest;
        tiny += other;
    }
    double sum = two_sum(middle, high, &low);
    *total = tiny + low + sum;
    return high - high == 0.0 && *total - *total == 0.0;    /* for inf and nan it has other ways */
}
#else
/* As sum() of the products. */
static int sum_of_products(const double *w, const double *x, Py_ssize_t n, double *total)
{
    *total = 0.0;
    for (Py_ssize_t i = 0; i < n; i++)
        *total += w[i] * x[i];
    return 1;
}
#endif

static int is_list(PyObject *x) { return PyList_CheckExact(x) || PyTuple_CheckExact(x); }

/* The floats of a list or tuple of Values and floats, and how many are Values; -1 for others. */
static Py_ssize_t floats_of(PyObject *list, Py_ssize_t n, double *floats)
{
    PyObject **items = PySequence_Fast_ITEMS(list);
    Py_ssize_t values = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        int of = PyLong_CheckExact(items[i]) ? NO_FLOAT : float_of(items[i], floats + i);
        if (of == NO_FLOAT)
            return -1;
        values += of == OF_VALUE;
    }
    return values;
}

/* Neuron i, the node w.x + b, given the floats of the n inputs, with room for those of w behind
   them; NULL, perhaps without an error, where Python is to do it. */
static Value *one_dot(PyObject *rows, PyObject *xs, PyObject *bs, Py_ssize_t i, double *x,
                      Py_ssize_t n, Py_ssize_t inputs)
{
    double *w = x + n, bias, product;
    Value *v = new_value(0.0);      /* first: it may start the collector, which runs any code */
    if (!v || i >= PySequence_Fast_GET_SIZE(rows) || i >= PySequence_Fast_GET_SIZE(bs)) {
        Py_XDECREF(v);
        return NULL;
    }
    PyObject *ws = PySequence_Fast_ITEMS(rows)[i], *b = PySequence_Fast_ITEMS(bs)[i];
    int fits = is_list(ws) && PySequence_Fast_GET_SIZE(ws) == n && PySequence_Fast_GET_SIZE(xs) == n;
    Py_ssize_t weights = fits ? floats_of(ws, n, w) : -1, place = 0;
    int of_bias = float_of(b, &bias);
    Many *many = NULL;
    if (weights >= 0 && of_bias && (weights == n || inputs) && sum_of_products(w, x, n, &product))
        many = new_many(2 * n + 1, weights + inputs + (of_bias == OF_VALUE));
    if (!many) {
        Py_DECREF(v);
        return NULL;
    }
    PyObject **operands = many->operands;
    memcpy(operands, PySequence_Fast_ITEMS(ws), (size_t)n * sizeof(PyObject *));
    memcpy(operands + n, PySequence_Fast_ITEMS(xs), (size_t)n * sizeof(PyObject *));
    operands[2 * n] = b;
    for (Py_ssize_t j = 0; j <= 2 * n; j++)
        Py_INCREF(operands[j]);
    if (weights == n && (inputs == n || !inputs)) {     /* most: the floats lie as they are needed */
        place = n + inputs;
        memcpy(many->partials, x, (size_t)place * sizeof(double));
        if (many->parents != operands)
            memcpy(many->parents, operands, (size_t)place * sizeof(PyObject *));
    } else
        for (Py_ssize_t j = 0; j < 2 * n; j++)
            if (is_exactly_value(operands[j])) {
                many->parents[place] = operands[j];
                many->partials[place++] = j < n ? x[j] : w[j - n];
            }
    if (of_bias == OF_VALUE) {
        many->parents[place] = b;
        many->partials[place] = 1.0;
    }
    v->data.number = product + bias;
    v->many = many;
    v->shape = MANY;
    return v;
}

/* dots(rows, xs, bs): as in graph/many.py, which does it where one of the nodes is not for C. */
PyObject *dots(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *out = NULL;
    double *x = NULL;
    if (nargs == 3 && is_list(args[0]) && is_list(args[1]) && is_list(args[2])) {
        Py_ssize_t n = PySequence_Fast_GET_SIZE(args[1]), count = PySequence_Fast_GET_SIZE(args[0]);
        x = PyMem_Malloc((size_t)(2 * n + 1) * sizeof(double));
        Py_ssize_t inputs = x && n ? floats_of(args[1], n, x) : -1;
        if (inputs >= 0 && PySequence_Fast_GET_SIZE(args[2]) == count)
            out = PyList_New(count);
        for (Py_ssize_t i = 0; out && i < count; i++) {
            Value *node = one_dot(args[0], args[1], args[2], i, x, n, inputs);
            if (node)
                PyList_SET_ITEM(out, i, (PyObject *)node);
            else
                Py_CLEAR(out);
        }
        PyMem_Free(x);
    }
    for (Py_ssize_t i = 0; out && anything_open() && i < PyList_GET_SIZE(out); i++) {
        PyObject *seen = in_modes((Value *)Py_NewRef(PyList_GET_ITEM(out, i)));
        if (!seen || PyList_SetItem(out, i, seen) < 0)
            Py_CLEAR(out);
    }
    return out || PyErr_Occurred() ? out : PyObject_Vectorcall(python.dots, args, nargs, NULL);
}

/* unchanged(modules, lists, held): as in nn/trail.py. */
PyObject *unchanged(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *key, *x;
    if (nargs != 3 || !is_list(args[0]) || !is_list(args[1]) || !PyList_CheckExact(args[2]))
        return PyErr_Format(PyExc_TypeError, "unchanged takes a list or tuple, another, and a list");
    Py_ssize_t n = PySequence_Fast_GET_SIZE(args[0]), left = PyList_GET_SIZE(args[2]) - n;
    PyObject **modules = PySequence_Fast_ITEMS(args[0]), **held = PySequence_Fast_ITEMS(args[2]);
    int same = left >= 0;
    for (Py_ssize_t i = 0; same && i < n; i++)
        same = (PyObject *)Py_TYPE(modules[i]) == *held++;
    for (Py_ssize_t i = 0; same && i < n; i++) {
        PyObject *attributes = PyObject_GenericGetDict(modules[i], NULL);
        if (!attributes)
            return NULL;
        for (Py_ssize_t at = 0; same && PyDict_Next(attributes, &at, &key, &x);)
            same = left-- > 0 && x == *held++;
        Py_DECREF(attributes);
    }
    for (Py_ssize_t i = 0; same && i < PySequence_Fast_GET_SIZE(args[1]); i++) {
        PyObject *list = PySequence_Fast_ITEMS(args[1])[i];
        Py_ssize_t size = is_list(list) ? PySequence_Fast_GET_SIZE(list) : left + 1;
        same = (left -= size) >= 0
               && !memcmp(PySequence_Fast_ITEMS(list), held, (size_t)size * sizeof(PyObject *));
        held += size;
    }
    return PyBool_FromLong(same && left == 0);
}
