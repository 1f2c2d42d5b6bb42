// Cells with an activation that does not run in vectors: they run gate by gate and row by row.

/// Adds W·x to the sums of one row: [panel][gate][lane].
INLINE void row_sums_in(
    const int chains, const int gates, const void *weights, size_t count, size_t columns,
    const float *x, float *sums) {
  enum { rows = 1, panels = 1 };
  for (size_t panel = 0; panel < count; panel++) {
    vector tile[TILE];
    UNROLL for (int gate = 0; gate < gates; gate++)
      tile[AT(0, 0, 0, gate)] = load(sums + (panel * gates + gate) * LANES);
    accumulate(
        rows, panels, chains, gates, tile, panel_at(weights, panel, columns, gates), 0, &x,
        columns, NOTHING_AHEAD);
    UNROLL for (int gate = 0; gate < gates; gate++)
      store(sums + (panel * gates + gate) * LANES, tile[AT(0, 0, 0, gate)]);
  }
}

/// Adds W·x with the same number of chains as the tiles of a layer of `count` panels.
INLINE void row_sums(
    const int gates, const void *weights, size_t count, size_t columns, const float *x,
    float *sums) {
  if (IS_CHAINED(count))
    row_sums_in(CHAINS, gates, weights, count, columns, x, sums);
  else
    row_sums_in(1, gates, weights, count, columns, x, sums);
}

/// Reorders [panel][gate][lane] to [gate][unit].
INLINE void separate(size_t gates, size_t padded, const float *sums, float *separated) {
  for (size_t unit = 0; unit < padded; unit += LANES)
    for (size_t gate = 0; gate < gates; gate++)
      store(separated + gate * padded + unit, load(sums + unit * gates + gate * LANES));
}

static void custom_lstm(const gate_job *job, const gate_rows *tile, float *sums, float *gates) {
  const recur_cell *cell = job->cell;
  const size_t padded = job->padded, count = padded / LANES, units = cell->units;
  copy(sums, tile->initial[0], 4 * padded);
  if (job->folds)
    row_sums(4, cell->input_panels, count, cell->inputs, tile->x[0], sums);
  row_sums(4, cell->recurrent_panels, count, cell->outputs, tile->h[0], sums);
  separate(4, padded, sums, gates);
  float *i = gates, *f = i + padded, *g = f + padded, *o = g + padded, *c = tile->c[0];
  const float *peepholes = cell->peepholes;
  if (peepholes)
    for (size_t unit = 0; unit < units; unit++) {
      i[unit] += peepholes[unit] * c[unit];
      f[unit] += peepholes[padded + unit] * c[unit];
    }
  activate_row(&cell->gate, i, units);
  activate_row(&cell->gate, f, units);
  activate_row(&cell->activation, g, units);
  for (size_t unit = 0; unit < units; unit++) c[unit] = f[unit] * c[unit] + i[unit] * g[unit];
  if (peepholes)
    for (size_t unit = 0; unit < units; unit++) o[unit] += peepholes[2 * padded + unit] * c[unit];
  activate_row(&cell->gate, o, units);
  copy(g, c, units);
  activate_row(&cell->activation, g, units);
  for (size_t unit = 0; unit < units; unit++) tile->next[0][unit] = o[unit] * g[unit];
}

static void custom_gru(const gate_job *job, const gate_rows *tile, float *sums, float *gates) {
  const recur_cell *cell = job->cell;
  const size_t padded = job->padded, count = padded / LANES, units = cell->units;
  const float *h = tile->h[0];
  copy(sums, tile->initial[0], 3 * padded);
  if (job->folds)
    row_sums(3, cell->input_panels, count, cell->inputs, tile->x[0], sums);
  separate(3, padded, sums, gates);
  float *z = gates, *r = z + padded, *n = r + padded, *product = n + padded;
  if (cell->kind == recur_gru_after) {
    memset(sums, 0, 3 * padded * sizeof(float));
    for (size_t unit = 0; unit < padded; unit += LANES)
      store(sums + unit * 3 + 2 * LANES, load(cell->recurrent_bias + unit));
    row_sums(3, cell->recurrent_panels, count, cell->outputs, h, sums);
    for (size_t unit = 0; unit < padded; unit += LANES) {
      store(z + unit, load(z + unit) + load(sums + unit * 3));
      store(r + unit, load(r + unit) + load(sums + unit * 3 + LANES));
      store(product + unit, load(sums + unit * 3 + 2 * LANES));
    }
    activate_row(&cell->gate, r, units);
    for (size_t unit = 0; unit < units; unit++) n[unit] += r[unit] * product[unit];
  } else {
    memset(sums, 0, 2 * padded * sizeof(float));
    row_sums(2, cell->recurrent_panels, count, cell->outputs, h, sums);
    for (size_t unit = 0; unit < padded; unit += LANES) {
      store(z + unit, load(z + unit) + load(sums + unit * 2));
      store(r + unit, load(r + unit) + load(sums + unit * 2 + LANES));
    }
    activate_row(&cell->gate, r, units);
    for (size_t unit = 0; unit < units; unit++) r[unit] *= h[unit];
    block_job candidate = {
        .second = cell->candidate_panels, .second_columns = units, .initial_step = 1,
        .out_units = padded, .activation = {.kind = recur_linear}};
    block_rows row = {.second = {r}, .initial = {n}, .out = {n}};
    run_blocks(&candidate, &row, 1, (range){0, padded});
  }
  activate_row(&cell->gate, z, units);
  activate_row(&cell->activation, n, units);
  for (size_t unit = 0; unit < units; unit++)
    tile->next[0][unit] = z[unit] * h[unit] + (1 - z[unit]) * n[unit];
}
