// Products of rows, for the passes from which verdicts come: the same bits on every processor.
//
// Included once per number type, after NUMBER, SUMS (how many partial sums a product has) and NAMED(name) are
// defined. A product is SUMS partial sums, of every SUMS-th column each, and then their sum in order. No
// multiplication is joined with an addition, so the width of the registers changes no bit.

typedef NUMBER NAMED(sums) __attribute__((ext_vector_type(SUMS), aligned(sizeof(NUMBER)), may_alias));

/// y[row][unit] = weights[unit] · x[row] for `rows` rows and `units` units; all rows of `weights` and x hold
/// `columns` numbers.
INLINE void NAMED(tile)(
    const int rows, const int units, const NUMBER *weights, const NUMBER *x, size_t columns,
    NUMBER *y, size_t y_row) {
#pragma clang fp contract(off)
  NAMED(sums) sums[4];
  UNROLL for (int i = 0; i < rows * units; i++) sums[i] = (NAMED(sums))(0);
  size_t k = 0;
  for (; k + SUMS <= columns; k += SUMS) {
    NAMED(sums) w[4];
    UNROLL for (int unit = 0; unit < units; unit++)
      w[unit] = *(const NAMED(sums) *)(weights + (size_t)unit * columns + k);
    UNROLL for (int row = 0; row < rows; row++) {
      const NAMED(sums) numbers = *(const NAMED(sums) *)(x + (size_t)row * columns + k);
      UNROLL for (int unit = 0; unit < units; unit++) sums[row * units + unit] += numbers * w[unit];
    }
  }
  UNROLL for (int row = 0; row < rows; row++) {
    UNROLL for (int unit = 0; unit < units; unit++) {
      NUMBER sum = 0;
      UNROLL for (int part = 0; part < SUMS; part++) sum += sums[row * units + unit][part];
      for (size_t rest = k; rest < columns; rest++)
        sum += weights[(size_t)unit * columns + rest] * x[(size_t)row * columns + rest];
      y[(size_t)row * y_row + (size_t)unit] = sum;
    }
  }
}

/// Computes y = x·wᵀ for `rows` rows of x, with w `[outputs][columns]` and y `[rows][outputs]`.
static void NAMED(products)(
    const NUMBER *weights, size_t outputs, size_t columns, const NUMBER *x, size_t rows, NUMBER *y) {
  size_t row = 0;
  for (; row + 2 <= rows; row += 2) {
    const NUMBER *numbers = x + row * columns;
    NUMBER *results = y + row * outputs;
    size_t unit = 0;
    for (; unit + 2 <= outputs; unit += 2)
      NAMED(tile)(2, 2, weights + unit * columns, numbers, columns, results + unit, outputs);
    if (unit < outputs)
      NAMED(tile)(2, 1, weights + unit * columns, numbers, columns, results + unit, outputs);
  }
  if (row == rows) return;
  const NUMBER *numbers = x + row * columns;
  NUMBER *results = y + row * outputs;
  size_t unit = 0;
  for (; unit + 4 <= outputs; unit += 4)
    NAMED(tile)(1, 4, weights + unit * columns, numbers, columns, results + unit, outputs);
  for (; unit < outputs; unit++)
    NAMED(tile)(1, 1, weights + unit * columns, numbers, columns, results + unit, outputs);
}
