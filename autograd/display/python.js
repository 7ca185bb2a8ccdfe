// What Python has and JavaScript has not, on doubles: the rules that are printed call it.

const isnan = (x) => x !== x;
const isfinite = (x) => x - x === 0;
const isinf = (x) => x === x && x - x !== 0;
const zip = (xs, ys) => xs.map((x, i) => [x, ys[i]]);
const count = (xs, x) => xs.filter((y) => y == x).length;  // as numbers: true is 1
const fmod = (x, y) => x % y;
const copysign = (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x));

// C99's power is 1 for a base of 1, and for one of -1 with an infinite exponent.
const pow = (x, y) => (x === 1 || (x === -1 && isinf(y)) ? 1 : x ** y);

// Of a `try`: throw where Python raises, for a nan of numbers and an infinity of finite ones.
function checked(result, ...xs) {
  if (isnan(result) ? !xs.some(isnan) : isinf(result) && xs.every(isfinite)) throw RAISED;
  return result;
}
function over(x, y) {
  if (y === 0) throw RAISED;
  return x / y;
}
const RAISED = new RangeError("Python raises here");

// Python's %: its sign is that of y.
function remainder(x, y) {
  const r = x % y;
  if (r === 0) return copysign(0, y);
  return (r < 0) !== (y < 0) ? r + y : r;
}

// Python's //, and 1 / 0 where y is 0.
function floorDivide(x, y) {
  if (y === 0) return x / y;
  const r = x % y;
  const q = (x - r) / y - (r !== 0 && (r < 0) !== (y < 0) ? 1 : 0);
  if (q === 0) return copysign(0, x / y);
  const whole = Math.floor(q);
  return q - whole > 0.5 ? whole + 1 : whole;
}

// Halves go to the even neighbour; from 2 ** 52 on every double is whole.
function rint(x) {
  const size = Math.abs(x);
  return size < 2 ** 52 ? copysign(size + 2 ** 52 - 2 ** 52, x) : x;
}

// m and e with x = m 2^e and 0.5 <= |m| < 1.
const WORDS = new DataView(new ArrayBuffer(8));
function frexp(x) {
  if (x === 0 || !isfinite(x)) return [x, 0];
  if (Math.abs(x) < 2 ** -1000) {
    const [m, e] = frexp(x * 2 ** 100);
    return [m, e - 100];
  }
  WORDS.setFloat64(0, x);
  const high = WORDS.getUint32(0);
  WORDS.setUint32(0, (high & 0x800fffff) | 0x3fe00000);
  return [WORDS.getFloat64(0), ((high >>> 20) & 0x7ff) - 1022];
}

// x 2^e in steps whose powers of two are doubles; only the last one rounds.
function ldexp(x, e) {
  for (; e > 1000; e -= 1000) x *= 2 ** 1000;
  for (; e < -1000 && x !== 0; e += 900) x *= 2 ** -900;
  return x * 2 ** Math.max(e, -1000);
}

// The sum, rounded as Python's math.fsum does (Shewchuk 1997); nan for infinities of both signs.
function fsum(xs) {
  const parts = [];
  let special = 0;
  for (let x of xs) {
    if (!isfinite(x)) special += x;
    let kept = 0;
    for (let y of parts) {
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y;
      const low = y - (high - x);
      if (low !== 0) parts[kept++] = low;
      x = high;
    }
    parts.length = kept;
    parts.push(x);
  }
  if (special !== 0) return special;
  let high = 0;
  let low = 0;
  while (parts.length && low === 0) {
    const [x, y] = [high, parts.pop()];
    high = x + y;
    low = y - (high - x);
  }
  const next = parts.at(-1);  // it says on which side of a tie the sum is
  if (next && (low < 0) === (next < 0) && low !== 0) {
    const sum = high + 2 * low;
    if (2 * low === sum - high) return sum;
  }
  return high;
}

// Of a list of any length, of which the operands of a call may be too many.
const maxOf = (xs, empty = -Infinity) => (xs.length ? xs.reduce((x, y) => Math.max(x, y)) : empty);
const minOf = (xs, empty = Infinity) => (xs.length ? xs.reduce((x, y) => Math.min(x, y)) : empty);
function hypotOf(xs) {
  const sizes = xs.map(Math.abs);
  if (sizes.includes(Infinity)) return Infinity;
  const most = maxOf(sizes, 0);
  const scale = most > 0 ? 2 ** -frexp(most)[1] : 1;
  if (!isfinite(scale)) return hypotOf(xs.map((x) => x * 2 ** 200)) * 2 ** -200;
  return Math.sqrt(fsum(sizes.map((x) => (x * scale) ** 2))) / scale;
}

