// The elementary functions on doubles. Printed from the table by
// python -m autograd.display.javascript; do not edit. It stands behind python.js.
//
// Of each row that JavaScript can say there are its value, and the local partials by all operands
// as a function of the value and the operands. Those of a row of `many` operands are one list. A
// node of all components of a gradient has these as `outputs`, and of their Jacobian, which is
// symmetric, the product with a vector, a Map: value is the number of the function.

// m 2^e, rounded once.
function ag_scaled(m, e) {
  try {
    return checked(ldexp(m, e), m, e);
  } catch {
    return copysign(Infinity, m);
  }
}

// a / b^2.
function ag_over_square(a, b) {
  let s, m, i, n, j;
  s = b * b;
  if (1e-290 < s && s < 1e+290) {
    return a / s;
  }
  if (!(b != 0)) {
    return a === a && a != 0 ? copysign(Infinity, a) : NaN;
  }
  [[m, i], [n, j]] = [frexp(a), frexp(b)];
  return ag_scaled(m / (n * n), i - 2 * j);
}

// The largest whole number not above a / b.
function ag_floor_divide(a, b) {
  try {
    return floorDivide(a, b);
  } catch {
    return a / b;
  }
}

// The derivative of a step function: 0, and nan at nan.
function ag_flat(x) {
  return x === x ? 0 : x;
}

// a - b floor(a/b): its sign is that of b.
function ag_remainder(a, b) {
  try {
    return remainder(a, b);
  } catch {
    return NaN;
  }
}

// a/b rounded towards 0, and exactly so: the quotient may round up to an integer.
function ag_truncate_divide(a, b) {
  return copysign(1, a) * copysign(1, b) * ag_floor_divide(Math.abs(a), Math.abs(b));
}

// y x**(y-1); 0 at y = 0.
function ag_power_by_base(x, y) {
  let t, exact, v, base, negative, half;
  t = y - 1;
  exact = t + 1 === y && (0 < Math.abs(y) && Math.abs(y) < 9007199254740992);
  try {
    v = exact != 0 ? checked(pow(x, t), x, t) : over(checked(pow(x, y), x, y), x);
    if (1e-290 < Math.abs(v) && Math.abs(v) < 1e+290 && x === x) {
      return y * v;
    }
  } catch {
  }
  if (x !== x || y !== y) {
    return NaN;
  }
  if (!(y != 0)) {
    return 0;
  }
  if (x === 0 || Math.abs(x) === Infinity) {
    v = pow(Math.abs(x), t);
    v = v != 0 ? y * v : v;
    return remainder(y, 2) === 0 && copysign(1, x) < 0 ? -v : v;
  }
  [base, negative] = [Math.abs(x), 0];
  if (x < 0) {
    if (remainder(y, 1) != 0) {
      return NaN;
    }
    negative = remainder(y, 2) === 0;
  }
  if (exact != 0) {
    half = pow(base, 0.5 * t);
    v = half * y * half;
  } else {
    if (Math.abs(y) < 0.5) {
      v = pow(base, y) * y / base;
    } else {
      half = pow(base, 0.5 * y);
      v = half != 0 ? half * y / base * half : half;
    }
  }
  return negative != 0 ? -v : v;
}

// x**y log(x); at x = 0 it is 0 for y >= 0 and -inf for y < 0.
function ag_power_by_exponent(x, y) {
  let v, half;
  try {
    v = checked(pow(x, y), x, y);
    if (1e-290 < v && v < 1e+290 && y === y) {
      return v * checked(Math.log(x), x);
    }
  } catch {
  }
  if (!(x >= 0) || y !== y) {
    return NaN;
  }
  if (!(x != 0)) {
    return y >= 0 ? 0 : -Infinity;
  }
  half = pow(x, 0.5 * y);
  return half != 0 ? half * Math.log(x) * half : 0;
}

// abs(x) for x >= 0, else nan: 1/nonnegative(x) is the derivative of log in its domain only.
function ag_nonnegative(x) {
  return x > 0 ? x : x === 0 ? 0 : NaN;
}

// Cube root: the C library's, which may be off by 4 ULP, and one Newton step.
function ag_cbrt(x) {
  let c;
  c = Math.cbrt(x);
  if ((c - c) != 0 || !(c != 0)) {
    return c;
  }
  return c - (c - x / (c * c)) / 3;
}

// 1 - x^2, accurate at 1 and -1.
function ag_one_minus_square(x) {
  return (1 - x) * (1 + x);
}

// 1 / (1 + x^2).
function ag_lorentzian(x) {
  return Math.abs(x) < 100000000 ? 1 / (1 + x * x) : 1 / x / x;
}

// The larger of two.
function ag_maximum(a, b) {
  return (a >= b || a !== a) ? a : b;
}

// a / (a^2 + b^2); nan at the origin, 0 at infinity.
function ag_over_norm_square(a, b) {
  let s, largest, e;
  s = a * a + b * b;
  if (1e-290 < s && s < 1e+290) {
    return a / s;
  }
  largest = ag_maximum(Math.abs(a), Math.abs(b));
  if (!(0 < largest && largest < Infinity)) {
    return largest === Infinity ? copysign(0, a) : NaN;
  }
  e = frexp(largest)[1];
  [a, b] = [ldexp(a, -e), ldexp(b, -e)];
  return ag_scaled(a / (a * a + b * b), -e);
}

