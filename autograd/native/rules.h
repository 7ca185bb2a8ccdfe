/* The elementary functions on doubles, in the bits of the Python twin. Printed from the table by
   python -m autograd.native.printing; do not edit.

   UNARY_ROWS(ROW) and BINARY_ROWS(ROW) list the rows of one and of two operands. Of each there are
   NAME_value(x), or NAME_value(x, y), and the local partials by the first and the second operand,
   NAME_by_x(x, out), or NAME_by_x(x, y, out) and NAME_by_y(x, y, out), where `out` is the value;
   NAME_doc is the docstring of its method, with the signature.
   They answer as IEEE 754 does and never fail. Compile with -ffp-contract=off. */

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#if FLT_EVAL_METHOD != 0 || defined(__FAST_MATH__)
#error "doubles have to be computed as such: the Python twin serves here"
#endif
#if defined(_MSC_VER)
#pragma fp_contract(off)
#elif defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

/* Python's %: its sign is that of y. */
static double py_remainder(double x, double y)
{
    double r = fmod(x, y);
    if (r == 0.0)
        return copysign(0.0, y);
    return (r < 0.0) != (y < 0.0) ? r + y : r;
}

/* Python's //, of a y other than 0. */
static double py_floor_divide(double x, double y)
{
    double r = fmod(x, y), q = (x - r) / y, whole;
    if (r != 0.0 && (r < 0.0) != (y < 0.0))
        q -= 1.0;
    if (q == 0.0)
        return copysign(0.0, x / y);
    whole = floor(q);
    return q - whole > 0.5 ? whole + 1.0 : whole;
}

/* The rounded sum of two, and what rounding took away (Knuth 4.2.2). */
static void py_two_sum(double a, double b, double *sum, double *error)
{
    double s = a + b, z = s - a;
    *sum = s;
    *error = (a - (s - z)) + (b - z);
}

/* math.fsum of three finite numbers, their sum rounded once (Boldo and Melquiond 2008). */
static double py_fsum3(double a, double b, double c)
{
    double high, low, most, rest, odd, error;
    uint64_t bits;
    py_two_sum(b, c, &high, &low);
    py_two_sum(a, high, &most, &rest);
    py_two_sum(rest, low, &odd, &error);
    memcpy(&bits, &odd, sizeof bits);
    if (error != 0.0 && !(bits & 1))    /* rounded to odd, it says on which side of a tie it is */
        odd = nextafter(odd, error > 0.0 ? INFINITY : -INFINITY);
    return most + odd;
}

/* math.frexp: C leaves open what the exponent of inf and nan is. */
static double py_frexp(double x, int *e)
{
    *e = 0;
    return x - x == 0.0 ? frexp(x, e) : x;
}

/* Whether a function of `math` raises: a nan of numbers, an infinity of finite ones. */
static int py_raised1(double r, double x)
{
    return r != r ? x == x : r - r != 0.0 && x - x == 0.0;
}

static int py_raised2(double r, double x, double y)
{
    return r != r ? x == x && y == y : r - r != 0.0 && x - x == 0.0 && y - y == 0.0;
}

/* m 2^e, rounded once. */
static double ag_scaled(double m, int e)
{
    double r1;
    r1 = ldexp(m, e);
    if (py_raised1(r1, m)) goto raised1;
    return r1;
raised1:;
    return copysign(INFINITY, m);
}

/* a / b^2. */
static double ag_over_square(double a, double b)
{
    double s, m, n;
    int i, j;
    s = b * b;
    if (1e-290 < s && s < 1e+290) {
        return a / s;
    }
    if (!b) {
        return a == a && a ? copysign(INFINITY, a) : NAN;
    }
    m = py_frexp(a, &i);
    n = py_frexp(b, &j);
    return ag_scaled(m / (n * n), i - 2 * j);
}

/* The largest whole number not above a / b. */
static double ag_floor_divide(double a, double b)
{
    if (b == 0.0) goto raised1;
    return py_floor_divide(a, b);
raised1:;
    return a / b;
}

/* The derivative of a step function: 0, and nan at nan. */
static double ag_flat(double x)
{
    return x == x ? 0.0 : x;
}

/* a - b floor(a/b): its sign is that of b. */
static double ag_remainder(double a, double b)
{
    if (b == 0.0) goto raised1;
    return py_remainder(a, b);
raised1:;
    return NAN;
}

/* a/b rounded towards 0, and exactly so: the quotient may round up to an integer. */
static double ag_truncate_divide(double a, double b)
{
    return copysign(1.0, a) * copysign(1.0, b) * ag_floor_divide(fabs(a), fabs(b));
}

/* y x**(y-1); 0 at y = 0. */
static double ag_power_by_base(double x, double y)
{
    double t, r1, v, r2, base, half;
    int exact, negative;
    t = y - 1.0;
    exact = t + 1.0 == y && (0.0 < fabs(y) && fabs(y) < 9007199254740992.0);
    if (exact) {
        r1 = pow(x, t);
        if (py_raised2(r1, x, t)) goto raised1;
        v = r1;
    } else {
        r2 = pow(x, y);
        if (py_raised2(r2, x, y)) goto raised1;
        if (x == 0.0) goto raised1;
        v = r2 / x;
    }
    if (1e-290 < fabs(v) && fabs(v) < 1e+290 && x == x) {
        return y * v;
    }
raised1:;
    if (x != x || y != y) {
        return NAN;
    }
    if (!y) {
        return 0.0;
    }
    if (x == 0.0 || fabs(x) == INFINITY) {
        v = pow(fabs(x), t);
        v = v ? y * v : v;
        return py_remainder(y, 2.0) == 0.0 && copysign(1.0, x) < 0.0 ? -v : v;
    }
    base = fabs(x);
    negative = 0;
    if (x < 0.0) {
        if (py_remainder(y, 1.0)) {
            return NAN;
        }
        negative = py_remainder(y, 2.0) == 0.0;
    }
    if (exact) {
        half = pow(base, 0.5 * t);
        v = half * y * half;
    } else {
        if (fabs(y) < 0.5) {
            v = pow(base, y) * y / base;
        } else {
            half = pow(base, 0.5 * y);
            v = half ? half * y / base * half : half;
        }
    }
    return negative ? -v : v;
}