// A sum that would overflow on the way is taken of numbers 2^-60 times as large.
function sum(xs) {
  return xs.some((x) => Math.abs(x) > 2 ** 960) ? fsum(xs.map((x) => x * 2 ** -60)) * 2 ** 60
    : fsum(xs);
}
function mean(xs) {
  return xs.some((x) => Math.abs(x) > 2 ** 960)
    ? fsum(xs.map((x) => x * 2 ** -60)) / xs.length * 2 ** 60 : fsum(xs) / xs.length;
}
const sumprod = (xs, ys) => xs.reduce((total, x, i) => total + x * ys[i], 0);

// The second derivatives of the norm times a vector v, which is a Map: (v - u u.v) / norm for the
// directions u. From v the multiple of u is taken first that leaves nothing of it in the place of
// the largest: it changes nothing, and no other u_i^2 is above 1/2, so that nothing cancels.
function directionsProduct(xs, v) {
  const norm = hypotOf(xs);
  if (!(norm > 0) || xs.some(isnan)) return xs.map(() => NaN);
  if (xs.some(isinf)) return xs.map(() => 0);
  const size = norm === Infinity ? 2 ** -600 : norm < 2 ** -900 ? 2 ** 600 : 1;
  if (size !== 1) return directionsProduct(xs.map((x) => x * size), v).map((y) => y * size);
  const u = xs.map((x) => x / norm);
  const most = u.reduce((k, x, i) => (Math.abs(x) > Math.abs(u[k]) ? i : k), 0);
  const share = (v.get(most) ?? 0) / u[most];
  const moves = u.map((x, i) => (i === most ? 0 : (v.get(i) ?? 0) - share * x));
  const along = sum(moves.map((y, i) => y * u[i]));
  return moves.map((y, i) => (y - along * u[i]) / norm);
}

// The derivative of x/y, n times by y: (-1)^n n! x / y^(n+1).
function dividePartial(n, x, y) {
  const signed = n % 2 ? -x : x;
  if (y === 0 || !isfinite(y) || !isfinite(x)) {
    return signed / copysign(y === 0 || !isfinite(y) ? Math.abs(y) : 1, n % 2 ? 1 : y);
  }
  let [m, e] = frexp(signed);
  const [q, f] = frexp(y);
  m /= q;
  for (let k = 1; k <= n; k += 1) m *= k / q;
  return ldexp(m, e - (n + 1) * f);
}

// That of x^y, n times by x and m by y: x^(y-n) times a polynomial in log(x), whose coefficients are
// derivatives of the falling factorial y (y-1) ... (y-n+1).
function powerPartial(n, m, x, y) {
  if (isnan(x) || isnan(y) || (x < 0 && m)) return NaN;
  let falling = [1];
  for (let i = 0; i < n; i += 1) {
    const a = y - i;
    falling = [a * falling[0], ...falling.slice(1).map((q, k) => a * q + falling[k]), 1];
  }
  const [t, base] = [y - n, Math.abs(x)];
  const size = x === 0 && t === 0 ? 0 : Math.log(base);  // 0^0 log(0) is 0
  let [s, ways] = [0, 1];
  for (let k = 0; k <= m; ways *= m - k, k += 1) {
    s = (s && size && s * size) + ways * (falling[k] ?? 0);
  }
  if (s === 0) return 0;
  if (x < 0 && y % 1 !== 0) return NaN;
  const exact = Math.abs(t + n - y) < 1e-19;  // else x^t has the error of a rounded t
  const whole = pow(base, t);
  let v = s;
  if (exact && whole > 1e-290 && whole < 1e290) v *= whole;
  else if (!(base > 0 && base < Infinity)) v = whole && whole * s;
  else {  // x^t may overflow or lose digits where the product does not
    const quarter = pow(base, (exact ? t : y) / 4);
    for (let k = 0; k < 4; k += 1) v = quarter && v * quarter;
    for (let k = exact ? n : 0; k < n; k += 1) v /= base;
  }
  const odd = y % 1 === 0 && remainder(y, 2) !== n % 2;
  return odd && copysign(1, x) < 0 && !m ? -v : v;
}

// A series of terms of one sign up to 2 (DLMF 7.6.2), a continued fraction from there (7.9.2).
function erf(x) {
  if (!(Math.abs(x) < 2)) return isnan(x) ? x : x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  let [total, term] = [0, x];
  for (let n = 3; total + term !== total; n += 2) {
    total += term;
    term *= 2 * x * x / n;
  }
  return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * total;
}
function erfc(x) {
  if (!(x >= 2)) return 1 - erf(x);
  let fraction = x;
  for (let k = 100; k > 0; k -= 1) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}
