// Computes W·x for many timesteps at once.

/// Computes W·x + b of the timesteps from `step` on, for this thread's panels.
static void find_inputs(const flow *flow, size_t step) {
  const recur_pass *pass = flow->pass;
  const recur_layout *layout = &flow->layout;
  const recur_cell *cell = flow->job.cell;
  const size_t left = pass->timesteps - step;
  const size_t rows = (left < layout->steps ? left : layout->steps) * pass->batch;
  const size_t width = layout->gates * layout->units;
  const bool is_gated = cell->kind != recur_simple_rnn;
  block_job job = {
      .second = cell->input_panels, .second_columns = cell->inputs, .initial_step = 1,
      .out_units = layout->units, .activation = {.kind = recur_linear}};
  range span = is_gated ? flow->panels : flow->units;
  for (size_t at = span.begin; at < span.end; at += is_gated ? 1 : PANEL) {
    for (size_t first = 0, count; first < rows; first += count) {
      count = rows_of_next_tile(rows - first);
      block_rows tile;
      for (size_t i = 0; i < count; i++) {
        const size_t r = (first + i) % pass->batch;
        const size_t t = timestep(pass, step + (first + i) / pass->batch);
        tile.second[i] = pass->x + (ptrdiff_t)r * pass->x_row + (ptrdiff_t)t * pass->x_step;
        tile.initial[i] = cell->bias;
        tile.out[i] = buffer(flow, layout->sums, first + i, width);
      }
      if (is_gated)
        input_panel(
            cell, tile.second, tile.out, count, at,
            share_of_next(
                at + 1 < span.end
                    ? panel_at(cell->input_panels, at + 1, cell->inputs, layout->gates)
                    : NULL,
                cell->inputs, layout->gates, cell->inputs * width, first, count, rows));
      else
        run_blocks(&job, &tile, count, (range){at, span.end - at < PANEL ? span.end : at + PANEL});
    }
  }
}