/* x**y log(x); at x = 0 it is 0 for y >= 0 and -inf for y < 0. */
static double ag_power_by_exponent(double x, double y)
{
    double r1, v, r2, half;
    r1 = pow(x, y);
    if (py_raised2(r1, x, y)) goto raised1;
    v = r1;
    if (1e-290 < v && v < 1e+290 && y == y) {
        r2 = log(x);
        if (py_raised1(r2, x)) goto raised1;
        return v * r2;
    }
raised1:;
    if (!(x >= 0.0) || y != y) {
        return NAN;
    }
    if (!x) {
        return y >= 0.0 ? 0.0 : -INFINITY;
    }
    half = pow(x, 0.5 * y);
    return half ? half * log(x) * half : 0.0;
}

/* abs(x) for x >= 0, else nan: 1/nonnegative(x) is the derivative of log in its domain only. */
static double ag_nonnegative(double x)
{
    return x > 0.0 ? x : x == 0.0 ? 0.0 : NAN;
}

/* Cube root: the C library's, which may be off by 4 ULP, and one Newton step. */
static double ag_cbrt(double x)
{
    double c;
    c = cbrt(x);
    if (c - c || !c) {
        return c;
    }
    return c - (c - x / (c * c)) / 3.0;
}

/* 1 - x^2, accurate at 1 and -1. */
static double ag_one_minus_square(double x)
{
    return (1.0 - x) * (1.0 + x);
}

/* 1 / (1 + x^2). */
static double ag_lorentzian(double x)
{
    return fabs(x) < 100000000.0 ? 1.0 / (1.0 + x * x) : 1.0 / x / x;
}

/* The larger of two. */
static double ag_maximum(double a, double b)
{
    return (a >= b || a != a) ? a : b;
}

/* a / (a^2 + b^2); nan at the origin, 0 at infinity. */
static double ag_over_norm_square(double a, double b)
{
    double s, largest;
    int e;
    s = a * a + b * b;
    if (1e-290 < s && s < 1e+290) {
        return a / s;
    }
    largest = ag_maximum(fabs(a), fabs(b));
    if (!(0.0 < largest && largest < INFINITY)) {
        return largest == INFINITY ? copysign(0.0, a) : NAN;
    }
    py_frexp(largest, &e);
    a = ldexp(a, -e);
    b = ldexp(b, -e);
    return ag_scaled(a / (a * a + b * b), -e);
}

/* 1 - tanh(x)^2 without its cancellation. */
static double ag_sech2(double x)
{
    double r1;
    r1 = cosh(2.0 * x);
    if (py_raised1(r1, 2.0 * x)) goto raised1;
    if (1.0 + r1 == 0.0) goto raised1;
    return 2.0 / (1.0 + r1);
raised1:;
    return 4.0 * exp(-2.0 * fabs(x));
}

/* Two halves of 26 bits whose sum is a (Veltkamp's splitting, in Dekker 1971). */
static void ag__split(double a, double *first, double *second)
{
    double c, high;
    c = 134217729.0 * a;
    high = c - (c - a);
    *first = high;
    *second = a - high;
}

/* a*b - p, exactly, for p = the rounded a*b (Dekker 1971). */
static double ag__product_error(double a, double b, double p)
{
    double a1, a0, b1, b0;
    ag__split(a, &a1, &a0);
    ag__split(b, &b1, &b0);
    return a0 * b0 - (p - a1 * b1 - a0 * b1 - a1 * b0);
}

/* exp(shift - k x^2) for k a power of two: rounding x*x would cost up to 500 ULP. */
static double ag__exp_neg_square(double x, double k, double shift)
{
    double h, e;
    h = x * x;
    if (h < 1.0) {
        return exp(shift - k * h);
    }
    if (h > 3000.0) {
        return 0.0;
    }
    e = exp(shift - k * h);
    return e - e * (k * ag__product_error(x, x, h));
}

/* exp(-x^2). */
static double ag_exp_neg_square(double x)
{
    return ag__exp_neg_square(x, 1.0, 0.0);
}

/* Distribution function of the standard normal distribution, erfc(-x/sqrt(2)) / 2. */
static double ag_normal_cdf(double x)
{
    double t, low;
    t = -0.7071067811865476 * x;
    if (!(0.5 < t && t < 30.0)) {
        return 0.5 * erfc(t);
    }
    low = ag__product_error(-0.7071067811865476, x, t) - -4.833646656726457e-17 * x;
    return 0.5 * (erfc(t) - 1.1283791670955126 * ag__exp_neg_square(t, 1.0, 0.0) * low);
}

/* Density of the standard normal distribution, exp(-x^2/2) / sqrt(2 pi). */
static double ag_normal_pdf(double x)
{
    return 0.3989422804014327 * ag__exp_neg_square(x, 0.5, 0.0);
}

/* x normal_pdf(x). */
static double ag_x_normal_pdf(double x)
{
    if (fabs(x) < 37.0) {
        return x * (0.3989422804014327 * ag__exp_neg_square(x, 0.5, 0.0));
    }
    if (fabs(x) > 40.0) {
        return copysign(0.0, x);
    }
    return x * ag__exp_neg_square(x, 0.5, 128.0) * 1.0261630727919036e-56;
}

/* -1, 0 or 1. */
static double ag_sign(double x)
{
    return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x == x ? 0.0 : x;
}

