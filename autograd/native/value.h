/* The node in C, which all sources share: value.c builds graphs, sweep.c goes through them. */

#ifndef GLASSGRAD_VALUE_H
#define GLASSGRAD_VALUE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <float.h>
#include <math.h>
#include <stddef.h>

/* From 3.15 on nobody has looked yet whether an object still follows two words of the collector. */
#if FLT_EVAL_METHOD != 0 || defined(Py_GIL_DISABLED) || defined(Py_LIMITED_API) \
    || PY_VERSION_HEX >= 0x030F0000
#error "the Python twin serves here"
#endif

/* What a slot holds: the int 0 that every gradient begins with, a double, or any other object. The
   first of each enum is what memory that is all zero means. */
enum { ZERO, NUMBER, OBJECT };
typedef union { double number; PyObject *object; } Slot;

/* The shapes of a node: LEAF; FEW, one or two operands; MANY, a dot; ANY, what Python has built, as
   the four objects that it gave. */
enum { LEAF, FEW, MANY, ANY };

typedef struct {                    /* one block; the parents are the operands that are Values */
    Py_ssize_t operand_count, parent_count;
    PyObject **operands, **parents;
    double *partials;
} Many;

typedef struct {
    PyObject_HEAD
    Slot data, grad;
    PyObject *notes;                /* label, hooks and origin; NULL for most */
    union {
        struct { PyObject *operands[2]; double partials[2]; } few;  /* the second may be NULL */
        struct { PyObject *operands, *parents, *partials, *op; } any;
        Many *many;
    };
    uint16_t row;                   /* of FEW: which one */
    uint8_t shape, data_is, grad_is;
    uint8_t active;                 /* of FEW: bits 0 and 1, which operands are Values */
    uint8_t marked;                 /* seen by the search that is running */
    uint8_t tracked : 1;            /* known to the collector, and counted */
    uint8_t placed : 1;             /* its memory is of memory.c, whatever its class is by now */
} Value;

/* The Python that this calls, given by `learn`: otherwise(row, *operands), the general path of an
   operation; call(row, operands), that of a row which is called; in_open_modes(node), what open
   blocks do with a new node; OPEN, MODES and VARIABLES of autograd.graph; Node.__init__; the six
   comparisons of the class in Python, and its bool; the rows of rules.h in its order, and that of a
   dot; gc.get_objects; and the functions of Python that those of the same names here leave to it. */
#define PYTHON(X) X(otherwise) X(call) X(in_open_modes) X(open) X(modes) X(variables) X(initialise) \
                  X(compare) X(truth) X(rows) X(dot) X(get_objects) X(sweep) X(dots) X(unchanged)
#define OBJECT_OF(name) PyObject *name;
typedef struct { PYTHON(OBJECT_OF) } Python;

extern Python python;
extern PyTypeObject *value_type;
extern Py_ssize_t tracked_count;

Value *take_place(void);
void give_place(Value *v);
Value *new_value(double data);
PyObject *in_modes(Value *v);
void track(Value *v);

/* The functions of sweep.c and layer.c. */
PyObject *sweep(PyObject *, PyObject *const *, Py_ssize_t);
PyObject *holds_floats_alone(PyObject *, PyObject *);
PyObject *gradients(PyObject *, PyObject *const *, Py_ssize_t);
PyObject *dots(PyObject *, PyObject *const *, Py_ssize_t);
PyObject *unchanged(PyObject *, PyObject *const *, Py_ssize_t);
PyObject *collecting(PyObject *, PyObject *const *, Py_ssize_t);

/* Of Value itself: a subclass may override what is read here, so that it is left to Python. */
static inline int is_exactly_value(PyObject *x) { return Py_IS_TYPE(x, value_type); }
/* Of Value or a subclass: as memory, all are the same. */
static inline int is_value(PyObject *x) { return PyObject_TypeCheck(x, value_type); }

static inline int anything_open(void) { return PyDict_GET_SIZE(python.open) != 0; }

enum { NO_FLOAT, OF_VALUE, OF_LITERAL };

/* The float of an operand, and what it is the float of. */
static inline int float_of(PyObject *x, double *number)
{
    if (is_exactly_value(x)) {
        *number = ((Value *)x)->data.number;
        return ((Value *)x)->data_is == NUMBER ? OF_VALUE : NO_FLOAT;
    }
    if (PyFloat_CheckExact(x)) {
        *number = PyFloat_AS_DOUBLE(x);
        return OF_LITERAL;
    }
    if (!PyLong_CheckExact(x))
        return NO_FLOAT;
    *number = PyLong_AsDouble(x);
    if (*number != -1.0 || !PyErr_Occurred())
        return OF_LITERAL;
    PyErr_Clear();                  /* too large for a float: Python says so */
    return NO_FLOAT;
}

/* The parents of a node, and how many there are. */
static inline Py_ssize_t parents_of(const Value *v, PyObject *const **parents)
{
    switch (v->shape) {
    case FEW:
        *parents = v->few.operands + (v->active == 2);
        return 1 + (v->active == 3);
    case MANY:
        *parents = v->many->parents;
        return v->many->parent_count;
    case ANY:
        *parents = ((PyTupleObject *)v->any.parents)->ob_item;
        return PyTuple_GET_SIZE(v->any.parents);
    }
    *parents = NULL;
    return 0;
}

static inline int is_leaf(const Value *v)
{
    return v->shape == LEAF || (v->shape == ANY && !PyTuple_GET_SIZE(v->any.parents));
}

#endif
