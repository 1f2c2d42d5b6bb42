#include "packed_cell.h"

#include <stdlib.h>

// Packs a vector per gate like one column of a matrix.
static float *packed_columns(
    float *const *gates, size_t count, size_t units, size_t columns, size_t lanes) {
  float *packed = aligned_zeros(recur_padded(units, lanes) * columns * count);
  for (size_t gate = 0; gate < count; gate++)
    recur_pack_gate(
        packed, gates[gate], units, columns, (ptrdiff_t)columns, 1, gate, count, lanes);
  return packed;
}

static float *packed_blocks(const float *matrix, size_t units, size_t columns, size_t lanes) {
  float *packed = aligned_zeros(recur_padded(units, lanes) * columns);
  recur_pack_blocks(packed, matrix, units, columns, (ptrdiff_t)columns, 1, lanes);
  return packed;
}

static void *narrow_columns(
    float *const *gates, size_t count, size_t units, size_t columns, size_t lanes,
    const recur_matrix_kernels *kernels, recur_weights type) {
  float *packed = packed_columns(gates, count, units, columns, lanes);
  return narrowed(kernels, type, packed, columns, recur_padded(units, lanes) * count, count * lanes);
}

static void *narrow_blocks(
    const float *matrix, size_t units, size_t columns, size_t lanes,
    const recur_matrix_kernels *kernels, recur_weights type) {
  float *packed = packed_blocks(matrix, units, columns, lanes);
  return narrowed(kernels, type, packed, columns, recur_padded(units, lanes), RECUR_BLOCKS * lanes);
}

static float *padded(const float *values, size_t units, size_t lanes) {
  float *result = aligned_zeros(recur_padded(units, lanes));
  for (size_t unit = 0; unit < units; unit++) result[unit] = values[unit];
  return result;
}

recur_cell packed_cell(const plain_cell *plain, const recur_kernels *set, recur_weights type) {
  const size_t lanes = set->lanes;
  const recur_matrix_kernels *kernels = matrices_of(set, type);
  size_t units = plain->units, gates = gate_count(plain->kind);
  recur_cell cell = {
      .kind = plain->kind, .inputs = plain->inputs, .units = units, .outputs = plain->outputs,
      .gate = plain->gate, .activation = plain->activation};
  if (plain->kind == recur_simple_rnn) {
    cell.input_panels = narrow_blocks(plain->w[0], units, plain->inputs, lanes, kernels, type);
    cell.recurrent_panels = narrow_blocks(plain->u[0], units, units, lanes, kernels, type);
    cell.bias = padded(plain->b[0], units, lanes);
    return cell;
  }
  bool before = plain->kind == recur_gru_before;
  cell.input_panels = narrow_columns(plain->w, gates, units, plain->inputs, lanes, kernels, type);
  cell.recurrent_panels =
      narrow_columns(plain->u, before ? 2 : gates, units, plain->outputs, lanes, kernels, type);
  if (before) cell.candidate_panels = narrow_blocks(plain->u[2], units, units, lanes, kernels, type);
  cell.bias = packed_columns(plain->b, gates, units, 1, lanes);
  if (plain->recurrent_bias) cell.recurrent_bias = padded(plain->recurrent_bias, units, lanes);
  if (plain->peepholes[0]) {
    size_t width = recur_padded(units, lanes);
    float *all = aligned_zeros(3 * width);
    for (size_t i = 0; i < 3; i++)
      for (size_t unit = 0; unit < units; unit++) all[i * width + unit] = plain->peepholes[i][unit];
    cell.peepholes = all;
  }
  if (plain->projection)
    cell.projection = narrow_blocks(plain->projection, plain->outputs, units, lanes, kernels, type);
  return cell;
}

void free_packed(recur_cell *cell) {
  free((void *)cell->input_panels);
  free((void *)cell->recurrent_panels);
  free((void *)cell->candidate_panels);
  free((void *)cell->bias);
  free((void *)cell->recurrent_bias);
  free((void *)cell->peepholes);
  free((void *)cell->projection);
}