/* max_shares(x, y)[0]. */
static double ag_max_share_of_two(double x, double y)
{
    return x > y ? 1.0 : x < y ? 0.0 : x == y ? 0.5 : NAN;
}

/* The smaller of two. */
static double ag_minimum(double a, double b)
{
    return (a <= b || a != a) ? a : b;
}

/* y exp(x), also where exp(x) alone is too small or too large for a float. */
static double ag_exp_times(double x, double y)
{
    double e, half, quarter;
    e = exp(x);
    if ((1e-290 < e && e < 1e+290) || !y) {
        return y * e;
    }
    half = exp(0.5 * x);
    if (half < INFINITY) {
        return y * half * half;
    }
    quarter = exp(0.25 * x);
    return y * quarter * quarter * quarter * quarter;
}

/* 1 / (1 + exp(-x)). */
static double ag_sigmoid(double x)
{
    double e;
    e = exp(x > 0.0 ? -x : x);
    return (x > 0.0 ? 1.0 : e) / (1.0 + e);
}

/* s (1 - s), s = sigmoid(x), without its cancellation. */
static double ag_logistic_density(double x)
{
    double r1;
    r1 = cosh(x);
    if (py_raised1(r1, x)) goto raised1;
    if (1.0 + r1 == 0.0) goto raised1;
    return 0.5 / (1.0 + r1);
raised1:;
    return exp(-fabs(x));
}

