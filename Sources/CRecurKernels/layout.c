// The scratch size and the useful thread count of a pass.
#include "layout.h"

size_t recur_scratch(const recur_cell *cell, size_t batch, size_t timesteps, size_t lanes) {
  return recur_layout_of(cell, batch, timesteps, lanes).end;
}

/// A further thread is useful if it takes over at least this many multiplications per timestep.
enum { PRODUCTS_PER_THREAD = 32 * 1024 };

size_t recur_useful_threads(const recur_cell *cell, size_t batch, size_t lanes) {
  if (cell->gate.kind == recur_custom || cell->activation.kind == recur_custom) return 1;
  const size_t gates = cell->kind == recur_lstm ? 4 : cell->kind == recur_simple_rnn ? 1 : 3;
  const size_t by_work = batch * gates * cell->units * cell->outputs / PRODUCTS_PER_THREAD;
  const size_t panel = cell->kind == recur_simple_rnn ? RECUR_BLOCKS * lanes : lanes;
  const size_t by_panels = (cell->units + panel - 1) / panel;
  const size_t most = by_work < by_panels ? by_work : by_panels;
  return most > 1 ? most : 1;
}
