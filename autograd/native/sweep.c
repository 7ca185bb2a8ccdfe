/* What goes through graphs of Values: the sweep and the collector.

   Marks tell what a search has seen. While any is set nothing of Python's is made or let go, for
   that could start the collector, which searches as well. */

#include "value.h"

typedef struct { Value **items; Py_ssize_t count, room; } List;
typedef struct { Value *node; Py_ssize_t next; } Frame;     /* and the next parent to look at */
typedef struct { Frame *items; Py_ssize_t count, room; } Stack;

enum { NO_MEMORY = -1, DONE, STRANGER };    /* STRANGER: there is what only Python may read */

static int grow(void *items, Py_ssize_t *room, size_t size)
{
    Py_ssize_t more = *room ? *room * 2 : 512;
    void *moved = PyMem_RawRealloc(*(void **)items, (size_t)more * size);
    if (!moved)
        return NO_MEMORY;
    *(void **)items = moved;
    *room = more;
    return DONE;
}

static inline int append(List *list, Value *v)
{
    if (list->count == list->room && grow(&list->items, &list->room, sizeof(Value *)) < 0)
        return NO_MEMORY;
    list->items[list->count++] = v;
    return DONE;
}

static inline int push(Stack *stack, Value *v)
{
    if (stack->count == stack->room && grow(&stack->items, &stack->room, sizeof(Frame)) < 0)
        return NO_MEMORY;
    v->marked = 1;
    stack->items[stack->count++] = (Frame){v, 0};
    return DONE;
}

static void unmark(const List *list)
{
    for (Py_ssize_t i = 0; i < list->count; i++)
        list->items[i]->marked = 0;
}

/* Whether doubles are all that an interior node holds for a sweep. */
static inline int holds_doubles(Value *v)
{
    if (v->grad_is == OBJECT || !is_exactly_value((PyObject *)v))
        return 0;
    if (v->shape == ANY) {
        PyObject *partials = v->any.partials;
        Py_ssize_t n = PyTuple_CheckExact(partials) ? PyTuple_GET_SIZE(partials) : -1;
        if (n != PyTuple_GET_SIZE(v->any.parents))
            return 0;
        while (n--)
            if (!PyFloat_CheckExact(PyTuple_GET_ITEM(partials, n)))
                return 0;
    }
    return 1;
}

/* Then set its gradient to 0, as every sweep does first. */
static inline int is_ready(Value *v)
{
    if (!holds_doubles(v))
        return 0;
    v->grad.number = 0.0;
    v->grad_is = NUMBER;
    return 1;
}

/* Append the interior nodes that `root` was computed from, each after its parents, to `order`, and
   leave them marked; what is marked already is left out. For a sweep each is made ready. */
static int search(Value *root, List *order, int sweeps)
{
    Stack stack = {NULL, 0, 0};
    PyObject *const *parents;
    if (root->marked || is_leaf(root))
        return DONE;
    int strange = sweeps && !is_ready(root), outcome = push(&stack, root);
    while (outcome == DONE && stack.count) {
        Frame *top = stack.items + stack.count - 1;
        Value *found = NULL;
        Py_ssize_t n = parents_of(top->node, &parents);
        while (!found && top->next < n) {
            Value *parent = (Value *)parents[top->next++];
            strange |= !is_exactly_value((PyObject *)parent);
            if (!is_value((PyObject *)parent))
                continue;
            strange |= sweeps && parent->grad_is == OBJECT;
            if (!parent->marked && !is_leaf(parent))
                found = parent;
        }
        if (found) {
            strange |= sweeps && !is_ready(found);
            outcome = push(&stack, found);
        } else if ((outcome = append(order, top->node)) == DONE)
            stack.count--;
    }
    while (stack.count)
        stack.items[--stack.count].node->marked = 0;
    PyMem_RawFree(stack.items);
    return outcome == DONE && strange ? STRANGER : outcome;
}

/* ------------------------------------------------------------------------- the sweep */

static inline void add_to(PyObject *parent, double contribution)
{
    Value *p = (Value *)parent;
    p->grad.number = (p->grad_is == ZERO ? 0.0 : p->grad.number) + contribution;
    p->grad_is = NUMBER;
}

