// Functions of contiguous numbers.

/// Defines a function over arrays whose results equal those inside the kernels.
#define OVER_ARRAYS(name, function)                                  \
  static void name(const float *x, float *y, size_t count) {         \
    size_t i = 0;                                                    \
    for (; i + LANES <= count; i += LANES) store(y + i, function(load(x + i))); \
    if (i == count) return;                                          \
    float rest[LANES] = {0};                                         \
    memcpy(rest, x + i, (count - i) * sizeof(float));                \
    store(rest, function(load(rest)));                               \
    memcpy(y + i, rest, (count - i) * sizeof(float));                \
  }

OVER_ARRAYS(exp_array, exponential_function)
OVER_ARRAYS(sigmoid_array, logistic)
OVER_ARRAYS(tanh_array, hyperbolic_tangent)

/// Replaces x by its softmax. The sum is in Double beyond a few vectors, so that long lines lose no
/// digits.
static void softmax_array(float *x, size_t count) {
  vector tops = splat(-__builtin_inff());
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    vector v = load(x + i);
    tops = v > tops ? v : tops;
  }
  float top = -__builtin_inff();
  for (; i < count; i++) top = x[i] > top ? x[i] : top;
  for (int lane = 0; lane < LANES; lane++) top = tops[lane] > top ? tops[lane] : top;
  double sum = 0;
  for (i = 0; i + LANES <= count;) {
    vector sums = splat(0);
    for (int group = 0; group < 16 && i + LANES <= count; group++, i += LANES) {
      vector v = exponential_function(load(x + i) - splat(top));
      store(x + i, v);
      sums += v;
    }
    for (int lane = 0; lane < LANES; lane++) sum += sums[lane];
  }
  if (i < count) {
    float rest[LANES] = {0};
    memcpy(rest, x + i, (count - i) * sizeof(float));
    store(rest, exponential_function(load(rest) - splat(top)));
    for (size_t lane = 0; lane < count - i; lane++) sum += rest[lane];
    memcpy(x + i, rest, (count - i) * sizeof(float));
  }
  const float scale = (float)(1 / sum);
  for (i = 0; i + LANES <= count; i += LANES) store(x + i, load(x + i) * splat(scale));
  for (; i < count; i++) x[i] *= scale;
}

/// Replaces y by the larger of x and y; NaN if either is NaN.
static void maximum_array(const float *x, float *y, size_t count) {
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    vector a = load(x + i), b = load(y + i);
    store(y + i, ((b > a) | (b != b)) ? b : a);
  }
  for (; i < count; i++) y[i] = y[i] > x[i] || y[i] != y[i] ? y[i] : x[i];
}

/// Adds the products of x and w to y.
static void multiply_add_array(const float *x, const float *w, float *y, size_t count) {
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    store(y + i, multiply_add(load(x + i), load(w + i), load(y + i)));
  if (i == count) return;
  vector sum = multiply_add(
      load_first(x + i, count - i), load_first(w + i, count - i), load_first(y + i, count - i));
  store_first(y + i, sum, count - i);
}

/// The gates of a vector of an LSTM without a product: x and, unless NULL, the sums of h.
INLINE vector gate_of(
    const recur_activation *activation, const float *x, const float *sums, size_t count) {
  vector v = load_first(x, count);
  return activate(activation, sums ? v + load_first(sums, count) : v);
}

/// Updates h and c of `rows` positions of an LSTM whose products are known.
static void lstm_rows(
    const float *x, ptrdiff_t x_row, const float *sums, recur_activation gate,
    recur_activation activation, float *h, float *c, size_t units, size_t rows) {
  for (size_t row = 0; row < rows; row++, x += x_row, h += units, c += units) {
    for (size_t unit = 0; unit < units; unit += LANES) {
      const size_t count = units - unit;
      const float *own = sums ? sums + row * 4 * units + unit : NULL;
      vector i = gate_of(&gate, x + unit, own, count);
      vector f = gate_of(&gate, x + units + unit, own ? own + units : NULL, count);
      vector g = gate_of(&activation, x + 2 * units + unit, own ? own + 2 * units : NULL, count);
      vector o = gate_of(&gate, x + 3 * units + unit, own ? own + 3 * units : NULL, count);
      vector cell = multiply_add(f, load_first(c + unit, count), i * g);
      store_first(c + unit, cell, count);
      store_first(h + unit, o * activate(&activation, cell), count);
    }
  }
}
