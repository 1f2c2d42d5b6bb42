// exp, the logistic function and tanh.
//
// e^x = 2^n · e^f with n = round(x / ln 2) and |f| ≤ ln 2 / 2. e^f is 1 + f + f² · p(f), where p is
// a minimax polynomial of degree 4 (relative error 3.1e-9). tanh(x) = x · P(x²) / Q(x²), with P and
// Q of degree 4, is a minimax fit on |x| ≤ 9.02 (relative error 2.1e-8); beyond, tanh(x) rounds to
// ±1. Tests/CRecurKernelsTests measures the stated error bounds over all exponents of float32.

/// e⁻ˣ as the product `power` × `scale`, for |x| ≤ 87; a larger |x| counts as 87.
typedef struct {
  vector power, scale;
} exponential;

/// 1.5 · 2²³: adding this constant rounds to a whole number, which then is in the lowest bits.
#define ROUNDING 12582912.0f
#define LOG2_E 0x1.715476p+0f
/// ln 2 as a sum of two parts. Without FMA the first part has few digits, so that its products with
/// whole numbers up to 128 are exact.
#if HAS_FMA
#define LN_2 0x1.62e430p-1f
#define LN_2_REST -0x1.05c610p-29f
#else
#define LN_2 0x1.62e000p-1f
#define LN_2_REST 0x1.0bfbe8p-15f
#endif
#define EXPONENT_BITS 23
#define EXPONENT_OF_ONE 0x3f800000

INLINE vector exponential_of_fraction(vector f) {
  vector square = f * f;
  vector low = multiply_add(f, splat(0x1.555492p-3f), splat(0x1.fffffcp-2f));
  vector high = multiply_add(f, splat(0x1.123a20p-7f), splat(0x1.5558f2p-5f));
  high = multiply_add(square, splat(0x1.6a23d0p-10f), high);
  return multiply_add(square, multiply_add(square, high, low), f + splat(1));
}

INLINE exponential gate_exponential(vector x) {
  x = clamp(x, -87, 87);
  vector rounded = multiply_add(x, splat(-LOG2_E), splat(ROUNDING));
  vector n = rounded - splat(ROUNDING);
  vector f = multiply_add(n, splat(-LN_2), -x);
#if !HAS_FMA
  f = multiply_add(n, splat(-LN_2_REST), f);
#endif
  integers bits = (integers)rounded << EXPONENT_BITS;
  return (exponential){exponential_of_fraction(f), (vector)(bits + EXPONENT_OF_ONE)};
}

/// 1 + e⁻ˣ, the divisor of the logistic function.
INLINE vector logistic_divisor(vector x) {
  exponential e = gate_exponential(x);
  return multiply_add(e.power, e.scale, splat(1));
}

/// 1 / (1 + e⁻ˣ): within 6 ulp for x ≥ −87; below −87, at most 1.7e-38 too large.
INLINE vector logistic(vector x) { return splat(1) / logistic_divisor(x); }

/// tanh as a quotient; the quotient is within 6 ulp.
typedef struct {
  vector numerator, divisor;
} quotient;

INLINE quotient tanh_quotient(vector x) {
  x = clamp(x, -9.02f, 9.02f);
  vector t = x * x;
  vector square = t * t;
  vector p = multiply_add(t, splat(0x1.120442p-3f), splat(1));
  vector q = multiply_add(t, splat(0x1.de576ap-2f), splat(1));
  vector p_high = multiply_add(t, splat(0x1.595560p-16f), splat(0x1.c9f858p-9f));
  vector q_high = multiply_add(t, splat(0x1.5841d8p-12f), splat(0x1.a7df24p-6f));
  p_high = multiply_add(square, splat(0x1.c9a3c8p-27f), p_high);
  q_high = multiply_add(square, splat(0x1.a0b860p-21f), q_high);
  return (quotient){x * multiply_add(square, p_high, p), multiply_add(square, q_high, q)};
}

/// tanh(x): within 6 ulp, and always from −1 to 1.
INLINE vector hyperbolic_tangent(vector x) {
  quotient t = tanh_quotient(x);
  return clamp(t.numerator / t.divisor, -1, 1);
}

/// e^x: within 2 ulp where the result is normal; large results become ∞, small ones round to
/// subnormals.
INLINE vector exponential_function(vector x) {
  vector bounded = clamp(x, -104, 89);
  vector rounded = multiply_add(bounded, splat(LOG2_E), splat(ROUNDING));
  vector n = rounded - splat(ROUNDING);
  vector f = multiply_add(n, splat(-LN_2), bounded);
  f = multiply_add(n, splat(-LN_2_REST), f);
  // A product of two powers of 2, because one power of 2 could exceed the exponents of float32.
  integers whole = (integers)rounded - 0x4b400000;
  integers half = whole >> 1;
  vector one = (vector)((half << EXPONENT_BITS) + EXPONENT_OF_ONE);
  vector other = (vector)(((whole - half) << EXPONENT_BITS) + EXPONENT_OF_ONE);
  return exponential_of_fraction(f) * one * other;
}

/// Applies an activation in vectors; `recur_custom` does not run in vectors.
INLINE vector activate(const recur_activation *activation, vector x) {
  switch (activation->kind) {
    case recur_sigmoid: return logistic(x);
    case recur_tanh: return hyperbolic_tangent(x);
    case recur_relu: return splat(0) > x ? splat(0) : x;
    case recur_hard_sigmoid:
      return clamp(
          multiply_add(x, splat(activation->slope), splat(activation->offset)), 0, 1);
    case recur_linear:
    case recur_custom: return x;
  }
}

/// Applies an activation in place to one row.
INLINE void activate_row(const recur_activation *activation, float *values, size_t count) {
  if (activation->kind == recur_custom) {
    activation->function(activation->context, values, count);
    return;
  }
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) store(values + i, activate(activation, load(values + i)));
  if (i == count) return;
  float rest[LANES] = {0};
  memcpy(rest, values + i, (count - i) * sizeof(float));
  store(rest, activate(activation, load(rest)));
  memcpy(values + i, rest, (count - i) * sizeof(float));
}