/* log(1 + exp(x)). */
static double ag_softplus(double x)
{
    return x > 0.0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/* log(sigmoid(x)). */
static double ag_log_sigmoid(double x)
{
    return -ag_softplus(-x);
}

/* x logistic_density(x). */
static double ag_x_logistic_density(double x)
{
    double size, half;
    size = fabs(x);
    if (size > 700.0) {
        if (size > 800.0) {
            return copysign(0.0, x);
        }
        half = exp(-0.5 * size);
        return x * half * half;
    }
    return x * ag_logistic_density(x);
}

/* x sigmoid(x). */
static double ag_silu(double x)
{
    return x > -700.0 ? x * ag_sigmoid(x) : ag_x_logistic_density(x);
}

/* The derivative of silu, sigmoid(x) + x logistic_density(x), without its cancellation. */
static double ag_silu_slope(double x)
{
    double t, e, density;
    if (!(-4.0 < x && x < 0.5)) {
        return ag_sigmoid(x) + ag_x_logistic_density(x);
    }
    t = x - -1.2784645427610737 - -1.0946994183093437e-16;
    e = exp(-fabs(x));
    density = e / (1.0 + e * (2.0 + e));
    return density * (t + 0.2784645427610738 * expm1(t));
}

/* x normal_cdf(x). */
static double ag_gelu(double x)
{
    double w, tail;
    if (x > -37.0) {
        return x * ag_normal_cdf(x);
    }
    w = 1.0 / (x * x);
    tail = w * (1.0 - 5.0 * w * (1.0 - 7.0 * w * (1.0 - 9.0 * w * (1.0 - 11.0 * w))));
    return -ag_normal_pdf(x) * (1.0 - w * (1.0 - 3.0 * tail));
}

static const double ag__GELU_AT_LOWEST[32] = {
    -9.927892480820575e-19, 1.0479092154315928e-18, 3.227615202396265e-17, 1.2856785359062144e-17,
    -9.20371037622446e-16, -1.6235436864839565e-15, 2.2685985892158687e-14, 7.338913321316225e-14,
    -4.683799857478135e-13, -2.4067651182769412e-12, 7.52409881588314e-12, 6.339696503168627e-11,
    -7.233836739814067e-11, -1.3717742726658603e-09, -4.805934828765267e-10, 2.4171477474728283e-08,
    4.090624595659827e-08, -3.340766174126951e-07, -1.0680966213283685e-06, 3.281043137954942e-06,
    1.8417192208089654e-05, -1.5184829417877867e-05, -0.00022546761392636472, -0.00014559788013267816,
    0.001873749120301296, 0.003669066579343496, -0.00864807286292906, -0.03424462140720597,
    2.7755575615628914e-17, 0.14676266317373995, 0.2075537487102973, -6.517571512431703e-17
};

static const double ag__GELU_AT_ROOT[32] = {
    1.3869121685013244e-18, 3.508210778008598e-18, -4.051438528160148e-17, -1.3507094681149314e-16,
    1.0789662518230155e-15, 4.5781678242713335e-15, -2.5871508475507504e-14, -1.3820118240601054e-13,
    5.482292964742323e-13, 3.725967039270117e-12, -9.950340824808051e-12, -8.950037692726252e-11,
    1.4506418938779424e-10, 1.9031984050131394e-09, -1.396942086426202e-09, -3.5459866461783865e-08,
    -1.6044265494246348e-09, 5.702764979242107e-07, 4.328450625739227e-07, -7.74846130700372e-06,
    -1.1214380188426639e-05, 8.615947861116573e-05, 0.0001863397462323351, -0.0007448268386746818,
    -0.002239538068073497, 0.004539228379125416, 0.019421679838189067, -0.014771522148244343,
    -0.1140082332972217, -0.018199676398671077, 0.38828498299055203, 0.43149399231404695
};

/* The derivative of gelu, normal_cdf(x) + x normal_pdf(x), without its cancellation. */
static double ag_gelu_slope(double x)
{
    double p, t, total, c;
    const double *series;
    if (!(-37.0 < x && x < -0.25)) {
        return ag_normal_cdf(x) + ag_x_normal_pdf(x);
    }
    if (x < -2.2) {
        p = ag_normal_pdf(x);
        return py_fsum3(ag_normal_cdf(x), x * p, ag__product_error(x, p, x * p));
    }
    if (x < -1.05) {
        t = x - -1.4142135623730951;
        total = -0.12890414518515478;
        series = ag__GELU_AT_LOWEST;
    } else {
        t = x - -0.7517915246935645 - 1.4956759177009883e-17;
        total = 0.0;
        series = ag__GELU_AT_ROOT;
    }
    p = 0.0;
    for (int i1 = 0; i1 < 32; i1++) {
        c = series[i1];
        p = p * t + c;
    }
    return total + t * p;
}

/* log(exp(a) + exp(b)). */
static double ag_logaddexp(double a, double b)
{
    double d;
    if (a == b) {
        return a + 0.6931471805599453;
    }
    d = a - b;
    return d > 0.0 ? a + log1p(exp(-d)) : b + log1p(exp(d));
}

/* exp(x - m), x <= m, with the rounding error of x - m made good (two-sum, Knuth 4.2.2). */
static double ag__exp_difference(double x, double m)
{
    double d, t, e;
    d = x - m;
    if (d < -800.0) {
        return 0.0;
    }
    t = d - x;
    e = exp(d);
    return e + e * (x - (d - t) - (m + t));
}

/* shares(x, y)[0]. */
static double ag_share_of_two(double x, double y)
{
    double m, e;
    if (x == y) {
        return x > -INFINITY ? 0.5 : 0.0;
    }
    m = x > y ? x : y;
    if (m == INFINITY && x == x) {
        return x == m ? 1.0 : 0.0;
    }
    e = ag__exp_difference(x, m);
    return e / (e + ag__exp_difference(y, m));
}

/* Sum of two operands. */
#define add_doc "add($self, y, /)\n--\n\nSum of two operands."
static inline double add_value(double x, double y) { return x + y; }
static inline double add_by_x(double x, double y, double out) { return 1.0; }
static inline double add_by_y(double x, double y, double out) { return 1.0; }

/* Difference of two operands. */
#define subtract_doc "subtract($self, y, /)\n--\n\nDifference of two operands."
static inline double subtract_value(double x, double y) { return x - y; }
static inline double subtract_by_x(double x, double y, double out) { return 1.0; }
static inline double subtract_by_y(double x, double y, double out) { return -1.0; }

/* Product of two operands. */
#define multiply_doc "multiply($self, y, /)\n--\n\nProduct of two operands."
static inline double multiply_value(double x, double y) { return x * y; }
static inline double multiply_by_x(double x, double y, double out) { return y; }
static inline double multiply_by_y(double x, double y, double out) { return x; }

/* Quotient. */
#define divide_doc "divide($self, y, /)\n--\n\nQuotient."
static inline double divide_value(double x, double y) { return x / y; }
static inline double divide_by_x(double x, double y, double out) { return 1.0 / y; }
static inline double divide_by_y(double x, double y, double out) { return -ag_over_square(x, y); }

/* Quotient rounded down; its derivative is 0. */
#define floor_divide_doc "floor_divide($self, y, /)\n--\n\nQuotient rounded down; its derivative is 0."
static inline double floor_divide_value(double x, double y) { return ag_floor_divide(x, y); }
static inline double floor_divide_by_x(double x, double y, double out) { return ag_flat(x); }
static inline double floor_divide_by_y(double x, double y, double out) { return ag_flat(y); }

/* Remainder with the sign of the divisor, x - y*floor(x/y). */
#define remainder_doc "remainder($self, y, /)\n--\n\nRemainder with the sign of the divisor, x - y*floor(x/y)."
static inline double remainder_value(double x, double y) { return ag_remainder(x, y); }
static inline double remainder_by_x(double x, double y, double out) { return 1.0; }
static inline double remainder_by_y(double x, double y, double out) { return -ag_floor_divide(x, y); }

/* Remainder with the sign of x, x - y*trunc(x/y), as in C. */
#define fmod_doc "fmod($self, y, /)\n--\n\nRemainder with the sign of x, x - y*trunc(x/y), as in C."
static inline double fmod_value(double x, double y) { return fmod(x, y); }
static inline double fmod_by_x(double x, double y, double out) { return 1.0; }
static inline double fmod_by_y(double x, double y, double out) { return -ag_truncate_divide(x, y); }

/* Power; a negative float to a real power is nan, never complex. */
#define power_doc "power($self, y, /)\n--\n\nPower; a negative float to a real power is nan, never complex."
static inline double power_value(double x, double y) { return pow(x, y); }
static inline double power_by_x(double x, double y, double out) { return ag_power_by_base(x, y); }
static inline double power_by_y(double x, double y, double out) { return ag_power_by_exponent(x, y); }

/* Minus x. */
#define negative_doc "negative($self, /)\n--\n\nMinus x."
static inline double negative_value(double x) { return -x; }
static inline double negative_by_x(double x, double out) { return -1.0; }

/* Plus x: the same number. */
#define positive_doc "positive($self, /)\n--\n\nPlus x: the same number."
static inline double positive_value(double x) { return x; }
static inline double positive_by_x(double x, double out) { return 1.0; }

/* Complex conjugate; a real number is its own. */
#define conjugate_doc "conjugate($self, /)\n--\n\nComplex conjugate; a real number is its own."
static inline double conjugate_value(double x) { return x; }
static inline double conjugate_by_x(double x, double out) { return 1.0; }

/* x times x. */
#define square_doc "square($self, /)\n--\n\nx times x."
static inline double square_value(double x) { return x * x; }
static inline double square_by_x(double x, double out) { return 2.0 * x; }

/* 1/x. */
#define reciprocal_doc "reciprocal($self, /)\n--\n\n1/x."
static inline double reciprocal_value(double x) { return 1.0 / x; }
static inline double reciprocal_by_x(double x, double out) { return -out * out; }

/* Exponential function. */
#define exp_doc "exp($self, /)\n--\n\nExponential function."
static inline double exp_value(double x) { return exp(x); }
static inline double exp_by_x(double x, double out) { return out; }

/* exp(x) - 1, accurate near 0. */
#define expm1_doc "expm1($self, /)\n--\n\nexp(x) - 1, accurate near 0."
static inline double expm1_value(double x) { return expm1(x); }
static inline double expm1_by_x(double x, double out) { return exp(x); }

/* 2 to the power x. */
#define exp2_doc "exp2($self, /)\n--\n\n2 to the power x."
static inline double exp2_value(double x) { return exp2(x); }
static inline double exp2_by_x(double x, double out) { return ag_power_by_exponent(2.0, x); }

/* Natural logarithm. */
#define log_doc "log($self, /)\n--\n\nNatural logarithm."
static inline double log_value(double x) { return log(x); }
static inline double log_by_x(double x, double out) { return 1.0 / ag_nonnegative(x); }

/* log(1 + x), accurate near 0. */
#define log1p_doc "log1p($self, /)\n--\n\nlog(1 + x), accurate near 0."
static inline double log1p_value(double x) { return log1p(x); }
static inline double log1p_by_x(double x, double out) { return 1.0 / ag_nonnegative(1.0 + x); }

/* Logarithm to base 2. */
#define log2_doc "log2($self, /)\n--\n\nLogarithm to base 2."
static inline double log2_value(double x) { return log2(x); }
static inline double log2_by_x(double x, double out) { return 1.4426950408889634 / ag_nonnegative(x); }

/* Logarithm to base 10. */
#define log10_doc "log10($self, /)\n--\n\nLogarithm to base 10."
static inline double log10_value(double x) { return log10(x); }
static inline double log10_by_x(double x, double out) { return 0.4342944819032518 / ag_nonnegative(x); }

/* Square root. */
#define sqrt_doc "sqrt($self, /)\n--\n\nSquare root."
static inline double sqrt_value(double x) { return sqrt(x); }
static inline double sqrt_by_x(double x, double out) { return 1.0 / ag_nonnegative(2.0 * out); }

/* Real cube root. */
#define cbrt_doc "cbrt($self, /)\n--\n\nReal cube root."
static inline double cbrt_value(double x) { return ag_cbrt(x); }
static inline double cbrt_by_x(double x, double out) { return ag_over_square(1.0, out) / 3.0; }

/* Sine; the angle is in radians. */
#define sin_doc "sin($self, /)\n--\n\nSine; the angle is in radians."
static inline double sin_value(double x) { return sin(x); }
static inline double sin_by_x(double x, double out) { return cos(x); }

/* Cosine; the angle is in radians. */
#define cos_doc "cos($self, /)\n--\n\nCosine; the angle is in radians."
static inline double cos_value(double x) { return cos(x); }
static inline double cos_by_x(double x, double out) { return -sin(x); }

/* Tangent; the angle is in radians. */
#define tan_doc "tan($self, /)\n--\n\nTangent; the angle is in radians."
static inline double tan_value(double x) { return tan(x); }
static inline double tan_by_x(double x, double out) { return 1.0 + out * out; }

/* Inverse sine. */
#define arcsin_doc "arcsin($self, /)\n--\n\nInverse sine."
static inline double arcsin_value(double x) { return asin(x); }
static inline double arcsin_by_x(double x, double out) { return 1.0 / sqrt(ag_one_minus_square(x)); }

/* Inverse cosine. */
#define arccos_doc "arccos($self, /)\n--\n\nInverse cosine."
static inline double arccos_value(double x) { return acos(x); }
static inline double arccos_by_x(double x, double out) { return -1.0 / sqrt(ag_one_minus_square(x)); }

/* Inverse tangent. */
#define arctan_doc "arctan($self, /)\n--\n\nInverse tangent."
static inline double arctan_value(double x) { return atan(x); }
static inline double arctan_by_x(double x, double out) { return ag_lorentzian(x); }

/* Angle of the point (x, y), given as y, x, in (-pi, pi]. */
#define arctan2_doc "arctan2($self, x, /)\n--\n\nAngle of the point (x, y), given as y, x, in (-pi, pi]."
static inline double arctan2_value(double y, double x) { return atan2(y, x); }
static inline double arctan2_by_x(double y, double x, double out) { return ag_over_norm_square(x, y); }
static inline double arctan2_by_y(double y, double x, double out) { return -ag_over_norm_square(y, x); }

/* Hyperbolic sine. */
#define sinh_doc "sinh($self, /)\n--\n\nHyperbolic sine."
static inline double sinh_value(double x) { return sinh(x); }
static inline double sinh_by_x(double x, double out) { return cosh(x); }

/* Hyperbolic cosine. */
#define cosh_doc "cosh($self, /)\n--\n\nHyperbolic cosine."
static inline double cosh_value(double x) { return cosh(x); }
static inline double cosh_by_x(double x, double out) { return sinh(x); }

/* Hyperbolic tangent, a sigmoid unit. */
#define tanh_doc "tanh($self, /)\n--\n\nHyperbolic tangent, a sigmoid unit."
static inline double tanh_value(double x) { return tanh(x); }
static inline double tanh_by_x(double x, double out) { return ag_sech2(x); }

/* Inverse hyperbolic cosine. */
#define arccosh_doc "arccosh($self, /)\n--\n\nInverse hyperbolic cosine."
static inline double arccosh_value(double x) { return acosh(x); }
static inline double arccosh_by_x(double x, double out) { return 1.0 / sqrt(x - 1.0) / sqrt(x + 1.0); }

/* Inverse hyperbolic tangent. */
#define arctanh_doc "arctanh($self, /)\n--\n\nInverse hyperbolic tangent."
static inline double arctanh_value(double x) { return atanh(x); }
static inline double arctanh_by_x(double x, double out) { return 1.0 / ag_nonnegative(ag_one_minus_square(x)); }

/* Degrees to radians. */
#define deg2rad_doc "deg2rad($self, /)\n--\n\nDegrees to radians."
static inline double deg2rad_value(double x) { return 0.017453292519943295 * x; }
static inline double deg2rad_by_x(double x, double out) { return 0.017453292519943295; }

/* Radians to degrees. */
#define rad2deg_doc "rad2deg($self, /)\n--\n\nRadians to degrees."
static inline double rad2deg_value(double x) { return 57.29577951308232 * x; }
static inline double rad2deg_by_x(double x, double out) { return 57.29577951308232; }

/* Error function. */
#define erf_doc "erf($self, /)\n--\n\nError function."
static inline double erf_value(double x) { return erf(x); }
static inline double erf_by_x(double x, double out) { return 1.1283791670955126 * ag_exp_neg_square(x); }

/* Complementary error function 1 - erf(x), accurate for large x. */
#define erfc_doc "erfc($self, /)\n--\n\nComplementary error function 1 - erf(x), accurate for large x."
static inline double erfc_value(double x) { return erfc(x); }
static inline double erfc_by_x(double x, double out) { return -(1.1283791670955126 * ag_exp_neg_square(x)); }

/* Standard normal distribution function, erfc(-x/sqrt(2))/2. */
#define normal_cdf_doc "normal_cdf($self, /)\n--\n\nStandard normal distribution function, erfc(-x/sqrt(2))/2."
static inline double normal_cdf_value(double x) { return ag_normal_cdf(x); }
static inline double normal_cdf_by_x(double x, double out) { return ag_normal_pdf(x); }

/* Standard normal density exp(-x**2/2)/sqrt(2*pi). */
#define normal_pdf_doc "normal_pdf($self, /)\n--\n\nStandard normal density exp(-x**2/2)/sqrt(2*pi)."
static inline double normal_pdf_value(double x) { return ag_normal_pdf(x); }
static inline double normal_pdf_by_x(double x, double out) { return -ag_x_normal_pdf(x); }

/* Angle of a complex number in the plane, in (-pi, pi]; of a real one 0 or pi. */
#define angle_doc "angle($self, /)\n--\n\nAngle of a complex number in the plane, in (-pi, pi]; of a real one 0 or pi."
static inline double angle_value(double x) { return atan2(0.0, x); }
static inline double angle_by_x(double x, double out) { return ag_flat(x); }

/* Absolute value. */
#define abs_doc "abs($self, /)\n--\n\nAbsolute value."
static inline double abs_value(double x) { return fabs(x); }
static inline double abs_by_x(double x, double out) { return ag_sign(x); }

/* -1, 0 or 1; its derivative is 0. */
#define sign_doc "sign($self, /)\n--\n\n-1, 0 or 1; its derivative is 0."
static inline double sign_value(double x) { return ag_sign(x); }
static inline double sign_by_x(double x, double out) { return ag_flat(x); }

/* Magnitude of x with the sign of y. */
#define copysign_doc "copysign($self, y, /)\n--\n\nMagnitude of x with the sign of y."
static inline double copysign_value(double x, double y) { return copysign(x, y); }
static inline double copysign_by_x(double x, double y, double out) { return ag_sign(x) * copysign(1.0, y); }
static inline double copysign_by_y(double x, double y, double out) { return 0.0; }

/* Largest integer <= x; its derivative is 0. */
#define floor_doc "floor($self, /)\n--\n\nLargest integer <= x; its derivative is 0."
static inline double floor_value(double x) { return floor(x); }
static inline double floor_by_x(double x, double out) { return ag_flat(x); }

/* Smallest integer >= x; its derivative is 0. */
#define ceil_doc "ceil($self, /)\n--\n\nSmallest integer >= x; its derivative is 0."
static inline double ceil_value(double x) { return ceil(x); }
static inline double ceil_by_x(double x, double out) { return ag_flat(x); }

/* x rounded towards 0; its derivative is 0. */
#define trunc_doc "trunc($self, /)\n--\n\nx rounded towards 0; its derivative is 0."
static inline double trunc_value(double x) { return trunc(x); }
static inline double trunc_by_x(double x, double out) { return ag_flat(x); }

/* Nearest integer, the even one at a tie; its derivative is 0. */
#define rint_doc "rint($self, /)\n--\n\nNearest integer, the even one at a tie; its derivative is 0."
static inline double rint_value(double x) { return rint(x); }
static inline double rint_by_x(double x, double out) { return ag_flat(x); }

/* Larger of two operands. */
#define maximum_doc "maximum($self, y, /)\n--\n\nLarger of two operands."
static inline double maximum_value(double x, double y) { return ag_maximum(x, y); }
static inline double maximum_by_x(double x, double y, double out) { return ag_max_share_of_two(x, y); }
static inline double maximum_by_y(double x, double y, double out) { return ag_max_share_of_two(y, x); }

/* Smaller of two operands. */
#define minimum_doc "minimum($self, y, /)\n--\n\nSmaller of two operands."
static inline double minimum_value(double x, double y) { return ag_minimum(x, y); }
static inline double minimum_by_x(double x, double y, double out) { return ag_max_share_of_two(-x, -y); }
static inline double minimum_by_y(double x, double y, double out) { return ag_max_share_of_two(-y, -x); }

/* Threshold unit: 0 for x < 0, 1 for x > 0, and h0 (0 unless given) at x = 0. */
#define heaviside_doc "heaviside($self, h0=0, /)\n--\n\nThreshold unit: 0 for x < 0, 1 for x > 0, and h0 (0 unless given) at x = 0."
static inline double heaviside_value(double x, double h0) { return x > 0.0 ? 1.0 : x < 0.0 ? 0.0 : isnan(x) ? x : h0; }
static inline double heaviside_by_x(double x, double h0, double out) { return ag_flat(x); }
static inline double heaviside_by_y(double x, double h0, double out) { return (x > 0.0 ? 0.0 : x < 0.0 ? 0.0 : 1.0) + ag_flat(out); }

/* Rectified linear unit, max(x, 0). */
#define relu_doc "relu($self, /)\n--\n\nRectified linear unit, max(x, 0)."
static inline double relu_value(double x) { return x <= 0.0 ? 0.0 : x; }
static inline double relu_by_x(double x, double out) { return x > 0.0 ? 1.0 : x < 0.0 ? 0.0 : isnan(x) ? x : 0.0; }

/* x for x > 0, else slope*x; the slope is 0.01 unless given. */
#define leaky_relu_doc "leaky_relu($self, slope=0.01, /)\n--\n\nx for x > 0, else slope*x; the slope is 0.01 unless given."
static inline double leaky_relu_value(double x, double slope) { return x > 0.0 ? x : slope * x; }
static inline double leaky_relu_by_x(double x, double slope, double out) { return (x > 0.0 ? 1.0 : slope) + ag_flat(x); }
static inline double leaky_relu_by_y(double x, double slope, double out) { return x > 0.0 ? 0.0 : x + ag_flat(slope); }

/* Exponential linear unit: x for x > 0, else alpha*(exp(x) - 1) (Clevert et al. 2015). */
#define elu_doc "elu($self, alpha=1, /)\n--\n\nExponential linear unit: x for x > 0, else alpha*(exp(x) - 1) (Clevert et al. 2015)."
static inline double elu_value(double x, double alpha) { return x > 0.0 ? x : alpha * expm1(x); }
static inline double elu_by_x(double x, double alpha, double out) { return x > 0.0 ? 1.0 : ag_exp_times(x, alpha); }
static inline double elu_by_y(double x, double alpha, double out) { return (x > 0.0 ? 0.0 : expm1(x)) + ag_flat(out); }

/* Piecewise-linear unit clip(x/6 + 1/2, 0, 1). */
#define hard_sigmoid_doc "hard_sigmoid($self, /)\n--\n\nPiecewise-linear unit clip(x/6 + 1/2, 0, 1)."
static inline double hard_sigmoid_value(double x) { return ag_minimum(ag_maximum(((x + 3.0) / 6.0), 0.0), 1.0); }
static inline double hard_sigmoid_by_x(double x, double out) { return ((x > -3.0 && x < 3.0 ? 1.0 : 0.0) + ag_flat(x)) / 6.0; }

/* Piecewise-linear unit clip(x, -1, 1). */
#define hard_tanh_doc "hard_tanh($self, /)\n--\n\nPiecewise-linear unit clip(x, -1, 1)."
static inline double hard_tanh_value(double x) { return ag_minimum(ag_maximum(x, (-1.0)), 1.0); }
static inline double hard_tanh_by_x(double x, double out) { return (x > -1.0 && x < 1.0 ? 1.0 : 0.0) + ag_flat(x); }

/* Logistic sigmoid unit 1/(1 + exp(-x)). */
#define sigmoid_doc "sigmoid($self, /)\n--\n\nLogistic sigmoid unit 1/(1 + exp(-x))."
static inline double sigmoid_value(double x) { return ag_sigmoid(x); }
static inline double sigmoid_by_x(double x, double out) { return ag_logistic_density(x); }

/* log(sigmoid(x)), stable. */
#define log_sigmoid_doc "log_sigmoid($self, /)\n--\n\nlog(sigmoid(x)), stable."
static inline double log_sigmoid_value(double x) { return ag_log_sigmoid(x); }
static inline double log_sigmoid_by_x(double x, double out) { return ag_sigmoid(-x); }

/* log(1 + exp(x)), stable. */
#define softplus_doc "softplus($self, /)\n--\n\nlog(1 + exp(x)), stable."
static inline double softplus_value(double x) { return ag_softplus(x); }
static inline double softplus_by_x(double x, double out) { return ag_sigmoid(x); }

/* Sigmoid linear unit x*sigmoid(x), also called swish. */
#define silu_doc "silu($self, /)\n--\n\nSigmoid linear unit x*sigmoid(x), also called swish."
static inline double silu_value(double x) { return ag_silu(x); }
static inline double silu_by_x(double x, double out) { return ag_silu_slope(x); }

/* Gaussian error linear unit x*normal_cdf(x), the exact one (Hendrycks and Gimpel 2016). */
#define gelu_doc "gelu($self, /)\n--\n\nGaussian error linear unit x*normal_cdf(x), the exact one (Hendrycks and Gimpel 2016)."
static inline double gelu_value(double x) { return ag_gelu(x); }
static inline double gelu_by_x(double x, double out) { return ag_gelu_slope(x); }

/* log(exp(x) + exp(y)), stable. */
#define logaddexp_doc "logaddexp($self, y, /)\n--\n\nlog(exp(x) + exp(y)), stable."
static inline double logaddexp_value(double x, double y) { return ag_logaddexp(x, y); }
static inline double logaddexp_by_x(double x, double y, double out) { return ag_share_of_two(x, y); }
static inline double logaddexp_by_y(double x, double y, double out) { return ag_share_of_two(y, x); }

/* Derivative of tanh, 1/cosh(x)**2. */
#define sech2_doc "sech2($self, /)\n--\n\nDerivative of tanh, 1/cosh(x)**2."
static inline double sech2_value(double x) { return ag_sech2(x); }
static inline double sech2_by_x(double x, double out) { return -2.0 * tanh(x) * out; }

/* Derivative of the sigmoid, s*(1 - s). */
#define logistic_density_doc "logistic_density($self, /)\n--\n\nDerivative of the sigmoid, s*(1 - s)."
static inline double logistic_density_value(double x) { return ag_logistic_density(x); }
static inline double logistic_density_by_x(double x, double out) { return -out * tanh(x / 2.0); }

/* x*logistic_density(x). */
#define x_logistic_density_doc "x_logistic_density($self, /)\n--\n\nx*logistic_density(x)."
static inline double x_logistic_density_value(double x) { return ag_x_logistic_density(x); }
static inline double x_logistic_density_by_x(double x, double out) { return ag_logistic_density(x) - out * tanh(x / 2.0); }

/* Derivative of silu, sigmoid(x) + x*logistic_density(x). */
#define silu_slope_doc "silu_slope($self, /)\n--\n\nDerivative of silu, sigmoid(x) + x*logistic_density(x)."
static inline double silu_slope_value(double x) { return ag_silu_slope(x); }
static inline double silu_slope_by_x(double x, double out) { return 2.0 * ag_logistic_density(x) - ag_x_logistic_density(x) * tanh(x / 2.0); }

/* y*exp(x). */
#define exp_times_doc "exp_times($self, y, /)\n--\n\ny*exp(x)."
static inline double exp_times_value(double x, double y) { return ag_exp_times(x, y); }
static inline double exp_times_by_x(double x, double y, double out) { return out; }
static inline double exp_times_by_y(double x, double y, double out) { return exp(x); }

/* Derivative of arctan, 1/(1 + x**2). */
#define lorentzian_doc "lorentzian($self, /)\n--\n\nDerivative of arctan, 1/(1 + x**2)."
static inline double lorentzian_value(double x) { return ag_lorentzian(x); }
static inline double lorentzian_by_x(double x, double out) { return -2.0 * out * ag_over_norm_square(x, 1.0); }

/* Quotient rounded towards 0; its derivative is 0. */
#define truncate_divide_doc "truncate_divide($self, y, /)\n--\n\nQuotient rounded towards 0; its derivative is 0."
static inline double truncate_divide_value(double x, double y) { return ag_truncate_divide(x, y); }
static inline double truncate_divide_by_x(double x, double y, double out) { return ag_flat(x); }
static inline double truncate_divide_by_y(double x, double y, double out) { return ag_flat(y); }

/* Derivative of a function that is constant between its jumps: 0, and nan at nan. */
#define flat_doc "flat($self, /)\n--\n\nDerivative of a function that is constant between its jumps: 0, and nan at nan."
static inline double flat_value(double x) { return ag_flat(x); }
static inline double flat_by_x(double x, double out) { return ag_flat(x); }

/* x itself, and nan below 0: keeps a rule to the domain of its function. */
#define nonnegative_doc "nonnegative($self, /)\n--\n\nx itself, and nan below 0: keeps a rule to the domain of its function."
static inline double nonnegative_value(double x) { return ag_nonnegative(x); }
static inline double nonnegative_by_x(double x, double out) { return 1.0; }

/* 1 - x**2, accurate at 1 and -1. */
#define one_minus_square_doc "one_minus_square($self, /)\n--\n\n1 - x**2, accurate at 1 and -1."
static inline double one_minus_square_value(double x) { return ag_one_minus_square(x); }
static inline double one_minus_square_by_x(double x, double out) { return -2.0 * x; }

#define UNARY_ROWS(ROW) \
    ROW(negative) \
    ROW(positive) \
    ROW(conjugate) \
    ROW(square) \
    ROW(reciprocal) \
    ROW(exp) \
    ROW(expm1) \
    ROW(exp2) \
    ROW(log) \
    ROW(log1p) \
    ROW(log2) \
    ROW(log10) \
    ROW(sqrt) \
    ROW(cbrt) \
    ROW(sin) \
    ROW(cos) \
    ROW(tan) \
    ROW(arcsin) \
    ROW(arccos) \
    ROW(arctan) \
    ROW(sinh) \
    ROW(cosh) \
    ROW(tanh) \
    ROW(arccosh) \
    ROW(arctanh) \
    ROW(deg2rad) \
    ROW(rad2deg) \
    ROW(erf) \
    ROW(erfc) \
    ROW(normal_cdf) \
    ROW(normal_pdf) \
    ROW(angle) \
    ROW(abs) \
    ROW(sign) \
    ROW(floor) \
    ROW(ceil) \
    ROW(trunc) \
    ROW(rint) \
    ROW(relu) \
    ROW(hard_sigmoid) \
    ROW(hard_tanh) \
    ROW(sigmoid) \
    ROW(log_sigmoid) \
    ROW(softplus) \
    ROW(silu) \
    ROW(gelu) \
    ROW(sech2) \
    ROW(logistic_density) \
    ROW(x_logistic_density) \
    ROW(silu_slope) \
    ROW(lorentzian) \
    ROW(flat) \
    ROW(nonnegative) \
    ROW(one_minus_square)

#define BINARY_ROWS(ROW) \
    ROW(add) \
    ROW(subtract) \
    ROW(multiply) \
    ROW(divide) \
    ROW(floor_divide) \
    ROW(remainder) \
    ROW(fmod) \
    ROW(power) \
    ROW(arctan2) \
    ROW(copysign) \
    ROW(maximum) \
    ROW(minimum) \
    ROW(heaviside) \
    ROW(leaky_relu) \
    ROW(elu) \
    ROW(logaddexp) \
    ROW(exp_times) \
    ROW(truncate_divide)

/* Left to Python:
   hypot: math.hypot is CPython's own algorithm, not the C library's
   arcsinh: math.hypot is CPython's own algorithm, not the C library's
   unit_hypot: math.hypot is CPython's own algorithm, not the C library's
   lgamma: math.lgamma is CPython's own algorithm, not the C library's
   digamma: its derivative is a sum of any length by math.fsum, CPython's own algorithm
   exp_neg_square: its derivatives of any order take loops over polynomials
   x_normal_pdf: its derivatives of any order take loops over polynomials
   gelu_slope: its derivatives of any order take loops over polynomials
   gamma: its derivatives take integers of any size
   over_square: its derivatives take integers of any size
   over_norm_square: its derivatives take integers of any size
   power_by_base: its derivatives take polynomials
   power_by_exponent: its derivatives take polynomials */
