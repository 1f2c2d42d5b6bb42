// A cell over the timesteps of a batch.

/// What stays the same during a pass.
typedef struct {
  gate_job job;
  const recur_pass *pass;
  recur_layout layout;
  bool is_custom;
  /// What this thread finds: panels of gates, and units of matrices without gates.
  range panels, units, outputs;
} flow;

INLINE size_t timestep(const recur_pass *pass, size_t step) {
  return pass->is_backward ? pass->timesteps - 1 - step : step;
}

INLINE bool counts(const recur_pass *pass, size_t row, size_t t) {
  return !pass->mask || pass->mask[row * pass->timesteps + t] != 0;
}

INLINE void wait_for_others(const recur_pass *pass) {
  if (pass->threads > 1) pass->barrier(pass->barrier_context);
}

INLINE float *buffer(const flow *flow, size_t offset, size_t row, size_t width) {
  return flow->pass->scratch + offset + row * width;
}

/// h before (0) and after (1) a step.
INLINE float *hidden(const flow *flow, size_t step, size_t row) {
  const size_t width = flow->layout.outputs;
  return flow->pass->scratch + (step % 2 * flow->pass->batch + row) * width;
}

/// The tile of up to `most` rows that count at timestep t, from `row` on.
///
/// - Returns: how many; `row` is the next to look at.
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

/// W·x + b of the timesteps from `step` on, this thread's panels.
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
        input_panel(cell, tile.second, tile.out, count, at);
      else
        run_blocks(&job, &tile, count, (range){at, span.end - at < PANEL ? span.end : at + PANEL});
    }
  }
}

/// A matrix larger than this is fetched ahead of its use.
enum { CACHED_WEIGHTS = 1 << 21 };

/// What the tile of `count` of all `active` rows fetches: its share of the next panel.
///
/// - done: how many rows came before it.
INLINE ahead next_panel(
    const flow *flow, size_t panel, bool is_reversed, size_t done, size_t count, size_t active) {
  const recur_cell *cell = flow->job.cell;
  const size_t gates = cell->kind == recur_gru_before ? 2 : flow->layout.gates;
  const size_t width = cell->outputs * gates * LANES;
  const bool is_last = is_reversed ? panel == flow->panels.begin : panel + 1 == flow->panels.end;
  if (is_last || width * flow->layout.units / LANES < CACHED_WEIGHTS) return NOTHING_AHEAD;
  const size_t next = is_reversed ? panel - 1 : panel + 1;
  const size_t lines = COLUMNS_AT_ONCE * gates * LANES / FLOATS_PER_LINE;
  return (ahead){
      cell->recurrent_panels + next * width + width * done / active,
      (lines * count + active - 1) / active};
}

/// The rows that go through the panels together, at most so many tiles.
enum { TILES_AT_ONCE = 8 };

/// The gates of several tiles, panel by panel.
static void run_tiles(
    const flow *flow, over_panels run, bool is_reversed, gate_rows *tiles, const size_t *counts,
    size_t number) {
  const size_t width = flow->layout.units / LANES;
  const size_t panels = flow->panels.end - flow->panels.begin;
  size_t active = 0;
  for (size_t i = 0; i < number; i++) active += counts[i];
  for (size_t i = 0; i < panels; i++) {
    const size_t panel = is_reversed ? flow->panels.end - 1 - i : flow->panels.begin + i;
    for (size_t t = 0, done = 0; t < number; done += counts[t], t++) {
      tiles[t].ahead = next_panel(flow, panel, is_reversed, done, counts[t], active);
      run(&flow->job, &tiles[t], counts[t], (range){panel, panel + 1}, width, false);
    }
  }
}

