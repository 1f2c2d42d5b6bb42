// Matrices without gates: dense layers, cells of one gate, candidates and projections.

/// The number of partial sums (chains) per result in a panel of `blocks` blocks. Fewer blocks have
/// more chains, so that the processor always has enough independent sums.
#define BLOCK_CHAINS(blocks) (CHAINS / (blocks) > 1 ? CHAINS / (blocks) : 1)
/// The number of units in a full panel.
#define PANEL (RECUR_BLOCKS * LANES)

/// out = activation(first·x + second·y + initial), or with `is_update` the new h of a GRU.
typedef struct {
  /// The panels of the first matrix; NULL for no first product.
  const void *first;
  size_t first_columns;
  const void *second;
  size_t second_columns;
  /// The distance between the initial values of neighbouring vectors, in vectors.
  size_t initial_step;
  /// The number of units that fit in `out`.
  size_t out_units;
  recur_activation activation;
  /// out = z ⊙ h + (1 − z) ⊙ activation(…).
  bool is_update;
} block_job;

typedef struct {
  const float *first[ROWS], *second[ROWS];
  /// NULL for zeros.
  const float *initial[ROWS];
  float *out[ROWS];
  const float *z[ROWS], *h[ROWS];
} block_rows;

INLINE void block_tile(
    const int rows, const int panels, const int gates, const block_job *job,
    const block_rows *tile, size_t unit) {
  const int chains = BLOCK_CHAINS(gates);
  vector sums[TILE];
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int panel = 0; panel < panels; panel++)
      UNROLL for (int gate = 0; gate < gates; gate++) {
        const float *initial = tile->initial[row];
        size_t at = unit + (size_t)(panel * gates + gate) * LANES;
        sums[AT(row, panel, 0, gate)] =
            initial ? load(initial + at * job->initial_step) : splat(0);
      }
  if (job->first)
    accumulate(
        rows, panels, chains, gates, sums,
        panel_at(job->first, unit / PANEL, job->first_columns, RECUR_BLOCKS),
        panel_size(job->first_columns, RECUR_BLOCKS), tile->first, job->first_columns,
        NOTHING_AHEAD);
  accumulate(
      rows, panels, chains, gates, sums,
      panel_at(job->second, unit / PANEL, job->second_columns, RECUR_BLOCKS),
      panel_size(job->second_columns, RECUR_BLOCKS), tile->second, job->second_columns,
      NOTHING_AHEAD);
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int panel = 0; panel < panels; panel++)
      UNROLL for (int gate = 0; gate < gates; gate++) {
        size_t at = unit + (size_t)(panel * gates + gate) * LANES;
        vector y = activate(&job->activation, sums[AT(row, panel, 0, gate)]);
        if (job->is_update) {
          vector z = load(tile->z[row] + at), h = load(tile->h[row] + at);
          y = multiply_add(z, h, multiply_add(-z, y, y));
        }
        if (at < job->out_units) store_first(tile->out[row] + at, y, job->out_units - at);
      }
}

INLINE void block_panel(
    const int rows, size_t blocks, const block_job *job, const block_rows *tile, size_t unit) {
  switch (blocks) {
    case 1: block_tile(rows, 1, 1, job, tile, unit); break;
    case 2: block_tile(rows, 1, 2, job, tile, unit); break;
    case 3: block_tile(rows, 1, 3, job, tile, unit); break;
    default: block_tile(rows, 1, 4, job, tile, unit); break;
  }
}

/// Computes the units in `units`, which begins with a full panel, for `count` rows.
static void run_blocks(
    const block_job *job, const block_rows *tile, size_t count, range units) {
  size_t unit = units.begin;
  while (unit < units.end) {
    size_t left = (units.end - unit + LANES - 1) / LANES;
    if (count == 1 && left >= 2 * RECUR_BLOCKS) {
      block_tile(1, 2, RECUR_BLOCKS, job, tile, unit);
      unit += 2 * PANEL;
      continue;
    }
#define CASE(n) block_panel(n, left, job, tile, unit)
    FOR_ROWS(count, CASE)
#undef CASE
    unit += PANEL;
  }
}

/// Computes y = activation(W·x + b) for many rows.
static void dense(
    const void *panels, const float *bias, size_t inputs, size_t units,
    recur_activation activation, const float *x, ptrdiff_t x_row, float *y, ptrdiff_t y_row,
    size_t rows) {
  block_job job = {
      .second = panels, .second_columns = inputs, .initial_step = 1, .out_units = units,
      .activation = activation};
  // This many rows stay in the cache during the loop over the panels.
  const size_t group = 16 * ROWS;
  for (size_t first = 0; first < rows; first += group) {
    size_t last = rows - first < group ? rows : first + group;
    for (size_t unit = 0; unit < units; unit += rows == 1 ? units : PANEL) {
      range span = {unit, rows == 1 || units - unit < PANEL ? units : unit + PANEL};
      for (size_t row = first, count; row < last; row += count) {
        count = rows_of_next_tile(last - row);
        block_rows tile;
        for (size_t i = 0; i < count; i++) {
          tile.second[i] = x + (ptrdiff_t)(row + i) * x_row;
          tile.initial[i] = bias;
          tile.out[i] = y + (ptrdiff_t)(row + i) * y_row;
        }
        run_blocks(&job, &tile, count, span);
      }
    }
  }
  if (activation.kind == recur_custom)
    for (size_t row = 0; row < rows; row++)
      activation.function(activation.context, y + (ptrdiff_t)row * y_row, units);
}