// 1 - tanh(x)^2 without its cancellation.
function ag_sech2(x) {
  try {
    return over(2, 1 + checked(Math.cosh(2 * x), 2 * x));
  } catch {
    return 4 * Math.exp(-2 * Math.abs(x));
  }
}

// sqrt(x^2 + y^2).
function ag_hypot(x, y) {
  let h;
  h = Math.hypot(x, y);
  return (h < Infinity || (x === x && y === y)) ? h : NaN;
}

// x / norm for each x: the gradient of the norm; 0 at the origin.
function ag_directions(xs) {
  let h, e, infinite, part;
  h = hypotOf(xs);
  if (1e-290 < h && h < Infinity) {
    return xs.map((x) => x / h);
  }
  if ((xs.map((x) => isnan(x))).some(Boolean)) {
    return Array(xs.length).fill(NaN);
  }
  if (h < Infinity || !(xs.map((x) => Math.abs(x) === Infinity)).some(Boolean)) {
    e = (frexp(maxOf(xs.map((x) => Math.abs(x)), 0)))[1];
    xs = xs.map((x) => ldexp(x, -e));
    h = hypotOf(xs) != 0 ? hypotOf(xs) : 1;
    return xs.map((x) => x / h);
  }
  infinite = xs.map((x) => Math.abs(x) === Infinity);
  part = 1 / Math.sqrt(count(infinite, 1));
  return zip(infinite, xs).map(([i, x]) => copysign(i != 0 ? part : 0, x));
}

// directions(*xs)[i].
function ag_direction(i, xs) {
  return ag_directions(xs).at(i);
}

// Two halves of 26 bits whose sum is a (Veltkamp's splitting, in Dekker 1971).
function ag__split(a) {
  let c, high;
  c = 134217729 * a;
  high = c - (c - a);
  return [high, a - high];
}

// a*b - p, exactly, for p = the rounded a*b (Dekker 1971).
function ag__product_error(a, b, p) {
  let a1, a0, b1, b0;
  [[a1, a0], [b1, b0]] = [ag__split(a), ag__split(b)];
  return a0 * b0 - (p - a1 * b1 - a0 * b1 - a1 * b0);
}

// exp(shift - k x^2) for k a power of two: rounding x*x would cost up to 500 ULP.
function ag__exp_neg_square(x, k, shift) {
  let h, e;
  h = x * x;
  if (h < 1) {
    return Math.exp(shift - k * h);
  }
  if (h > 3000) {
    return 0;
  }
  e = Math.exp(shift - k * h);
  return e - e * (k * ag__product_error(x, x, h));
}

// exp(-x^2).
function ag_exp_neg_square(x) {
  return ag__exp_neg_square(x, 1, 0);
}

// Distribution function of the standard normal distribution, erfc(-x/sqrt(2)) / 2.
function ag_normal_cdf(x) {
  let t, low;
  t = -0.7071067811865476 * x;
  if (!(0.5 < t && t < 30)) {
    return 0.5 * erfc(t);
  }
  low = ag__product_error(-0.7071067811865476, x, t) - -4.833646656726457e-17 * x;
  return 0.5 * (erfc(t) - 1.1283791670955126 * ag__exp_neg_square(t, 1, 0) * low);
}

// Density of the standard normal distribution, exp(-x^2/2) / sqrt(2 pi).
function ag_normal_pdf(x) {
  return 0.3989422804014327 * ag__exp_neg_square(x, 0.5, 0);
}

// x normal_pdf(x).
function ag_x_normal_pdf(x) {
  if (Math.abs(x) < 37) {
    return x * (0.3989422804014327 * ag__exp_neg_square(x, 0.5, 0));
  }
  if (Math.abs(x) > 40) {
    return copysign(0, x);
  }
  return x * ag__exp_neg_square(x, 0.5, 128) * 1.0261630727919036e-56;
}

// -1, 0 or 1.
function ag_sign(x) {
  return x > 0 ? 1 : x < 0 ? -1 : x === x ? 0 : x;
}

// max_shares(x, y)[0].
function ag_max_share_of_two(x, y) {
  return x > y ? 1 : x < y ? 0 : x === y ? 0.5 : NaN;
}

// The smaller of two.
function ag_minimum(a, b) {
  return (a <= b || a !== a) ? a : b;
}

// y exp(x), also where exp(x) alone is too small or too large for a float.
function ag_exp_times(x, y) {
  let e, half, quarter;
  e = Math.exp(x);
  if ((1e-290 < e && e < 1e+290) || !(y != 0)) {
    return y * e;
  }
  half = Math.exp(0.5 * x);
  if (half < Infinity) {
    return y * half * half;
  }
  quarter = Math.exp(0.25 * x);
  return y * quarter * quarter * quarter * quarter;
}

// 1 / (1 + exp(-x)).
function ag_sigmoid(x) {
  let e;
  e = Math.exp(x > 0 ? -x : x);
  return (x > 0 ? 1 : e) / (1 + e);
}

