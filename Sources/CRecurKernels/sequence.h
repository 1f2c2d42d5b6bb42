// Runs a cell over the timesteps of a batch.

/// Copies this thread's part of every row to the outputs, and carries over h at masked timesteps.
static void put_out(const flow *flow, size_t step) {
  const recur_pass *pass = flow->pass;
  const size_t t = timestep(pass, step), width = flow->job.cell->outputs;
  const size_t begin = flow->outputs.begin, count = flow->outputs.end - begin;
  for (size_t row = 0; row < pass->batch; row++) {
    float *next = hidden(flow, step + 1, row) + begin;
    float *last = pass->mask ? pass->last + row * width + begin : NULL;
    if (!counts(pass, row, t)) {
      copy(next, hidden(flow, step, row) + begin, count);
      if (pass->masked_output == recur_zero) memset(last, 0, count * sizeof(float));
      if (pass->masked_output == recur_state) copy(last, next, count);
    } else if (pass->mask) {
      copy(last, next, count);
    }
    if (pass->y)
      copy(
          pass->y + (ptrdiff_t)row * pass->y_row + (ptrdiff_t)step * pass->y_step + begin,
          pass->mask ? last : next, count);
  }
}

/// Runs one timestep of all rows.
static void run_step(const flow *flow, size_t step) {
  const recur_pass *pass = flow->pass;
  const recur_cell *cell = flow->job.cell;
  size_t active = pass->batch;
  if (pass->mask) {
    active = 0;
    for (size_t row = 0; row < pass->batch; row++)
      active += counts(pass, row, timestep(pass, step));
  }
  if (flow->layout.steps && step % flow->layout.steps == 0) find_inputs(flow, step);
  if (active && cell->kind == recur_simple_rnn) {
    block_job job = {
        .first = flow->job.folds ? cell->input_panels : NULL, .first_columns = cell->inputs,
        .second = cell->recurrent_panels, .second_columns = cell->outputs, .initial_step = 1,
        .out_units = flow->layout.units, .activation = cell->activation};
    run_matrix(flow, step, active, &job, flow->units);
    if (cell->activation.kind == recur_custom)
      for (size_t row = 0; row < pass->batch; row++)
        if (counts(pass, row, timestep(pass, step)))
          activate_row(&cell->activation, hidden(flow, step + 1, row), cell->units);
  } else if (active) {
    run_gates(flow, step, active);
    if (cell->kind == recur_gru_before && !flow->is_custom) {
      block_job job = {
          .second = cell->candidate_panels, .second_columns = cell->units, .initial_step = 1,
          .out_units = flow->layout.units, .activation = cell->activation, .is_update = true};
      wait_for_others(pass);
      run_matrix(flow, step, active, &job, flow->units);
    }
    if (cell->projection) {
      block_job job = {
          .second = cell->projection, .second_columns = cell->units, .initial_step = 1,
          .out_units = flow->layout.outputs, .activation = {.kind = recur_linear}};
      wait_for_others(pass);
      run_matrix(flow, step, active, &job, flow->outputs);
    }
  }
  put_out(flow, step);
  wait_for_others(pass);
}

/// Whether the pass has one sequence, one thread, no mask and no projection.
INLINE bool is_single(const recur_cell *cell, const recur_pass *pass) {
  return pass->batch == 1 && pass->threads == 1 && !pass->mask && !cell->projection &&
         (cell->kind == recur_lstm || cell->kind == recur_gru_after);
}

