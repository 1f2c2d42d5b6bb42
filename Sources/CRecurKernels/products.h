// Products of two matrices of values, which are not packed.

/// The sums of a tile: up to ROWS rows by up to RECUR_BLOCKS vectors.
typedef struct {
  const float *a;
  ptrdiff_t a_row;
  const float *b;
  ptrdiff_t b_row;
  float *y;
  ptrdiff_t y_row;
  size_t columns, depth;
} product_job;

/// Computes `blocks` vectors of columns from `column` on, for `rows` rows. The last vector holds
/// `last` columns.
INLINE void product_tile(
    const int rows, const int blocks, const product_job *job, size_t row, size_t column,
    size_t last) {
  vector sums[ROWS * RECUR_BLOCKS];
  UNROLL for (int i = 0; i < rows * blocks; i++) sums[i] = splat(0);
  const float *a[ROWS];
  UNROLL for (int i = 0; i < rows; i++) a[i] = job->a + (ptrdiff_t)(row + i) * job->a_row;
  const float *b = job->b + column;
  for (size_t k = 0; k < job->depth; k++, b += job->b_row) {
    vector w[RECUR_BLOCKS];
    UNROLL for (int block = 0; block < blocks - 1; block++) w[block] = load(b + block * LANES);
    w[blocks - 1] = load_first(b + (blocks - 1) * LANES, last);
    UNROLL for (int i = 0; i < rows; i++) {
      vector number = splat(a[i][k]);
      UNROLL for (int block = 0; block < blocks; block++)
        sums[i * blocks + block] = multiply_add(number, w[block], sums[i * blocks + block]);
    }
  }
  UNROLL for (int i = 0; i < rows; i++) {
    float *y = job->y + (ptrdiff_t)(row + i) * job->y_row + column;
    UNROLL for (int block = 0; block < blocks - 1; block++)
      store(y + block * LANES, sums[i * blocks + block]);
    store_first(y + (blocks - 1) * LANES, sums[i * blocks + blocks - 1], last);
  }
}

INLINE void product_columns(
    const int rows, size_t blocks, const product_job *job, size_t row, size_t column, size_t last) {
  switch (blocks) {
    case 1: product_tile(rows, 1, job, row, column, last); break;
    case 2: product_tile(rows, 2, job, row, column, last); break;
    case 3: product_tile(rows, 3, job, row, column, last); break;
    default: product_tile(rows, 4, job, row, column, last); break;
  }
}

/// Computes y = a·b. Each sum is in the order of b's rows, whatever the number of rows of a.
static void product(
    const float *a, ptrdiff_t a_row, const float *b, ptrdiff_t b_row, float *y, ptrdiff_t y_row,
    size_t rows, size_t columns, size_t depth) {
  const product_job job = {a, a_row, b, b_row, y, y_row, columns, depth};
  for (size_t column = 0; column < columns; column += RECUR_BLOCKS * LANES) {
    const size_t left = columns - column;
    const size_t width = left < RECUR_BLOCKS * LANES ? left : RECUR_BLOCKS * LANES;
    const size_t blocks = (width + LANES - 1) / LANES;
    const size_t last = width - (blocks - 1) * LANES;
    for (size_t row = 0, count; row < rows; row += count) {
      count = rows_of_next_tile(rows - row);
#define CASE(n) product_columns(n, blocks, &job, row, column, last)
      FOR_ROWS(count, CASE)
#undef CASE
    }
  }
}
