// Sums of products of weights and numbers. Nearly all of the time is spent here.
//
// A tile is a few rows (sequences) by a few vectors of results. Its sums stay in registers during
// the loop over the columns of a panel. ROWS rows fill the registers of the instruction set.

/// The largest number of panels in a tile of one row.
#define GROUP 3

/// The largest number of vectors in a tile: rows × panels × chains × gates.
#define TILE (RECUR_BLOCKS * MOST_OF(ROWS, MOST_OF(CHAINS, GROUP)))
#define MOST_OF(a, b) ((a) > (b) ? (a) : (b))
#define AT(row, panel, chain, gate) \
  ((((row) * panels + (panel)) * chains + (chain)) * gates + (gate))

/// Adds the products of one column: one number per row times the column's weights.
INLINE void accumulate_column(
    const int rows, const int panels, const int chains, const int gates, const int chain,
    vector *sums, const float *weights, size_t panel_stride, const float *const *x, size_t column) {
  UNROLL for (int panel = 0; panel < panels; panel++) {
    const float *place = weights + panel * panel_stride + column * gates * LANES;
    vector w[RECUR_BLOCKS];
    UNROLL for (int gate = 0; gate < gates; gate++) w[gate] = load(place + gate * LANES);
    UNROLL for (int row = 0; row < rows; row++) {
      vector number = splat(x[row][column]);
      UNROLL for (int gate = 0; gate < gates; gate++) {
        vector *sum = &sums[AT(row, panel, chain, gate)];
        *sum = multiply_add(number, w[gate], *sum);
      }
    }
  }
}

/// Weights of the next panel, to be fetched into the cache while a tile of several rows is summed.
typedef struct {
  const float *place;
  /// The number of cache lines per COLUMNS_AT_ONCE columns; 0 for no fetching.
  size_t lines;
} prefetch;

#define NOTHING_AHEAD ((prefetch){0})
#define COLUMNS_AT_ONCE 4
#define FLOATS_PER_LINE 16

/// Matrices with at least this many weights are fetched before their use.
enum { CACHED_WEIGHTS = 1 << 21 };

/// A tile's share of fetching the next panel; the tile has `count` of `all` rows.
///
/// - next: the weights of the next panel, columns × gates vectors; NULL if there is none.
/// - weights: the number of weights in the whole matrix.
/// - done: the number of rows before this tile.
INLINE prefetch share_of_next(
    const float *next, size_t columns, size_t gates, size_t weights, size_t done, size_t count,
    size_t all) {
  if (!next || weights < CACHED_WEIGHTS) return NOTHING_AHEAD;
  const size_t lines = COLUMNS_AT_ONCE * gates * LANES / FLOATS_PER_LINE;
  return (prefetch){next + columns * gates * LANES * done / all, (lines * count + all - 1) / all};
}

/// Adds W·x to the sums of a tile. Each result has `chains` partial sums, which are added up at the
/// end.
///
/// - weights: the first panel; each further panel begins `panel_stride` floats later.
/// - x: for each row of the tile, a pointer to `columns` numbers.
INLINE void accumulate(
    const int rows, const int panels, const int chains, const int gates, vector *sums,
    const float *weights, size_t panel_stride, const float *const *x, size_t columns,
    prefetch ahead) {
  const float *numbers[ROWS];
  UNROLL for (int row = 0; row < rows; row++) numbers[row] = x[row];
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
            rows, panels, chains, gates, chain, sums, weights, panel_stride, numbers,
            column + chain);
  }
  if (rows > 1) {
    for (; column + COLUMNS_AT_ONCE <= columns; column += COLUMNS_AT_ONCE) {
      for (size_t line = 0; line < ahead.lines; line++, ahead.place += FLOATS_PER_LINE)
        __builtin_prefetch(ahead.place, 0, 2);
      UNROLL for (int next = 0; next < COLUMNS_AT_ONCE; next++)
        accumulate_column(
            rows, panels, chains, gates, 0, sums, weights, panel_stride, numbers, column + next);
    }
  }
  for (; column < columns; column++)
    accumulate_column(
        rows, panels, chains, gates, 0, sums, weights, panel_stride, numbers, column);
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int panel = 0; panel < panels; panel++)
      UNROLL for (int gate = 0; gate < gates; gate++) {
        UNROLL for (int stride = chains / 2; stride > 0; stride /= 2)
          UNROLL for (int chain = 0; chain < stride; chain++)
            sums[AT(row, panel, chain, gate)] += sums[AT(row, panel, chain + stride, gate)];
      }
}
