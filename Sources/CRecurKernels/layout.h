// Where in its scratch a pass keeps what.
#ifndef RECUR_LAYOUT_H
#define RECUR_LAYOUT_H

#include "recur_kernels.h"

/// Up to this width of x, W·x is found together with U·h, timestep by timestep.
enum { RECUR_FOLDED_INPUTS = 8 };
/// So many sequences fill the tiles by themselves: W·x is found timestep by timestep for them too,
/// where W is small enough to be read again each time.
enum { RECUR_FOLDED_BATCH = 12, RECUR_FOLDED_WEIGHTS = 1 << 19 };
/// The rows of x that are multiplied with W in one go otherwise, at most.
enum { RECUR_INPUT_ROWS = 128 };

typedef struct recur_layout {
  /// The padded widths of the gates and of h.
  size_t units, outputs;
  /// The gates of W.
  size_t gates;
  /// For how many timesteps W·x is found in advance; 0 for none.
  size_t steps;
  /// Offsets in floats. h is there twice: before and after a timestep.
  size_t h, c, whole, z, seen, candidate, sums, custom, turn, end;
} recur_layout;

static inline recur_layout recur_layout_of(
    const recur_cell *cell, size_t batch, size_t timesteps, size_t lanes) {
  recur_layout layout = {
      .units = recur_padded(cell->units, lanes), .outputs = recur_padded(cell->outputs, lanes)};
  layout.gates = cell->kind == recur_lstm ? 4 : cell->kind == recur_simple_rnn ? 1 : 3;
  const bool is_folded =
      cell->inputs <= RECUR_FOLDED_INPUTS || timesteps < 2 ||
      (batch >= RECUR_FOLDED_BATCH &&
       cell->inputs * layout.gates * layout.units <= RECUR_FOLDED_WEIGHTS);
  if (!is_folded && batch > 0) {
    size_t steps = RECUR_INPUT_ROWS / batch;
    layout.steps = steps < 2 ? 0 : steps < timesteps ? steps : timesteps;
  }
  const size_t whole = batch * layout.units;
  size_t at = 2 * batch * layout.outputs;
  layout.c = at;
  if (cell->kind == recur_lstm) at += whole;
  layout.whole = at;
  if (cell->projection) at += whole;
  layout.z = at;
  layout.seen = at + whole;
  layout.candidate = at + 2 * whole;
  if (cell->kind == recur_gru_before) at += 3 * whole;
  layout.custom = at;
  if (cell->gate.kind == recur_custom || cell->activation.kind == recur_custom)
    at += 9 * layout.units;
  layout.sums = at;
  layout.turn = at + layout.steps * batch * layout.gates * layout.units;
  layout.end = layout.turn + 1;
  return layout;
}

#endif