static inline double partial_of(const Value *v, Py_ssize_t i, int is_many)
{
    return is_many ? v->many->partials[i] : PyFloat_AS_DOUBLE(PyTuple_GET_ITEM(v->any.partials, i));
}

/* The same for a node of any number of parents. */
static inline void pass_on_to_all(const Value *v, double grad, int is_many)
{
    PyObject *const *parents;
    double sum = 0.0;
    Py_ssize_t n = parents_of(v, &parents);
    if (n > 2 && grad == 0.0) {     /* a unit that is off: unless a partial is inf or nan, nothing */
        for (Py_ssize_t i = 0; i < n; i++)      /* but zeros would flow */
            sum += partial_of(v, i, is_many);
        if (sum * grad == 0.0)
            return;
    }
    for (Py_ssize_t i = 0; i < n; i++)
        add_to(parents[i], partial_of(v, i, is_many) * grad);
}

/* Let a node, whose gradient is complete, pass it on to its parents. */
static inline void pass_on(const Value *v)
{
    double grad = v->grad.number;
    if (v->shape == MANY)
        pass_on_to_all(v, grad, 1);
    else if (v->shape != FEW)
        pass_on_to_all(v, grad, 0);
    else {
        if (v->active & 1)
            add_to(v->few.operands[0], v->few.partials[0] * grad);
        if (v->active & 2)
            add_to(v->few.operands[1], v->few.partials[1] * grad);
    }
}

/* And unmark the nodes: another pass over a graph of some MB costs as much as this one. */
static void pass_back(const List *order, double seed)
{
    order->items[order->count - 1]->grad.number = 0.0 + seed;  /* never -0.0 */
    for (Py_ssize_t i = order->count; i--;) {
        pass_on(order->items[i]);
        order->items[i]->marked = 0;
    }
}

/* sweep(root, seed, order=None): as in graph/sweep.py; an order is found as fast as it is read. */
PyObject *sweep(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    List order = {NULL, 0, 0};
    int outcome = STRANGER;
    if (nargs >= 2 && is_exactly_value(args[0]) && PyFloat_CheckExact(args[1]))
        outcome = search((Value *)args[0], &order, 1);
    int done = outcome == DONE && order.count;
    if (done)
        pass_back(&order, PyFloat_AS_DOUBLE(args[1]));
    else
        unmark(&order);
    PyMem_RawFree(order.items);
    if (outcome == NO_MEMORY)
        return PyErr_NoMemory();
    return done ? Py_NewRef(Py_None) : PyObject_Vectorcall(python.sweep, args, nargs, NULL);
}

/* Notes that are more than a label or an origin may have hooks. */
static inline int may_have_hooks(const Value *v)
{
    return v->notes && !PyUnicode_CheckExact(v->notes) && !PyTuple_CheckExact(v->notes);
}

/* holds_floats_alone(root): whether a sweep from there meets nothing but floats, and no hook; then
   what other graphs hold is no reason for the sweep in full. Nothing is written. */
PyObject *holds_floats_alone(PyObject *Py_UNUSED(module), PyObject *root)
{
    List order = {NULL, 0, 0};
    PyObject *const *parents;
    int outcome = is_exactly_value(root) ? search((Value *)root, &order, 0) : STRANGER;
    unmark(&order);
    for (Py_ssize_t i = 0; outcome == DONE && i < order.count; i++) {
        Value *v = order.items[i];
        if (!holds_doubles(v) || may_have_hooks(v))
            outcome = STRANGER;
        for (Py_ssize_t j = parents_of(v, &parents); j--;)
            if (may_have_hooks((Value *)parents[j]) || ((Value *)parents[j])->grad_is == OBJECT)
                outcome = STRANGER;
    }
    PyMem_RawFree(order.items);
    return outcome == NO_MEMORY ? PyErr_NoMemory() : PyBool_FromLong(outcome == DONE && order.count);
}

/* gradients(root, seed, variables): what one sweep brings to each variable; None where there is
   more than floats, or a leaf beside the variables, whose gradient is not to be touched. */
