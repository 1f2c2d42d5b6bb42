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

/// A matrix larger than this is fetched ahead of its use.
enum { CACHED_WEIGHTS = 1 << 21 };

/// What a tile of `count` of `all` rows fetches of the next panel: its share.
///
/// - next: the weights of that panel, columns × gates vectors; NULL if this is the last.
/// - weights: the size of the whole matrix.
/// - done: how many rows came before it.
INLINE prefetch share_of_next(
    const float *next, size_t columns, size_t gates, size_t weights, size_t done, size_t count,
    size_t all) {
  if (!next || weights < CACHED_WEIGHTS) return NOTHING_AHEAD;
  const size_t lines = COLUMNS_AT_ONCE * gates * LANES / FLOATS_PER_LINE;
  return (prefetch){next + columns * gates * LANES * done / all, (lines * count + all - 1) / all};
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
  const size_t panel = layout->gates * LANES;
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
                at + 1 < span.end ? cell->input_panels + (at + 1) * cell->inputs * panel : NULL,
                cell->inputs, layout->gates, cell->inputs * width, first, count, rows));
      else
        run_blocks(&job, &tile, count, (range){at, span.end - at < PANEL ? span.end : at + PANEL});
    }
  }
}

/// The rows that go through the panels together, at most so many tiles.
enum { TILES_AT_ONCE = 8 };

/// Fetches what a tile begins and ends with in one panel: far apart, and in no order that a processor
/// foresees.
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

/// The gates of several tiles, panel by panel.
static void run_tiles(
    const flow *flow, over_panels run, bool is_reversed, const gate_rows *tiles,
    const size_t *counts, size_t number) {
  const recur_cell *cell = flow->job.cell;
  const size_t width = flow->layout.units / LANES;
  const size_t gates = cell->kind == recur_gru_before ? 2 : flow->layout.gates;
  const size_t weights = cell->outputs * gates * flow->layout.units;
  const range panels = flow->panels;
  size_t active = 0;
  for (size_t t = 0; t < number; t++) active += counts[t];
  for (size_t i = panels.begin; i < panels.end; i++) {
    const size_t panel = is_reversed ? panels.begin + panels.end - 1 - i : i;
    const size_t next = is_reversed ? panel - 1 : panel + 1;
    const bool is_last = i + 1 == panels.end;
    const float *next_weights =
        is_last ? NULL : cell->recurrent_panels + next * cell->outputs * gates * LANES;
    for (size_t t = 0, done = 0; t < number; done += counts[t], t++) {
      if (weights >= CACHED_WEIGHTS && t + 1 < number)
        fetch_tile(flow, &tiles[t + 1], counts[t + 1], panel);
      else if (weights >= CACHED_WEIGHTS && !is_last)
        fetch_tile(flow, &tiles[0], counts[0], next);
      run(&flow->job, &tiles[t], counts[t], (range){panel, panel + 1}, width, false,
          share_of_next(next_weights, cell->outputs, gates, weights, done, counts[t], active));
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

/// The initial state of some rows, `width` numbers each, as rows of `padded`.
INLINE void pad_rows(
    const recur_pass *pass, float *to, const float *from, range rows, size_t width,
    size_t padded) {
  const bool is_fresh = begins_with_zeros(pass);
  for (size_t row = rows.begin; row < rows.end; row++)
    for (size_t i = 0; i < padded; i += LANES) {
      const bool is_zero = is_fresh || i >= width;
      store(to + row * padded + i,
            is_zero ? splat(0) : load_first(from + row * width + i, width - i));
    }
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
  const range row = {0, 1};
  // States without padding are read and changed where they are.
  const bool is_whole = cell->units == layout->units;
  if (is_whole) c = pass->c;
  const float *first = is_whole && !begins_with_zeros(pass) ? pass->h : h[0];
  if (first == h[0]) pad_rows(pass, h[0], pass->h, row, cell->units, layout->units);
  if (cell->kind == recur_lstm && (!is_whole || begins_with_zeros(pass)))
    pad_rows(pass, c, pass->c, row, cell->units, layout->units);
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
  if (pass->timesteps || first != pass->h)
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
  // A chained layer's rows are summed one by one anyway: nothing is gained by finding W·x before.
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
  // What this thread hands on is what it found last.
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
