// One timestep of many sequences, divided into tiles.

/// Collects a tile of up to `most` unmasked rows, beginning the search at `row`.
///
/// - Returns: the number of rows found; `row` is then the row after the last one examined.
INLINE size_t gather(
    const flow *flow, size_t step, size_t *row, size_t most, gate_rows *tile) {
  const recur_pass *pass = flow->pass;
  const recur_layout *layout = &flow->layout;
  const size_t t = timestep(pass, step);
  size_t count = 0;
  for (; *row < pass->batch && count < most; ++*row) {
    const size_t r = *row;
    if (!counts(pass, r, t)) continue;
    tile->x[count] = pass->x + (ptrdiff_t)r * pass->x_row + (ptrdiff_t)t * pass->x_step;
    tile->initial[count] =
        layout->steps ? buffer(
                            flow, layout->sums, step % layout->steps * pass->batch + r,
                            layout->gates * layout->units)
                      : flow->job.cell->bias;
    tile->h[count] = hidden(flow, step, r);
    tile->next[count] = flow->job.cell->projection
                            ? buffer(flow, layout->whole, r, layout->units)
                            : hidden(flow, step + 1, r);
    tile->c[count] = buffer(flow, layout->c, r, layout->units);
    tile->z[count] = buffer(flow, layout->z, r, layout->units);
    tile->seen[count] = buffer(flow, layout->seen, r, layout->units);
    tile->candidate[count] = buffer(flow, layout->candidate, r, layout->units);
    count++;
  }
  return count;
}

/// The largest number of tiles that go through the panels together.
enum { TILES_AT_ONCE = 8 };

/// Fetches the initial sums and the states of a tile in one panel. Their addresses are far apart,
/// and a processor can't predict them.
INLINE void fetch_tile(
    const flow *flow, const gate_rows *tile, size_t count, size_t panel) {
  const size_t gates = flow->layout.gates;
  for (size_t row = 0; row < count; row++) {
    for (size_t at = 0; at < gates * LANES; at += FLOATS_PER_LINE)
      __builtin_prefetch(tile->initial[row] + panel * gates * LANES + at, 0, 3);
    __builtin_prefetch(tile->next[row] + panel * LANES, 1, 3);
    if (flow->job.cell->kind == recur_lstm) __builtin_prefetch(tile->c[row] + panel * LANES, 1, 3);
  }
}

/// Computes the gates of several tiles, panel by panel.
static void run_tiles(
    const flow *flow, over_panels run, bool is_reversed, const gate_rows *tiles,
    const size_t *counts, size_t number) {
  const recur_cell *cell = flow->job.cell;
  const size_t width = flow->layout.units / LANES;
  const size_t gates = cell->kind == recur_gru_before ? 2 : flow->layout.gates;
  const size_t weights = cell->outputs * gates * flow->layout.units;
  const bool is_large = !IS_CACHED(weights);
  const range panels = flow->panels;
  size_t active = 0;
  for (size_t t = 0; t < number; t++) active += counts[t];
  for (size_t i = panels.begin; i < panels.end; i++) {
    const size_t panel = is_reversed ? panels.begin + panels.end - 1 - i : i;
    const size_t next = is_reversed ? panel - 1 : panel + 1;
    const bool is_last = i + 1 == panels.end;
    const weight *next_weights =
        is_last ? NULL : panel_at(cell->recurrent_panels, next, cell->outputs, gates);
    for (size_t t = 0, done = 0; t < number; done += counts[t], t++) {
      if (is_large && t + 1 < number)
        fetch_tile(flow, &tiles[t + 1], counts[t + 1], panel);
      else if (is_large && !is_last)
        fetch_tile(flow, &tiles[0], counts[0], next);
      run(&flow->job, &tiles[t], counts[t], (range){panel, panel + 1}, width, false,
          share_of_next(next_weights, cell->outputs, gates, weights, done, counts[t], active));
    }
  }
}

/// Computes the gates of all unmasked rows.
static void run_gates(const flow *flow, size_t step, size_t active) {
  const over_panels run = flow->job.cell->kind == recur_lstm        ? lstm_panels
                          : flow->job.cell->kind == recur_gru_after ? gru_after_panels
                                                                    : gru_before_panels;
  const size_t width = flow->layout.units / LANES;
  const bool is_reversed = step % 2;
  gate_rows tile;
  if (flow->is_custom || IS_CHAINED(width) || active <= ROWS) {
    const size_t most = flow->is_custom || IS_CHAINED(width) ? 1 : ROWS;
    for (size_t row = 0; gather(flow, step, &row, most, &tile);) {
      float *sums = flow->pass->scratch + flow->layout.custom;
      if (!flow->is_custom)
        run(&flow->job, &tile, most == 1 ? 1 : active, flow->panels, width, is_reversed,
            NOTHING_AHEAD);
      else if (flow->job.cell->kind == recur_lstm)
        custom_lstm(&flow->job, &tile, sums, sums + 4 * flow->layout.units);
      else
        custom_gru(&flow->job, &tile, sums, sums + 4 * flow->layout.units);
    }
    return;
  }
  gate_rows tiles[TILES_AT_ONCE];
  size_t counts[TILES_AT_ONCE];
  for (size_t row = 0, left = active; left;) {
    size_t number = 0;
    for (; left && number < TILES_AT_ONCE; left -= counts[number], number++)
      counts[number] = gather(flow, step, &row, rows_of_next_tile(left), &tiles[number]);
    run_tiles(flow, run, is_reversed, tiles, counts, number);
  }
}

/// Multiplies a matrix without gates for all unmasked rows: a simple cell, a candidate, or a
/// projection.
static void run_matrix(
    const flow *flow, size_t step, size_t active, const block_job *job, range units) {
  const recur_cell *cell = flow->job.cell;
  const bool is_whole = active <= ROWS;
  for (size_t unit = units.begin; unit < units.end; unit += is_whole ? units.end : PANEL) {
    const range span = {
        unit, is_whole || units.end - unit < PANEL ? units.end : unit + PANEL};
    gate_rows gates;
    size_t left = active, count;
    for (size_t row = 0; left; left -= count) {
      count = gather(flow, step, &row, rows_of_next_tile(left), &gates);
      block_rows tile;
      for (size_t i = 0; i < count; i++) {
        tile.first[i] = gates.x[i];
        tile.z[i] = gates.z[i];
        tile.h[i] = gates.h[i];
        tile.out[i] = gates.next[i];
        if (cell->kind == recur_simple_rnn) {
          tile.initial[i] = gates.initial[i];
          tile.second[i] = gates.h[i];
        } else if (job->is_update) {
          tile.initial[i] = gates.candidate[i];
          tile.second[i] = gates.seen[i];
        } else {
          tile.initial[i] = NULL;
          tile.second[i] = gates.next[i];
          tile.out[i] = hidden(flow, step + 1, 0) + (gates.h[i] - hidden(flow, step, 0));
        }
      }
      run_blocks(job, &tile, count, span);
    }
  }
}
