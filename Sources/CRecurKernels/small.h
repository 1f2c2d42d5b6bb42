// Layers of few panels without a mask. One timestep takes less time than the decisions of the
// general loop, so this loop over timesteps makes all decisions beforehand.

/// The largest padded width of h in such a layer.
#define SMALL_UNITS ((CHAINED_PANELS > 0 ? CHAINED_PANELS : 1) * LANES)

/// Adds W·x to the sums of a small layer, [panel][gate], in the same order of operations as a tile
/// of one row and one panel.
INLINE void small_sums(
    const int panels, const int gates, vector *sums, const void *weights, const float *x,
    size_t columns) {
  UNROLL for (int panel = 0; panel < panels; panel++) {
    vector tile[TILE];
    UNROLL for (int gate = 0; gate < gates; gate++) tile[gate] = sums[panel * RECUR_BLOCKS + gate];
    accumulate(
        1, 1, CHAINS, gates, tile, panel_at(weights, panel, columns, gates), 0, &x, columns,
        NOTHING_AHEAD);
    UNROLL for (int gate = 0; gate < gates; gate++) sums[panel * RECUR_BLOCKS + gate] = tile[gate];
  }
}

/// Runs all timesteps of one sequence.
INLINE void small_sequence(
    const int panels, const bool is_lstm, const gate_job *job, const recur_pass *pass, size_t row) {
  const int gates = is_lstm ? 4 : 3;
  const recur_cell *cell = job->cell;
  const size_t units = cell->units, last = units - (panels - 1) * LANES;
  const bool is_fresh = begins_with_zeros(pass);
  float shown[SMALL_UNITS];
  vector h[CHAINED_PANELS + 1], c[CHAINED_PANELS + 1];
  UNROLL for (int p = 0; p < panels; p++) {
    const size_t at = row * units + p * LANES, count = p < panels - 1 ? LANES : last;
    h[p] = is_fresh ? splat(0) : load_first(pass->h + at, count);
    c[p] = is_fresh || !is_lstm ? splat(0) : load_first(pass->c + at, count);
    store(shown + p * LANES, h[p]);
  }
  const float *x = pass->x + (ptrdiff_t)row * pass->x_row;
  ptrdiff_t x_step = pass->x_step;
  if (pass->is_backward) {
    x += (ptrdiff_t)(pass->timesteps - 1) * x_step;
    x_step = -x_step;
  }
  float *y = pass->y ? pass->y + (ptrdiff_t)row * pass->y_row : NULL;
  for (size_t step = 0; step < pass->timesteps; step++, x += x_step) {
    vector sums[CHAINED_PANELS * RECUR_BLOCKS + 1], candidates[CHAINED_PANELS + 1];
    UNROLL for (int p = 0; p < panels; p++)
      UNROLL for (int gate = 0; gate < gates; gate++)
        sums[p * RECUR_BLOCKS + gate] = load(cell->bias + (p * gates + gate) * LANES);
    small_sums(panels, gates, sums, cell->input_panels, x, cell->inputs);
    if (!is_lstm)
      UNROLL for (int p = 0; p < panels; p++) {
        candidates[p] = sums[p * RECUR_BLOCKS + 2];
        sums[p * RECUR_BLOCKS + 2] = load(cell->recurrent_bias + p * LANES);
      }
    small_sums(panels, gates, sums, cell->recurrent_panels, shown, units);
    UNROLL for (int p = 0; p < panels; p++) {
      const vector *gate = sums + p * RECUR_BLOCKS;
      if (is_lstm) {
        lstm_state state = lstm_update(job, gate[0], gate[1], gate[2], gate[3], c[p], p * LANES);
        c[p] = state.c;
        h[p] = state.h;
      } else {
        h[p] = gru_after_update(job, gate[0], gate[1], gate[2], candidates[p], h[p]);
      }
      store(shown + p * LANES, h[p]);
    }
    if (!y) continue;
    UNROLL for (int p = 0; p < panels; p++)
      store_first(y + p * LANES, h[p], p < panels - 1 ? LANES : last);
    y += pass->y_step;
  }
  UNROLL for (int p = 0; p < panels; p++) {
    const size_t at = row * units + p * LANES, count = p < panels - 1 ? LANES : last;
    store_first(pass->h + at, h[p], count);
    if (pass->timesteps && pass->last) store_first(pass->last + at, h[p], count);
    if (is_lstm) store_first(pass->c + at, c[p], count);
  }
}

/// Whether the functions of this file can run a pass.
INLINE bool is_small(const recur_cell *cell, const recur_pass *pass) {
  return IS_CHAINED(recur_padded(cell->units, LANES) / LANES) && !pass->mask &&
         !cell->projection && (cell->kind == recur_lstm || cell->kind == recur_gru_after) &&
         cell->gate.kind != recur_custom && cell->activation.kind != recur_custom;
}

static void small_pass(const gate_job *job, const recur_pass *pass) {
  const range rows = part(pass->batch, pass->thread, pass->threads);
  const size_t panels = job->padded / LANES;
  const bool is_lstm = job->cell->kind == recur_lstm;
  for (size_t row = rows.begin; row < rows.end; row++) {
    if (panels == 1) {
      if (is_lstm)
        small_sequence(1, true, job, pass, row);
      else
        small_sequence(1, false, job, pass, row);
    } else {
      if (is_lstm)
        small_sequence(2, true, job, pass, row);
      else
        small_sequence(2, false, job, pass, row);
    }
  }
}
