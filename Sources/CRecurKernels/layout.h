// The layout of a pass's scratch memory.
#ifndef RECUR_LAYOUT_H
#define RECUR_LAYOUT_H

#include "recur_kernels.h"

/// For x of at most this width, W·x is computed together with U·h, one timestep at a time.
enum { RECUR_FOLDED_INPUTS = 8 };
/// A batch of at least RECUR_FOLDED_BATCH sequences fills the tiles of one timestep. Then W·x is
/// also computed one timestep at a time, if W has at most RECUR_FOLDED_WEIGHTS weights and is cheap
/// to read again.
enum { RECUR_FOLDED_BATCH = 12, RECUR_FOLDED_WEIGHTS = 1 << 19 };
/// Otherwise W·x is computed for several timesteps at once; this is the largest number of rows of
/// x.
enum { RECUR_INPUT_ROWS = 128 };

typedef struct recur_layout {
  /// The padded widths of the gates and of h.
  size_t units, outputs;
  /// The number of gates in W.
  size_t gates;
  /// The number of timesteps for which W·x is computed in advance; 0 for none.
  size_t steps;
  /// Offsets in scratch, in floats. There are two copies of h: before and after a timestep.
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
