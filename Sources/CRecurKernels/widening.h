// Sums of products whose weights become float32 in registers.

/// Adds the products of one column, `next` columns after `column`, which begins a group: one number
/// per row times the column's weights.
INLINE void accumulate_column(
    const int rows, const int panels, const int chains, const int gates, const int chain,
    vector *sums, const weight *weights, size_t panel_stride, const float *const *x, size_t column,
    const int next) {
  UNROLL for (int panel = 0; panel < panels; panel++) {
    const weight *place = weights + panel * panel_stride +
                          (column + next / COLUMN_GROUP * COLUMN_GROUP) * gates * LANES;
    vector w[RECUR_BLOCKS];
    UNROLL for (int gate = 0; gate < gates; gate++)
      w[gate] = widened(place + gate * LANES * COLUMN_GROUP, next % COLUMN_GROUP);
    UNROLL for (int row = 0; row < rows; row++) {
      vector number = splat(x[row][column + next]);
      UNROLL for (int gate = 0; gate < gates; gate++) {
        vector *sum = &sums[AT(row, panel, chain, gate)];
        *sum = multiply_add(number, w[gate], *sum);
      }
    }
  }
}

/// Adds W·x to the sums of a tile. Each result has `chains` partial sums, which are added up at the
/// end.
///
/// - weights: the first panel; each further panel begins `panel_stride` weights later.
/// - x: for each row of the tile, a pointer to `columns` numbers.
INLINE void accumulate(
    const int rows, const int panels, const int chains, const int gates, vector *sums,
    const weight *weights, size_t panel_stride, const float *const *x, size_t columns,
    prefetch ahead) {
  const float *numbers[ROWS];
  UNROLL for (int row = 0; row < rows; row++) numbers[row] = x[row];
#if HAS_SCALES
  const weight *const scales = weights;
  weights += gates * LANES * sizeof(float);
  vector before[TILE];
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int panel = 0; panel < panels; panel++)
      UNROLL for (int gate = 0; gate < gates; gate++) {
        before[AT(row, panel, 0, gate)] = sums[AT(row, panel, 0, gate)];
        sums[AT(row, panel, 0, gate)] = splat(0);
      }
#endif
  if (chains > 1) {
    UNROLL for (int row = 0; row < rows; row++)
      UNROLL for (int panel = 0; panel < panels; panel++)
        UNROLL for (int chain = 1; chain < chains; chain++)
          UNROLL for (int gate = 0; gate < gates; gate++)
            sums[AT(row, panel, chain, gate)] = splat(0);
  }
  size_t column = 0;
  if (chains > 1) {
    for (; column + chains <= columns; column += chains)
      UNROLL for (int chain = 0; chain < chains; chain++)
        accumulate_column(
            rows, panels, chains, gates, chain, sums, weights, panel_stride, numbers, column,
            chain);
  }
  if (rows > 1) {
    for (; column + COLUMNS_AT_ONCE <= columns; column += COLUMNS_AT_ONCE) {
      for (size_t line = 0; line < ahead.lines; line++, ahead.place += LINE)
        __builtin_prefetch(ahead.place, 0, 2);
      UNROLL for (int next = 0; next < COLUMNS_AT_ONCE; next++)
        accumulate_column(
            rows, panels, chains, gates, 0, sums, weights, panel_stride, numbers, column, next);
    }
  }
  for (; column + COLUMN_GROUP <= columns; column += COLUMN_GROUP)
    UNROLL for (int next = 0; next < COLUMN_GROUP; next++)
      accumulate_column(
          rows, panels, chains, gates, 0, sums, weights, panel_stride, numbers, column, next);
  if (column < columns)
    accumulate_column(
        rows, panels, chains, gates, 0, sums, weights, panel_stride, numbers, column, 0);
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int panel = 0; panel < panels; panel++)
      UNROLL for (int gate = 0; gate < gates; gate++) {
        UNROLL for (int stride = chains / 2; stride > 0; stride /= 2)
          UNROLL for (int chain = 0; chain < stride; chain++)
            sums[AT(row, panel, chain, gate)] += sums[AT(row, panel, chain + stride, gate)];
#if HAS_SCALES
        const weight *place = scales + panel * panel_stride + gate * LANES * sizeof(float);
        vector *sum = &sums[AT(row, panel, 0, gate)];
        *sum = multiply_add(
            *sum, load((const float *)(const void *)place), before[AT(row, panel, 0, gate)]);
#endif
      }
}