// s (1 - s), s = sigmoid(x), without its cancellation.
function ag_logistic_density(x) {
  try {
    return over(0.5, 1 + checked(Math.cosh(x), x));
  } catch {
    return Math.exp(-Math.abs(x));
  }
}

// log(1 + exp(x)).
function ag_softplus(x) {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

// log(sigmoid(x)).
function ag_log_sigmoid(x) {
  return -ag_softplus(-x);
}

// x logistic_density(x).
function ag_x_logistic_density(x) {
  let size, half;
  size = Math.abs(x);
  if (size > 700) {
    if (size > 800) {
      return copysign(0, x);
    }
    half = Math.exp(-0.5 * size);
    return x * half * half;
  }
  return x * ag_logistic_density(x);
}

// x sigmoid(x).
function ag_silu(x) {
  return x > -700 ? x * ag_sigmoid(x) : ag_x_logistic_density(x);
}

// The derivative of silu, sigmoid(x) + x logistic_density(x), without its cancellation.
function ag_silu_slope(x) {
  let t, e, density;
  if (!(-4 < x && x < 0.5)) {
    return ag_sigmoid(x) + ag_x_logistic_density(x);
  }
  t = x - -1.2784645427610737 - -1.0946994183093437e-16;
  e = Math.exp(-Math.abs(x));
  density = e / (1 + e * (2 + e));
  return density * (t + 0.2784645427610738 * Math.expm1(t));
}

// x normal_cdf(x).
function ag_gelu(x) {
  let w, tail;
  if (x > -37) {
    return x * ag_normal_cdf(x);
  }
  w = 1 / (x * x);
  tail = w * (1 - 5 * w * (1 - 7 * w * (1 - 9 * w * (1 - 11 * w))));
  return -ag_normal_pdf(x) * (1 - w * (1 - 3 * tail));
}

// The derivative of gelu, normal_cdf(x) + x normal_pdf(x), without its cancellation.
function ag_gelu_slope(x) {
  let p, t, total, series, c;
  if (!(-37 < x && x < -0.25)) {
    return ag_normal_cdf(x) + ag_x_normal_pdf(x);
  }
  if (x < -2.2) {
    p = ag_normal_pdf(x);
    return fsum([ag_normal_cdf(x), x * p, ag__product_error(x, p, x * p)]);
  }
  if (x < -1.05) {
    [t, total, series] = [x - -1.4142135623730951, -0.12890414518515478, [-9.927892480820575e-19, 1.0479092154315928e-18, 3.227615202396265e-17, 1.2856785359062144e-17, -9.20371037622446e-16, -1.6235436864839565e-15, 2.2685985892158687e-14, 7.338913321316225e-14, -4.683799857478135e-13, -2.4067651182769412e-12, 7.52409881588314e-12, 6.339696503168627e-11, -7.233836739814067e-11, -1.3717742726658603e-09, -4.805934828765267e-10, 2.4171477474728283e-08, 4.090624595659827e-08, -3.340766174126951e-07, -1.0680966213283685e-06, 3.281043137954942e-06, 1.8417192208089654e-05, -1.5184829417877867e-05, -0.00022546761392636472, -0.00014559788013267816, 0.001873749120301296, 0.003669066579343496, -0.00864807286292906, -0.03424462140720597, 2.7755575615628914e-17, 0.14676266317373995, 0.2075537487102973, -6.517571512431703e-17]];
  } else {
    [t, total, series] = [x - -0.7517915246935645 - 1.4956759177009883e-17, 0, [1.3869121685013244e-18, 3.508210778008598e-18, -4.051438528160148e-17, -1.3507094681149314e-16, 1.0789662518230155e-15, 4.5781678242713335e-15, -2.5871508475507504e-14, -1.3820118240601054e-13, 5.482292964742323e-13, 3.725967039270117e-12, -9.950340824808051e-12, -8.950037692726252e-11, 1.4506418938779424e-10, 1.9031984050131394e-09, -1.396942086426202e-09, -3.5459866461783865e-08, -1.6044265494246348e-09, 5.702764979242107e-07, 4.328450625739227e-07, -7.74846130700372e-06, -1.1214380188426639e-05, 8.615947861116573e-05, 0.0001863397462323351, -0.0007448268386746818, -0.002239538068073497, 0.004539228379125416, 0.019421679838189067, -0.014771522148244343, -0.1140082332972217, -0.018199676398671077, 0.38828498299055203, 0.43149399231404695]];
  }
  p = 0;
  for (c of series) {
    p = p * t + c;
  }
  return total + t * p;
}

// log(exp(a) + exp(b)).
function ag_logaddexp(a, b) {
  let d;
  if (a === b) {
    return a + 0.6931471805599453;
  }
  d = a - b;
  return d > 0 ? a + Math.log1p(Math.exp(-d)) : b + Math.log1p(Math.exp(d));
}

// exp(x - m), x <= m, with the rounding error of x - m made good (two-sum, Knuth 4.2.2).
function ag__exp_difference(x, m) {
  let d, t, e;
  d = x - m;
  if (d < -800) {
    return 0;
  }
  t = d - x;
  e = Math.exp(d);
  return e + e * (x - (d - t) - (m + t));
}

// shares(x, y)[0].
function ag_share_of_two(x, y) {
  let m, e;
  if (x === y) {
    return x > -Infinity ? 0.5 : 0;
  }
  m = x > y ? x : y;
  if (m === Infinity && x === x) {
    return x === m ? 1 : 0;
  }
  e = ag__exp_difference(x, m);
  return e / (e + ag__exp_difference(y, m));
}

// The products of the first 0, 1, ... operands.
function ag__products(xs) {
  let p, products, x;
  p = 1;
  products = [p];
  for (x of xs) {
    p = p * x;
    products.push(p);
  }
  return products;
}

// Whether no product came near overflow or underflow.
function ag__safe(products, bound) {
  return 1 / bound < minOf(products.map((x) => Math.abs(x))) && maxOf(products.map((x) => Math.abs(x))) < bound;
}

// The same as mantissas and exponents, which neither overflow nor underflow.
function ag__split_products(xs) {
  let m, e, products, x, f, i, j;
  [m, e] = [1, 0];
  products = [[m, e]];
  for (x of xs) {
    [f, i] = frexp(x);
    [m, j] = frexp(m * f);
    e = e + (i + j);
    products.push([m, e]);
  }
  return products;
}

// The product, without overflow or underflow on the way.
function ag_prod(xs) {
  let products;
  products = ag__products(xs);
  if (xs.length < 3 || ag__safe(products, 1e+290) != 0) {
    return products.at(-1);
  }
  return ag_scaled(...(ag__split_products(xs).at(-1)));
}

// For each x the product of the others: the gradient of the product.
function ag_cofactors(xs) {
  let left, right, before, after;
  if (xs.length === 2) {
    return [xs[1], xs[0]];
  }
  left = ag__products(xs.slice(0, -1));
  right = ag__products(xs.slice(1).reverse());
  if (ag__safe(left, 1e+145) != 0 && ag__safe(right, 1e+145) != 0) {
    return (zip(left, [...right].reverse())).map(([p, q]) => p * q);
  }
  [before, after] = [ag__split_products(xs.slice(0, -1)), ag__split_products(xs.slice(1).reverse())];
  return (zip(before, [...after].reverse())).map(([[p, i], [q, j]]) => ag_scaled(p * q, i + j));
}

// The Euclidean norm.
function ag_norm(xs) {
  let h;
  h = hypotOf(xs);
  return h === Infinity && (xs.map((x) => isnan(x))).some(Boolean) ? NaN : h;
}

// The largest; -inf of nothing.
function ag_maximum_of(xs) {
  return (xs.map((x) => isnan(x))).some(Boolean) != 0 ? NaN : maxOf(xs, -Infinity);
}

// 1/k for each of the k operands that are largest, else 0: the gradient of the maximum.
function ag_max_shares(xs) {
  let m, part;
  m = ag_maximum_of(xs);
  if (m !== m) {
    return Array(xs.length).fill(NaN);
  }
  part = 1 / Math.max(1, count(xs, m));
  return xs.map((x) => x === m ? part : 0);
}

// The smallest; inf of nothing.
function ag_minimum_of(xs) {
  return (xs.map((x) => isnan(x))).some(Boolean) != 0 ? NaN : minOf(xs, Infinity);
}

// log(sum of exp(x)); -inf of nothing.
function ag_logsumexp(xs) {
  let m;
  m = ag_maximum_of(xs);
  if (m - m !== 0) {
    return m;
  }
  return m + Math.log1p(fsum([-1, ...(xs.map((x) => Math.exp(x - m)))]));
}

// exp(x) / sum of exp for each x: the softmax weights.
function ag_shares(xs) {
  let m, part, es, total;
  m = maxOf(xs, 0);
  if (m - m !== 0) {
    if ((xs.map((x) => isnan(x))).some(Boolean)) {
      return Array(xs.length).fill(NaN);
    }
    part = m > 0 ? 1 / count(xs, m) : 0;
    return xs.map((x) => x === m ? part : 0);
  }
  es = xs.map((x) => ag__exp_difference(x, m));
  total = fsum(es);
  return es.map((e) => e / total);
}

// The float value of `dot`, by the best sum of products that this Python has.
function ag__dot(operands) {
  let middle, ws, xs, products;
  middle = floorDivide(operands.length, 2);
  [ws, xs] = [operands.slice(0, middle), operands.slice(middle, -1)];
  products = sumprod(ws, xs);
  return products + operands.at(-1);
}

// The n-th derivative of exp(-k y^2 / 2) over it, at x = k y of any type (DLMF 18.9.1).
function ag_hermite(n, x, k) {
  let before, polynomial, j;
  [before, polynomial] = [0, 1];
  for (j of [...Array(n).keys()]) {
    [before, polynomial] = [polynomial, -(x * polynomial + k * j * before)];
  }
  return polynomial;
}

// The n-th derivative of exp(-k x^2).
function ag__gaussian_derivative(n, x, k) {
  let polynomial, e;
  polynomial = ag_hermite(n, 2 * k * x, 2 * k);
  if (k * x * x < 640) {
    return polynomial * ag__exp_neg_square(x, k, 0);
  }
  e = ag__exp_neg_square(x, k, 128);
  return e != 0 ? polynomial * e * 2.572209372642415e-56 : 0;
}

// The n-th derivative of normal_pdf.
function ag_normal_pdf_derivative(n, x) {
  return 0.3989422804014327 * ag__gaussian_derivative(n, x, 0.5);
}

// The n-th derivative of exp(-x^2).
function ag_exp_neg_square_derivative(n, x) {
  return ag__gaussian_derivative(n, x, 1);
}

// The second derivatives of the maximum times a vector: 0, and nan at nan.
function ag_max_shares_product(xs, _) {
  return xs.map((x) => x !== x ? x : 0);
}

// The second derivatives of the logsumexp times a vector v: s (v - mean of v by the shares s).
function ag_shares_product(xs, vector) {
  let s, first, moves, mean;
  s = ag_shares(xs);
  first = s[0] === s[0] ? (vector.get(s.indexOf(maxOf(s))) ?? 0) : NaN;
  moves = ([...Array(xs.length).keys()]).map((i) => (vector.get(i) ?? 0) - first);
  mean = sum((zip(s, moves).map(([a, b]) => a * b)));
  return zip(s, moves).map(([a, b]) => a * (b - mean));
}

// The product.
function ag__times(a, b) {
  let m, e;
  [m, e] = frexp(a[0] * b[0]);
  return [m, e + a[1] + b[1]];
}

// The sum.
function ag__plus(a, b) {
  let m, e;
  if (!((a[0]) != 0) || ((b[0]) != 0 && a[1] < b[1])) {
    [a, b] = [b, a];
  }
  [m, e] = frexp(a[0] + ldexp(b[0], (b[0]) != 0 ? Math.max(b[1] - a[1], -2000) : 0));
  return [m, e + a[1]];
}

// The products of the operands at the first 0, 1, ... n - 1 places, and their derivatives along
function ag__dual_products(xs, vector, places) {
  let p, dp, products, i, x, moved;
  p = [1, 0];
  dp = null;
  products = [];
  for (i of places) {
    products.push([p, dp]);
    x = frexp(xs.at(i));
    if (dp !== null) {
      dp = ag__times(dp, x);
    }
    if (vector.has(i)) {
      moved = ag__times(p, frexp((vector.get(i) ?? 0)));
      dp = dp === null ? moved : ag__plus(dp, moved);
    }
    p = ag__times(p, x);
  }
  return products;
}

// The second derivatives of the product times a vector v: in each place the derivative along v
function ag_cofactors_product(xs, vector) {
  let places, before, after, found, p, dp, q, dq, total, a, b, term;
  places = [...Array(xs.length).keys()];
  before = ag__dual_products(xs, vector, places);
  after = ag__dual_products(xs, vector, [...places].reverse());
  found = [];
  for ([[p, dp], [q, dq]] of zip(before, [...after].reverse())) {
    total = null;
    for ([a, b] of [[dp, q], [p, dq]]) {
      if (a !== null && b !== null) {
        term = ag__times(a, b);
        total = total === null ? term : ag__plus(total, term);
      }
    }
    found.push(total === null ? 0 : ag_scaled(...total));
  }
  return found;
}

// exp(x - m), with the rounding error of x - m made good; of two equal infinities what the
function ag_exp_difference(x, m) {
  let power;
  if (x === m) {
    return x === -Infinity ? 0 : 1;
  }
  power = Math.exp(x - m);
  return 0 < power && power < Infinity ? ag__exp_difference(x, m) : power;
}

export const RULES = {
  add: {
    value: (x, y) => x + y,
    partials: (out, x, y) => [1, 1],
  },
  subtract: {
    value: (x, y) => x - y,
    partials: (out, x, y) => [1, -1],
  },
  multiply: {
    value: (x, y) => x * y,
    partials: (out, x, y) => [y, x],
  },
  divide: {
    value: (x, y) => x / y,
    partials: (out, x, y) => [1 / y, -ag_over_square(x, y)],
  },
  floor_divide: {
    value: (x, y) => ag_floor_divide(x, y),
    partials: (out, x, y) => [ag_flat(x), ag_flat(y)],
  },
  remainder: {
    value: (x, y) => ag_remainder(x, y),
    partials: (out, x, y) => [1, -ag_floor_divide(x, y)],
  },
  fmod: {
    value: (x, y) => fmod(x, y),
    partials: (out, x, y) => [1, -ag_truncate_divide(x, y)],
  },
  power: {
    value: (x, y) => pow(x, y),
    partials: (out, x, y) => [ag_power_by_base(x, y), ag_power_by_exponent(x, y)],
  },
  negative: {
    value: (x) => -x,
    partials: (out, x) => [-1],
  },
  positive: {
    value: (x) => x,
    partials: (out, x) => [1],
  },
  conjugate: {
    value: (x) => x,
    partials: (out, x) => [1],
  },
  square: {
    value: (x) => x * x,
    partials: (out, x) => [2 * x],
  },
  reciprocal: {
    value: (x) => 1.0 / x,
    partials: (out, x) => [-out * out],
  },
  exp: {
    value: (x) => Math.exp(x),
    partials: (out, x) => [out],
  },
  expm1: {
    value: (x) => Math.expm1(x),
    partials: (out, x) => [Math.exp(x)],
  },
  exp2: {
    value: (x) => pow(2, x),
    partials: (out, x) => [ag_power_by_exponent(2, x)],
  },
  log: {
    value: (x) => Math.log(x),
    partials: (out, x) => [1 / ag_nonnegative(x)],
  },
  log1p: {
    value: (x) => Math.log1p(x),
    partials: (out, x) => [1 / ag_nonnegative(1 + x)],
  },
  log2: {
    value: (x) => Math.log2(x),
    partials: (out, x) => [1.4426950408889634 / ag_nonnegative(x)],
  },
  log10: {
    value: (x) => Math.log10(x),
    partials: (out, x) => [0.4342944819032518 / ag_nonnegative(x)],
  },
  sqrt: {
    value: (x) => Math.sqrt(x),
    partials: (out, x) => [1 / ag_nonnegative(2 * out)],
  },
  cbrt: {
    value: (x) => ag_cbrt(x),
    partials: (out, x) => [ag_over_square(1, out) / 3],
  },
  sin: {
    value: (x) => Math.sin(x),
    partials: (out, x) => [Math.cos(x)],
  },
  cos: {
    value: (x) => Math.cos(x),
    partials: (out, x) => [-Math.sin(x)],
  },
  tan: {
    value: (x) => Math.tan(x),
    partials: (out, x) => [1 + out * out],
  },
  arcsin: {
    value: (x) => Math.asin(x),
    partials: (out, x) => [1 / Math.sqrt(ag_one_minus_square(x))],
  },
  arccos: {
    value: (x) => Math.acos(x),
    partials: (out, x) => [-1 / Math.sqrt(ag_one_minus_square(x))],
  },
  arctan: {
    value: (x) => Math.atan(x),
    partials: (out, x) => [ag_lorentzian(x)],
  },
  arctan2: {
    value: (y, x) => Math.atan2(y, x),
    partials: (out, y, x) => [ag_over_norm_square(x, y), -ag_over_norm_square(y, x)],
  },
  sinh: {
    value: (x) => Math.sinh(x),
    partials: (out, x) => [Math.cosh(x)],
  },
  cosh: {
    value: (x) => Math.cosh(x),
    partials: (out, x) => [Math.sinh(x)],
  },
  tanh: {
    value: (x) => Math.tanh(x),
    partials: (out, x) => [ag_sech2(x)],
  },
  arcsinh: {
    value: (x) => Math.asinh(x),
    partials: (out, x) => [1 / ag_hypot(1, x)],
  },
  arccosh: {
    value: (x) => Math.acosh(x),
    partials: (out, x) => [1 / Math.sqrt(x - 1) / Math.sqrt(x + 1)],
  },
  arctanh: {
    value: (x) => Math.atanh(x),
    partials: (out, x) => [1 / ag_nonnegative(ag_one_minus_square(x))],
  },
  hypot: {
    value: (x, y) => ag_hypot(x, y),
    partials: (out, x, y) => [ag_direction(0, [x, y]), ag_direction(1, [x, y])],
  },
  deg2rad: {
    value: (x) => 0.017453292519943295 * x,
    partials: (out, x) => [0.017453292519943295],
  },
  rad2deg: {
    value: (x) => 57.29577951308232 * x,
    partials: (out, x) => [57.29577951308232],
  },
  erf: {
    value: (x) => erf(x),
    partials: (out, x) => [1.1283791670955126 * ag_exp_neg_square(x)],
  },
  erfc: {
    value: (x) => erfc(x),
    partials: (out, x) => [-(1.1283791670955126 * ag_exp_neg_square(x))],
  },
  normal_cdf: {
    value: (x) => ag_normal_cdf(x),
    partials: (out, x) => [ag_normal_pdf(x)],
  },
  normal_pdf: {
    value: (x) => ag_normal_pdf(x),
    partials: (out, x) => [-ag_x_normal_pdf(x)],
  },
  real: {
    value: (x) => x,
    partials: (out, x) => [1],
  },
  imag: {
    value: (x) => ag_flat(x),
    partials: (out, x) => [ag_flat(x)],
  },
  angle: {
    value: (x) => Math.atan2(0, x),
    partials: (out, x) => [ag_flat(x)],
  },
  abs: {
    value: (x) => Math.abs(x),
    partials: (out, x) => [ag_sign(x)],
  },
  sign: {
    value: (x) => ag_sign(x),
    partials: (out, x) => [ag_flat(x)],
  },
  copysign: {
    value: (x, y) => copysign(x, y),
    partials: (out, x, y) => [ag_sign(x) * copysign(1, y), 0],
  },
  floor: {
    value: (x) => Math.floor(x),
    partials: (out, x) => [ag_flat(x)],
  },
  ceil: {
    value: (x) => Math.ceil(x),
    partials: (out, x) => [ag_flat(x)],
  },
  trunc: {
    value: (x) => Math.trunc(x),
    partials: (out, x) => [ag_flat(x)],
  },
  rint: {
    value: (x) => rint(x),
    partials: (out, x) => [ag_flat(x)],
  },
  maximum: {
    value: (x, y) => ag_maximum(x, y),
    partials: (out, x, y) => [ag_max_share_of_two(x, y), ag_max_share_of_two(y, x)],
  },
  minimum: {
    value: (x, y) => ag_minimum(x, y),
    partials: (out, x, y) => [ag_max_share_of_two(-x, -y), ag_max_share_of_two(-y, -x)],
  },
  clip: {
    value: (x, low, high) => ag_minimum(ag_maximum(x, low), high),
    partials: (out, x, low, high) => [(low < x && x < high ? 1 : 0) + ag_flat(out), (high < low ? 0 : x < low ? 1 : 0) + ag_flat(out), (high < ag_maximum(x, low) ? 1 : 0) + ag_flat(out)],
  },
  where: {
    value: (condition, x, y) => condition != 0 ? x : y,
    partials: (out, condition, x, y) => [0, condition != 0 ? 1 : 0, condition != 0 ? 0 : 1],
  },
  heaviside: {
    value: (x, h0) => x > 0 ? 1 : x < 0 ? 0 : isnan(x) != 0 ? x : h0,
    partials: (out, x, h0) => [ag_flat(x), (x > 0 ? 0 : x < 0 ? 0 : 1) + ag_flat(out)],
  },
  relu: {
    value: (x) => x <= 0 ? 0 : x,
    partials: (out, x) => [x > 0 ? 1 : x < 0 ? 0 : isnan(x) != 0 ? x : 0],
  },
  leaky_relu: {
    value: (x, slope) => x > 0 ? x : slope * x,
    partials: (out, x, slope) => [(x > 0 ? 1 : slope) + ag_flat(x), x > 0 ? 0 : x + ag_flat(slope)],
  },
  elu: {
    value: (x, alpha) => x > 0 ? x : alpha * Math.expm1(x),
    partials: (out, x, alpha) => [x > 0 ? 1 : ag_exp_times(x, alpha), (x > 0 ? 0 : Math.expm1(x)) + ag_flat(out)],
  },
  hard_sigmoid: {
    value: (x) => ag_minimum(ag_maximum(((x + 3) / 6), 0), 1),
    partials: (out, x) => [((x > -3 && x < 3 ? 1 : 0) + ag_flat(x)) / 6],
  },
  hard_tanh: {
    value: (x) => ag_minimum(ag_maximum(x, (-1)), 1),
    partials: (out, x) => [(x > -1 && x < 1 ? 1 : 0) + ag_flat(x)],
  },
  sigmoid: {
    value: (x) => ag_sigmoid(x),
    partials: (out, x) => [ag_logistic_density(x)],
  },
  log_sigmoid: {
    value: (x) => ag_log_sigmoid(x),
    partials: (out, x) => [ag_sigmoid(-x)],
  },
  softplus: {
    value: (x) => ag_softplus(x),
    partials: (out, x) => [ag_sigmoid(x)],
  },
  silu: {
    value: (x) => ag_silu(x),
    partials: (out, x) => [ag_silu_slope(x)],
  },
  gelu: {
    value: (x) => ag_gelu(x),
    partials: (out, x) => [ag_gelu_slope(x)],
  },
  logaddexp: {
    value: (x, y) => ag_logaddexp(x, y),
    partials: (out, x, y) => [ag_share_of_two(x, y), ag_share_of_two(y, x)],
  },
  sum: {
    many: true,
    value: (xs) => sum(xs),
    partials: (out, xs) => Array(xs.length).fill(1),
  },
  mean: {
    many: true,
    value: (xs) => mean(xs),
    partials: (out, xs) => Array(xs.length).fill(1 / xs.length),
  },
  prod: {
    many: true,
    value: (xs) => ag_prod(xs),
    partials: (out, xs) => ag_cofactors(xs),
  },
  norm: {
    many: true,
    value: (xs) => ag_norm(xs),
    partials: (out, xs) => ag_directions(xs),
  },
  max: {
    many: true,
    value: (xs) => ag_maximum_of(xs),
    partials: (out, xs) => ag_max_shares(xs),
  },
  min: {
    many: true,
    value: (xs) => ag_minimum_of(xs),
    partials: (out, xs) => ag_max_shares((xs.map((x) => -x))),
  },
  logsumexp: {
    many: true,
    value: (xs) => ag_logsumexp(xs),
    partials: (out, xs) => ag_shares(xs),
  },
  dot: {
    many: true,
    value: (xs) => ag__dot(xs),
    partials: (out, xs) => ((operands) => [...(operands.slice(floorDivide(operands.length, 2), -1)), ...(operands.slice(0, floorDivide(operands.length, 2))), 1])(xs),
  },
  sech2: {
    value: (x) => ag_sech2(x),
    partials: (out, x) => [-2 * Math.tanh(x) * out],
  },
  logistic_density: {
    value: (x) => ag_logistic_density(x),
    partials: (out, x) => [-out * Math.tanh(x / 2)],
  },
  x_logistic_density: {
    value: (x) => ag_x_logistic_density(x),
    partials: (out, x) => [ag_logistic_density(x) - out * Math.tanh(x / 2)],
  },
  silu_slope: {
    value: (x) => ag_silu_slope(x),
    partials: (out, x) => [2 * ag_logistic_density(x) - ag_x_logistic_density(x) * Math.tanh(x / 2)],
  },
  gelu_slope: {
    value: (x) => ag_gelu_slope(x),
    partials: (out, x) => [ag_normal_pdf(x) - ag_normal_pdf_derivative(2, x)],
  },
  exp_times: {
    value: (x, y) => ag_exp_times(x, y),
    partials: (out, x, y) => [out, Math.exp(x)],
  },
  exp_neg_square: {
    value: (x) => ag_exp_neg_square(x),
    partials: (out, x) => [ag_exp_neg_square_derivative(1, x)],
  },
  exp_neg_square_derivative: {
    value: (n, x) => ag_exp_neg_square_derivative(n, x),
    partials: (out, n, x) => [0, ag_exp_neg_square_derivative(n + 1, x)],
  },
  x_normal_pdf: {
    value: (x) => ag_x_normal_pdf(x),
    partials: (out, x) => [-ag_normal_pdf_derivative(2, x)],
  },
  normal_pdf_derivative: {
    value: (n, x) => ag_normal_pdf_derivative(n, x),
    partials: (out, n, x) => [0, ag_normal_pdf_derivative(n + 1, x)],
  },
  lorentzian: {
    value: (x) => ag_lorentzian(x),
    partials: (out, x) => [-2 * out * ag_over_norm_square(x, 1)],
  },
  over_square: {
    value: (x, y) => ag_over_square(x, y),
    partials: (out, x, y) => [ag_over_square(1, y), -dividePartial(2, x, y)],
  },
  divide_partial: {
    value: (n, x, y) => dividePartial(n, x, y),
    partials: (out, n, x, y) => [0, dividePartial(n, 1, y), dividePartial(n + 1, x, y)],
  },
  power_by_base: {
    value: (x, y) => ag_power_by_base(x, y),
    partials: (out, x, y) => [powerPartial(2, 0, x, y), powerPartial(1, 1, x, y)],
  },
  power_by_exponent: {
    value: (x, y) => ag_power_by_exponent(x, y),
    partials: (out, x, y) => [powerPartial(1, 1, x, y), powerPartial(0, 2, x, y)],
  },
  power_partial: {
    value: (n, m, x, y) => powerPartial(n, m, x, y),
    partials: (out, n, m, x, y) => [0, 0, powerPartial(n + 1, m, x, y), powerPartial(n, m + 1, x, y)],
  },
  truncate_divide: {
    value: (x, y) => ag_truncate_divide(x, y),
    partials: (out, x, y) => [ag_flat(x), ag_flat(y)],
  },
  flat: {
    value: (x) => ag_flat(x),
    partials: (out, x) => [ag_flat(x)],
  },
  nonnegative: {
    value: (x) => ag_nonnegative(x),
    partials: (out, x) => [1],
  },
  one_minus_square: {
    value: (x) => ag_one_minus_square(x),
    partials: (out, x) => [-2 * x],
  },
  max_share: {
    many: true,
    value: ([i, ...xs]) => ag_max_shares(xs)[i],
    partials: (out, [i, ...xs]) => [0, ...ag_max_shares_product(xs, new Map([[i, 1]]))],
  },
  max_shares: {
    many: true,
    value: (xs) => ag_maximum_of(xs),
    outputs: (xs) => ag_max_shares(xs),
    product: (xs, v) => ag_max_shares_product(xs, v),
  },
  share: {
    many: true,
    value: ([i, ...xs]) => ag_shares(xs)[i],
    partials: (out, [i, ...xs]) => [0, ...ag_shares_product(xs, new Map([[i, 1]]))],
  },
  shares: {
    many: true,
    value: (xs) => ag_logsumexp(xs),
    outputs: (xs) => ag_shares(xs),
    product: (xs, v) => ag_shares_product(xs, v),
  },
  direction: {
    many: true,
    value: ([i, ...xs]) => ag_directions(xs)[i],
    partials: (out, [i, ...xs]) => [0, ...directionsProduct(xs, new Map([[i, 1]]))],
  },
  directions: {
    many: true,
    value: (xs) => ag_norm(xs),
    outputs: (xs) => ag_directions(xs),
    product: (xs, v) => directionsProduct(xs, v),
  },
  cofactor: {
    many: true,
    value: ([i, ...xs]) => ag_cofactors(xs)[i],
    partials: (out, [i, ...xs]) => [0, ...ag_cofactors_product(xs, new Map([[i, 1]]))],
  },
  cofactors: {
    many: true,
    value: (xs) => ag_prod(xs),
    outputs: (xs) => ag_cofactors(xs),
    product: (xs, v) => ag_cofactors_product(xs, v),
  },
  held: {
    value: (x) => x,
    partials: (out, x) => [0],
  },
  tangent: {
    value: (x) => 0,
    partials: (out, x) => [1],
  },
  largest: {
    many: true,
    value: (xs) => ag_maximum_of(xs),
    partials: (out, xs) => Array(xs.length).fill(0),
  },
  exp_difference: {
    value: (x, m) => ag_exp_difference(x, m),
    partials: (out, x, m) => [out, -out],
  },
};
