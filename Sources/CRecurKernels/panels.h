// Loops over the panels of a gated cell.
//
// A loop is defined once per tile function, because the numbers of rows and panels must be
// constants when the tile function is compiled.

/// Defines the function `name`, which runs `tile_function` over `panels`, some of a layer's `width`
/// panels, for `count` rows.
///
/// A tile of one row has two panels; when the number of panels is odd, the last tile has three.
/// With `is_reversed` the loop runs backwards, because the panels read last are still in the cache.
#define OVER_PANELS(name, tile_function)                                                     \
  static void name(                                                                          \
      const gate_job *job, const gate_rows *tile, size_t count, range panels, size_t width,  \
      bool is_reversed, prefetch ahead) {                                                    \
    if (IS_CHAINED(width)) {                                                                 \
      for (size_t panel = panels.begin; panel < panels.end; panel++)                         \
        tile_function(1, 1, CHAINS, job, tile, panel, NOTHING_AHEAD);                        \
      return;                                                                                \
    }                                                                                        \
    const size_t all = panels.end - panels.begin;                                            \
    const size_t groups = count > 1 || all == 1 ? all : all / 2;                             \
    for (size_t i = 0; i < groups; i++) {                                                    \
      const size_t group = is_reversed ? groups - 1 - i : i;                                 \
      const size_t panel = panels.begin + (groups == all ? group : 2 * group);               \
      switch (count > 1 ? count : 1) {                                                       \
        ROWS_FROM_2(tile_function)                                                           \
        default:                                                                             \
          if (groups == all)                                                                 \
            tile_function(1, 1, 1, job, tile, panel, ahead);                                 \
          else if (group == groups - 1 && all % 2)                                           \
            tile_function(1, 3, 1, job, tile, panel, ahead);                                 \
          else                                                                               \
            tile_function(1, 2, 1, job, tile, panel, ahead);                                 \
      }                                                                                      \
    }                                                                                        \
  }

#define ROWS_CASE(tile_function, n) \
  case n: tile_function(n, 1, 1, job, tile, panel, ahead); break;
#if ROWS >= 6
#define ROWS_FROM_2(F) \
  ROWS_CASE(F, 2) ROWS_CASE(F, 3) ROWS_CASE(F, 4) ROWS_CASE(F, 5) ROWS_CASE(F, 6)
#elif ROWS >= 3
#define ROWS_FROM_2(F) ROWS_CASE(F, 2) ROWS_CASE(F, 3)
#else
#define ROWS_FROM_2(F) ROWS_CASE(F, 2)
#endif

OVER_PANELS(lstm_panels, lstm_tile)
OVER_PANELS(gru_after_panels, gru_after_tile)
OVER_PANELS(gru_before_panels, gru_before_tile)

typedef void (*over_panels)(
    const gate_job *job, const gate_rows *tile, size_t count, range panels, size_t width,
    bool is_reversed, prefetch ahead);

/// Computes W·x + b of all gates of one panel: [panel][gate][lane].
INLINE void input_tile(
    const int rows, const int gates, const recur_cell *cell, const float *const *x,
    float *const *out, size_t panel, prefetch ahead) {
  enum { panels = 1, chains = 1 };
  vector sums[TILE];
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int gate = 0; gate < gates; gate++)
      sums[AT(row, 0, 0, gate)] = load(cell->bias + (panel * gates + gate) * LANES);
  accumulate(
      rows, panels, chains, gates, sums,
      panel_at(cell->input_panels, panel, cell->inputs, gates), 0, x, cell->inputs, ahead);
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int gate = 0; gate < gates; gate++)
      store(out[row] + (panel * gates + gate) * LANES, sums[AT(row, 0, 0, gate)]);
}

static void input_panel(
    const recur_cell *cell, const float *const *x, float *const *out, size_t count, size_t panel,
    prefetch ahead) {
  const bool is_lstm = cell->kind == recur_lstm;
#define CASE(n)                                   \
  if (is_lstm)                                    \
    input_tile(n, 4, cell, x, out, panel, ahead); \
  else                                            \
    input_tile(n, 3, cell, x, out, panel, ahead);
  FOR_ROWS(count, CASE)
#undef CASE
}