/// The gates of all rows that count.
static void run_gates(const flow *flow, size_t step, size_t active) {
  const over_panels run = flow->job.cell->kind == recur_lstm        ? lstm_panels
                          : flow->job.cell->kind == recur_gru_after ? gru_after_panels
                                                                    : gru_before_panels;
  const size_t width = flow->layout.units / LANES;
  const bool is_reversed = step % 2;
  gate_rows tile;
  tile.ahead = NOTHING_AHEAD;
  if (flow->is_custom || IS_CHAINED(width) || active <= ROWS) {
    const size_t most = flow->is_custom || IS_CHAINED(width) ? 1 : ROWS;
    for (size_t row = 0; gather(flow, step, &row, most, &tile);) {
      float *sums = flow->pass->scratch + flow->layout.custom;
      if (!flow->is_custom)
        run(&flow->job, &tile, most == 1 ? 1 : active, flow->panels, width, is_reversed);
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

/// A matrix without gates for all rows that count: a simple cell, a candidate, or a projection.
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

/// Hands on what this thread found of every row.
static void put_out(const flow *flow, size_t step) {
  const recur_pass *pass = flow->pass;
  const size_t t = timestep(pass, step), width = flow->job.cell->outputs;
  const size_t begin = flow->outputs.begin, count = flow->outputs.end - begin;
  for (size_t row = 0; row < pass->batch; row++) {
    float *next = hidden(flow, step + 1, row) + begin;
    float *last = pass->last + row * width + begin;
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

/// One timestep of all rows.
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

/// Copies `width` numbers and makes them `padded` with zeros.
INLINE void pad_row(float *to, const float *from, size_t width, size_t padded) {
  copy(to, from, width);
  for (size_t i = width; i < padded; i++) to[i] = 0;
}

/// Copies rows of `width` numbers into rows of `padded`, zeros at their ends, or back.
INLINE void pad_rows(float *to, const float *from, range rows, size_t width, size_t padded) {
  for (size_t row = rows.begin; row < rows.end; row++)
    pad_row(to + row * padded, from + row * width, width, padded);
}

INLINE void unpad_rows(float *to, const float *from, range rows, size_t width, size_t padded) {
  for (size_t row = rows.begin; row < rows.end; row++)
    copy_padded(to + row * width, from + row * padded, width);
}

/// Whether one sequence passes through without a mask and without others who share the work.
INLINE bool is_single(const recur_cell *cell, const recur_pass *pass) {
  return pass->batch == 1 && pass->threads == 1 && !pass->mask && !cell->projection &&
         (cell->kind == recur_lstm || cell->kind == recur_gru_after);
}

/// All timesteps of such a sequence: where everything is changes by the same step each time.
///
/// Every other timestep goes through the panels backwards, and the first one begins where the sequence
/// before ended, whose place is at the end of the scratch: what was read last is nearest. Any other
/// number there gives the same results.
static void single_pass(flow *flow) {
  const recur_pass *pass = flow->pass;
  const recur_cell *cell = flow->job.cell;
  const recur_layout *layout = &flow->layout;
  const over_panels run = cell->kind == recur_lstm ? lstm_panels : gru_after_panels;
  const size_t width = layout->units / LANES, sums = layout->gates * layout->units;
  flow->panels = (range){0, width};
  float *h[2] = {hidden(flow, 0, 0), hidden(flow, 1, 0)};
  float *c = buffer(flow, layout->c, 0, 0), *turn = pass->scratch + layout->turn;
  pad_row(h[0], pass->h, cell->units, layout->units);
  if (cell->kind == recur_lstm) pad_row(c, pass->c, cell->units, layout->units);
  bool is_reversed = *turn == 1;
  gate_rows tile;
  tile.x[0] = pass->x;
  tile.initial[0] = cell->bias;
  tile.c[0] = c;
  tile.ahead = NOTHING_AHEAD;
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
    tile.h[0] = h[step % 2];
    tile.next[0] = next;
    run(&flow->job, &tile, 1, flow->panels, width, is_reversed);
    is_reversed = !is_reversed;
    if (!y) continue;
    copy_padded(y, next, cell->outputs);
    y += pass->y_step;
  }
  *turn = is_reversed;
  copy_padded(pass->h, h[pass->timesteps % 2], cell->outputs);
  if (pass->timesteps) copy_padded(pass->last, h[pass->timesteps % 2], cell->outputs);
  if (cell->kind == recur_lstm) copy_padded(pass->c, c, cell->units);
}

static void sequence(const recur_cell *cell, const recur_pass *pass) {
  flow flow = {
      .pass = pass, .layout = recur_layout_of(cell, pass->batch, pass->timesteps, LANES),
      .is_custom = cell->gate.kind == recur_custom || cell->activation.kind == recur_custom};
  const size_t units = flow.layout.units, outputs = flow.layout.outputs;
  // A chained layer's rows are summed one by one anyway: nothing is gained by finding W·x before.
  if (IS_CHAINED(units / LANES)) flow.layout.steps = 0;
  flow.job = (gate_job){
      .cell = cell, .folds = flow.layout.steps == 0, .padded = units,
      .is_standard = cell->gate.kind == recur_sigmoid && cell->activation.kind == recur_tanh &&
                     !cell->peepholes};
  if (is_small(cell, pass)) {
    small_pass(&flow.job, pass);
    return;
  }
  if (!flow.is_custom && is_single(cell, pass)) {
    single_pass(&flow);
    return;
  }
  flow.panels = part(units / LANES, pass->thread, pass->threads);
  flow.units = part_of_panels(units, PANEL, pass->thread, pass->threads);
  // What this thread hands on is what it found last.
  flow.outputs = cell->projection ? part_of_panels(outputs, PANEL, pass->thread, pass->threads)
                 : cell->kind == recur_lstm || cell->kind == recur_gru_after
                     ? (range){flow.panels.begin * LANES, flow.panels.end * LANES}
                     : flow.units;
  if (flow.outputs.end > cell->outputs) flow.outputs.end = cell->outputs;
  if (flow.outputs.begin > cell->outputs) flow.outputs.begin = cell->outputs;

  const range rows = part(pass->batch, pass->thread, pass->threads);
  float *c = pass->scratch + flow.layout.c;
  pad_rows(hidden(&flow, 0, 0), pass->h, rows, cell->outputs, outputs);
  pad_rows(hidden(&flow, 1, 0), pass->h, rows, cell->outputs, outputs);
  if (cell->kind == recur_lstm) pad_rows(c, pass->c, rows, cell->units, units);
  wait_for_others(pass);
  for (size_t step = 0; step < pass->timesteps; step++) run_step(&flow, step);
  const float *h = hidden(&flow, pass->timesteps, 0);
  unpad_rows(pass->h, h, rows, cell->outputs, outputs);
  if (!pass->mask && pass->timesteps) unpad_rows(pass->last, h, rows, cell->outputs, outputs);
  if (cell->kind == recur_lstm) unpad_rows(pass->c, c, rows, cell->units, units);
}