/// Runs all timesteps of a single sequence; all addresses advance by constant steps.
///
/// Every second timestep runs through the panels backwards, because the panels read last are still
/// in the cache. The last float of scratch stores the direction in which the next pass begins;
/// other values there give the same results.
static void single_pass(flow *flow) {
  const recur_pass *pass = flow->pass;
  const recur_cell *cell = flow->job.cell;
  const recur_layout *layout = &flow->layout;
  const over_panels run = cell->kind == recur_lstm ? lstm_panels : gru_after_panels;
  const size_t width = layout->units / LANES, sums = layout->gates * layout->units;
  flow->panels = (range){0, width};
  float *h[2] = {hidden(flow, 0, 0), hidden(flow, 1, 0)};
  float *turn = pass->scratch + layout->turn;
  // States whose width needs no padding are read and updated in place.
  const bool is_whole = cell->units == layout->units;
  const bool is_in_place = is_whole && !begins_with_zeros(pass);
  const float *first = is_in_place ? pass->h : h[0];
  float *c = is_whole ? pass->c : buffer(flow, layout->c, 0, 0);
  if (!is_in_place) {
    const range row = {0, 1};
    pad_rows(pass, h[0], pass->h, row, cell->units, layout->units);
    if (cell->kind == recur_lstm) pad_rows(pass, c, pass->c, row, cell->units, layout->units);
  }
  bool is_reversed = *turn == 1;
  gate_rows tile;
  tile.x[0] = pass->x;
  tile.initial[0] = cell->bias;
  tile.c[0] = c;
  ptrdiff_t x_step = pass->x_step;
  if (pass->is_backward) {
    tile.x[0] += (ptrdiff_t)(pass->timesteps - 1) * x_step;
    x_step = -x_step;
  }
  float *y = pass->y;
  for (size_t step = 0, ahead = 0; step < pass->timesteps; step++, tile.x[0] += x_step) {
    if (layout->steps) {
      if (ahead == 0) find_inputs(flow, step);
      tile.initial[0] = buffer(flow, layout->sums, ahead, sums);
      ahead = ahead + 1 == layout->steps ? 0 : ahead + 1;
    }
    float *next = h[(step + 1) % 2];
    tile.h[0] = step == 0 ? first : h[step % 2];
    tile.next[0] = next;
    run(&flow->job, &tile, 1, flow->panels, width, is_reversed, NOTHING_AHEAD);
    is_reversed = !is_reversed;
    if (!y) continue;
    copy_padded(y, next, cell->outputs);
    y += pass->y_step;
  }
  *turn = is_reversed;
  if (pass->timesteps || !is_in_place)
    copy_padded(pass->h, h[pass->timesteps % 2], cell->outputs);
  if (pass->timesteps && pass->last)
    copy_padded(pass->last, h[pass->timesteps % 2], cell->outputs);
  if (cell->kind == recur_lstm && !is_whole) copy_padded(pass->c, c, cell->units);
}

static void sequence(const recur_cell *cell, const recur_pass *pass) {
  const size_t units = recur_padded(cell->units, LANES);
  gate_job job = {
      .cell = cell, .folds = true, .padded = units,
      .is_standard = cell->gate.kind == recur_sigmoid && cell->activation.kind == recur_tanh &&
                     !cell->peepholes};
  if (is_small(cell, pass)) {
    small_pass(&job, pass);
    return;
  }
  flow flow = {
      .pass = pass, .layout = recur_layout_of(cell, pass->batch, pass->timesteps, LANES),
      .is_custom = cell->gate.kind == recur_custom || cell->activation.kind == recur_custom};
  // Layers with chained sums run row by row, so computing W·x in advance saves nothing.
  if (IS_CHAINED(units / LANES)) flow.layout.steps = 0;
  job.folds = flow.layout.steps == 0;
  flow.job = job;
  if (!flow.is_custom && is_single(cell, pass)) {
    single_pass(&flow);
    return;
  }
  const size_t outputs = flow.layout.outputs;
  flow.panels = part(units / LANES, pass->thread, pass->threads);
  flow.units = part_of_panels(units, PANEL, pass->thread, pass->threads);
  // A thread copies the outputs that it computed in the last stage of the timestep.
  flow.outputs = cell->projection ? part_of_panels(outputs, PANEL, pass->thread, pass->threads)
                 : cell->kind == recur_lstm || cell->kind == recur_gru_after
                     ? (range){flow.panels.begin * LANES, flow.panels.end * LANES}
                     : flow.units;
  if (flow.outputs.end > cell->outputs) flow.outputs.end = cell->outputs;
  if (flow.outputs.begin > cell->outputs) flow.outputs.begin = cell->outputs;

  const range rows = part(pass->batch, pass->thread, pass->threads);
  float *c = pass->scratch + flow.layout.c;
  pad_rows(pass, hidden(&flow, 0, 0), pass->h, rows, cell->outputs, outputs);
  pad_rows(pass, hidden(&flow, 1, 0), pass->h, rows, cell->outputs, outputs);
  if (cell->kind == recur_lstm) pad_rows(pass, c, pass->c, rows, cell->units, units);
  wait_for_others(pass);
  for (size_t step = 0; step < pass->timesteps; step++) run_step(&flow, step);
  const float *h = hidden(&flow, pass->timesteps, 0);
  unpad_rows(pass->h, h, rows, cell->outputs, outputs);
  if (!pass->mask && pass->timesteps && pass->last)
    unpad_rows(pass->last, h, rows, cell->outputs, outputs);
  if (cell->kind == recur_lstm) unpad_rows(pass->c, c, rows, cell->units, units);
}