PyObject *gradients(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    List order = {NULL, 0, 0};
    PyObject *const *parents, *out = NULL;
    double seed;
    if (nargs != 3 || !is_exactly_value(args[0]) || float_of(args[1], &seed) != OF_LITERAL
        || !PyList_CheckExact(args[2]))
        Py_RETURN_NONE;
    Value **variables = (Value **)PySequence_Fast_ITEMS(args[2]);
    Py_ssize_t n = PyList_GET_SIZE(args[2]);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (!is_exactly_value((PyObject *)variables[i]) || variables[i]->shape != LEAF
            || variables[i]->data_is != NUMBER || variables[i]->grad_is == OBJECT)
            Py_RETURN_NONE;
    }
    int outcome = search((Value *)args[0], &order, 0);
    for (Py_ssize_t i = 0; i < n; i++) {
        variables[i]->grad_is = ZERO;
        variables[i]->marked = 1;
    }
    for (Py_ssize_t i = 0; outcome == DONE && i < order.count; i++)
        for (Py_ssize_t j = parents_of(order.items[i], &parents); j--;)
            if (!((Value *)parents[j])->marked)
                outcome = STRANGER;
    unmark(&order);
    unmark(&(List){variables, n, n});
    for (Py_ssize_t i = 0; outcome == DONE && i < order.count; i++)
        outcome = is_ready(order.items[i]) ? DONE : STRANGER;
    if (outcome == DONE && order.count) {
        pass_back(&order, seed);
        out = PyList_New(n);
        for (Py_ssize_t i = 0; out && i < n; i++) {
            double grad = variables[i]->grad_is == ZERO ? 0.0 : variables[i]->grad.number;
            PyObject *x = PyFloat_FromDouble(grad);
            if (x)
                PyList_SET_ITEM(out, i, x);
            else
                Py_CLEAR(out);
        }
    } else if (outcome != NO_MEMORY)
        out = Py_NewRef(Py_None);
    PyMem_RawFree(order.items);
    return out || PyErr_Occurred() ? out : PyErr_NoMemory();
}

/* ------------------------------------------------------------------------- the collector */

static int note_untracked(PyObject *x, void *found)
{
    return is_value(x) && !((Value *)x)->tracked ? append(found, (Value *)x) : DONE;
}

/* Track what a tracked object refers to, with all that it was computed from. */
static int track_all(PyObject *objects)
{
    List found = {NULL, 0, 0}, order = {NULL, 0, 0};
    int outcome = DONE;
    for (Py_ssize_t i = 0; outcome == DONE && i < PyList_GET_SIZE(objects); i++) {
        PyObject *x = PyList_GET_ITEM(objects, i);
        if (Py_TYPE(x)->tp_traverse)
            outcome = Py_TYPE(x)->tp_traverse(x, note_untracked, &found);
    }
    for (Py_ssize_t i = 0; outcome != NO_MEMORY && i < found.count; i++)
        outcome = search(found.items[i], &order, 0);    /* marks stay: each is seen once */
    unmark(&order);
    for (Py_ssize_t i = 0; i < order.count; i++)
        track(order.items[i]);      /* a leaf that is not tracked refers to nothing */
    PyMem_RawFree(order.items);
    PyMem_RawFree(found.items);
    return outcome;
}

/* collecting(phase, info), one of gc.callbacks: prepare a full collection.

   Then no cycle has a gap. Of a cycle that is garbage take a longest run of untracked Values: the
   first is referred to by something tracked, so it is found, and the others are its ancestry. */
PyObject *collecting(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    static Py_ssize_t prepared;
    if (!tracked_count || nargs != 2 || PyUnicode_CompareWithASCIIString(args[0], "start") != 0)
        Py_RETURN_NONE;
    PyObject *generation = PyDict_GetItemString(args[1], "generation");
    long which = generation ? PyLong_AsLong(generation) : 2;
    /* Early releases of 3.14 collect in increments, as generation 1, and never fully. */
    if (which < 2 && !(PY_VERSION_HEX >= 0x030e0000 && which == 1 && tracked_count > 2 * prepared))
        Py_RETURN_NONE;
    PyObject *objects = PyObject_CallNoArgs(python.get_objects);
    int outcome = objects ? track_all(objects) : NO_MEMORY;
    Py_XDECREF(objects);
    prepared = tracked_count;
    if (outcome == NO_MEMORY)
        return PyErr_Occurred() ? NULL : PyErr_NoMemory();
    Py_RETURN_NONE;
}
