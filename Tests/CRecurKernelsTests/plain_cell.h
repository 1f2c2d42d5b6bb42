// Cells as their equations say, in double, one timestep of one sequence at a time.
#ifndef PLAIN_CELL_H
#define PLAIN_CELL_H

#include "check.h"

enum { MOST_GATES = 4 };

typedef struct plain_cell {
  recur_cell_kind kind;
  size_t inputs, units, outputs;
  /// W, [units][inputs], U, [units][outputs], and b, [units], gate by gate in the kernels' order.
  float *w[MOST_GATES], *u[MOST_GATES], *b[MOST_GATES];
  /// b' of the candidate of recur_gru_after, [units].
  float *recurrent_bias;
  /// Of i, f and o, [units] each; NULL for none.
  float *peepholes[3];
  /// [outputs][units]; NULL for none.
  float *projection;
  recur_activation gate, activation;
} plain_cell;

size_t gate_count(recur_cell_kind kind);

/// A cell of random sizes, options and weights.
///
/// - large: whether it has so many units that threads may share a pass.
plain_cell random_cell(random_numbers *numbers, bool large);

void free_plain(plain_cell *cell);

/// Replaces h, [outputs], and c, [units], by those after x.
void plain_step(const plain_cell *cell, const float *x, double *h, double *c);

/// A random activation; `recur_custom` among them unless `is_fast`.
recur_activation random_activation(random_numbers *numbers, bool is_fast);

/// What an activation makes of a whole row.
void plain_activate(recur_activation activation, double *values, size_t count);

#endif
