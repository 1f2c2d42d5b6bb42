// Which tiles the panels of a gated cell are cut into.
//
// Defined once per tile function: the number of rows and panels must be constants where the tile
// is compiled.

/// Defines `name`, which runs `tile_function` over `panels` of a layer of `width` panels, for `count`
/// rows.
///
/// A single row takes GROUP panels at once. Every other step goes backwards: what was read last is
/// nearest.
#define OVER_PANELS(name, tile_function)                                                     \
  static void name(                                                                          \
      const gate_job *job, const gate_rows *tile, size_t count, range panels, size_t width,  \
      bool is_reversed) {                                                                    \
    if (IS_CHAINED(width)) {                                                                 \
      for (size_t panel = panels.begin; panel < panels.end; panel++)                         \
        tile_function(1, 1, CHAINS, job, tile, panel);                                       \
      return;                                                                                \
    }                                                                                        \
    const size_t group = count == 1 ? GROUP : 1;                                             \
    const size_t groups = (panels.end - panels.begin + group - 1) / group;                   \
    for (size_t i = 0; i < groups; i++) {                                                    \
      const size_t panel = panels.begin + (is_reversed ? groups - 1 - i : i) * group;        \
      if (count > 1) {                                                                       \
        switch (count) { ROWS_FROM_2(tile_function) }                                        \
      } else if (panels.end - panel >= GROUP) {                                              \
        tile_function(1, GROUP, 1, job, tile, panel);                                        \
      } else {                                                                               \
        switch (panels.end - panel) { PANELS_LEFT(tile_function) }                           \
      }                                                                                      \
    }                                                                                        \
  }

#define ROWS_CASE(tile_function, n) \
  case n: tile_function(n, 1, 1, job, tile, panel); break;
#if ROWS >= 6
#define ROWS_FROM_2(F) \
  ROWS_CASE(F, 2) ROWS_CASE(F, 3) ROWS_CASE(F, 4) ROWS_CASE(F, 5) ROWS_CASE(F, 6)
#elif ROWS >= 3
#define ROWS_FROM_2(F) ROWS_CASE(F, 2) ROWS_CASE(F, 3)
#else
#define ROWS_FROM_2(F) ROWS_CASE(F, 2)
#endif

#define LEFT_CASE(tile_function, n) \
  case n: tile_function(1, n, 1, job, tile, panel); break;
#if GROUP >= 4
#define PANELS_LEFT(F) LEFT_CASE(F, 1) LEFT_CASE(F, 2) LEFT_CASE(F, 3)
#else
#define PANELS_LEFT(F) LEFT_CASE(F, 1)
#endif

OVER_PANELS(lstm_panels, lstm_tile)
OVER_PANELS(gru_after_panels, gru_after_tile)
OVER_PANELS(gru_before_panels, gru_before_tile)

typedef void (*over_panels)(
    const gate_job *job, const gate_rows *tile, size_t count, range panels, size_t width,
    bool is_reversed);

/// W·x + b of all gates of one panel, [panel][gate][lane], in as many chains as the tiles have that
/// find it themselves.
INLINE void input_tile(
    const int rows, const int chains, const int gates, const recur_cell *cell,
    const float *const *x, float *const *out, size_t panel) {
  enum { panels = 1 };
  vector sums[TILE];
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int gate = 0; gate < gates; gate++)
      sums[AT(row, 0, 0, gate)] = load(cell->bias + (panel * gates + gate) * LANES);
  accumulate(
      rows, panels, chains, gates, sums, cell->input_panels + panel * cell->inputs * gates * LANES,
      0, x, cell->inputs);
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int gate = 0; gate < gates; gate++)
      store(out[row] + (panel * gates + gate) * LANES, sums[AT(row, 0, 0, gate)]);
}

static void input_panel(
    const recur_cell *cell, const float *const *x, float *const *out, size_t count, size_t panel,
    size_t width) {
  const bool is_lstm = cell->kind == recur_lstm;
  if (IS_CHAINED(width)) {
    for (size_t row = 0; row < count; row++) {
      if (is_lstm)
        input_tile(1, CHAINS, 4, cell, x + row, out + row, panel);
      else
        input_tile(1, CHAINS, 3, cell, x + row, out + row, panel);
    }
    return;
  }
#define CASE(n)                             \
  if (is_lstm)                              \
    input_tile(n, 1, 4, cell, x, out, panel); \
  else                                      \
    input_tile(n, 1, 3, cell, x, out, panel);
  FOR_ROWS(count, CASE)
#undef CASE
}
