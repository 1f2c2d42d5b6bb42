#include "plain_cell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t gate_count(recur_cell_kind kind) {
  switch (kind) {
    case recur_lstm: return 4;
    case recur_gru_before:
    case recur_gru_after: return 3;
    case recur_simple_rnn: return 1;
  }
  return 0;
}

// x / (1 + |x| + mean of the row): depends on the whole row, so that a row cut in pieces shows.
static void custom_function(const void *context, float *values, size_t count) {
  double mean = 0;
  for (size_t i = 0; i < count; i++) mean += fabs((double)values[i]) / (double)count;
  for (size_t i = 0; i < count; i++)
    values[i] = (float)(values[i] / (*(const double *)context + fabs((double)values[i]) + mean));
}

static const double one = 1;

recur_activation random_activation(random_numbers *numbers, bool is_fast) {
  recur_activation activation = {
      .kind = (recur_activation_kind)next_size(
          numbers, recur_linear, is_fast ? recur_hard_sigmoid : recur_custom)};
  activation.slope = 0.2f;
  activation.offset = 0.5f;
  if (activation.kind == recur_custom) {
    activation.function = custom_function;
    activation.context = &one;
  }
  return activation;
}

void plain_activate(recur_activation activation, double *values, size_t count) {
  double mean = 0;
  for (size_t i = 0; i < count; i++) mean += fabs(values[i]) / (double)count;
  for (size_t i = 0; i < count; i++) {
    double x = values[i];
    switch (activation.kind) {
      case recur_linear: break;
      case recur_sigmoid: values[i] = 1 / (1 + exp(-x)); break;
      case recur_tanh: values[i] = tanh(x); break;
      case recur_relu: values[i] = x > 0 ? x : 0; break;
      case recur_hard_sigmoid:
        values[i] = fmin(fmax((double)activation.slope * x + (double)activation.offset, 0), 1);
        break;
      case recur_custom: values[i] = x / (1 + fabs(x) + mean); break;
    }
  }
}

// Gates are bounded, so that states don't grow and rounding stays what it is.
static recur_activation random_gate(random_numbers *numbers, bool is_fast) {
  recur_activation activation;
  do {
    activation = random_activation(numbers, is_fast);
  } while (activation.kind == recur_linear || activation.kind == recur_relu);
  return activation;
}

static float *weights(random_numbers *numbers, size_t rows, size_t columns) {
  float *values = zeros(rows * columns);
  fill(numbers, values, rows * columns, 1 / sqrtf((float)columns));
  return values;
}

plain_cell random_cell(random_numbers *numbers, bool large) {
  plain_cell cell = {.kind = (recur_cell_kind)next_size(numbers, recur_lstm, recur_simple_rnn)};
  // Small sizes meet every tail; larger ones more than one panel, and more than one group of them.
  size_t most = next_coin(numbers) ? 20 : 150;
  cell.inputs = next_size(numbers, 1, large ? 8 : most);
  cell.units = large ? next_size(numbers, 500, 530) : next_size(numbers, 1, most);
  cell.outputs = cell.units;
  bool is_standard = next_coin(numbers);
  cell.gate = is_standard ? (recur_activation){.kind = recur_sigmoid}
                          : random_gate(numbers, large);
  cell.activation =
      is_standard ? (recur_activation){.kind = recur_tanh} : random_activation(numbers, large);
  if (cell.kind == recur_lstm && next_size(numbers, 0, 3) == 0) {
    cell.outputs = next_size(numbers, 1, cell.units);
    cell.projection = weights(numbers, cell.outputs, cell.units);
  }
  if (cell.kind == recur_lstm && next_size(numbers, 0, 3) == 0)
    for (int i = 0; i < 3; i++) cell.peepholes[i] = weights(numbers, cell.units, 1);
  for (size_t gate = 0; gate < gate_count(cell.kind); gate++) {
    cell.w[gate] = weights(numbers, cell.units, cell.inputs);
    cell.u[gate] = weights(numbers, cell.units, cell.outputs);
    cell.b[gate] = weights(numbers, cell.units, 1);
  }
  if (cell.kind == recur_gru_after) cell.recurrent_bias = weights(numbers, cell.units, 1);
  return cell;
}

void free_plain(plain_cell *cell) {
  for (int gate = 0; gate < MOST_GATES; gate++) {
    free(cell->w[gate]);
    free(cell->u[gate]);
    free(cell->b[gate]);
  }
  for (int i = 0; i < 3; i++) free(cell->peepholes[i]);
  free(cell->recurrent_bias);
  free(cell->projection);
}

static double dot(const float *row, const double *values, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += (double)row[i] * values[i];
  return sum;
}

// W·x + b of one gate.
static void input_product(const plain_cell *cell, size_t gate, const float *x, double *sums) {
  for (size_t unit = 0; unit < cell->units; unit++) {
    double sum = (double)cell->b[gate][unit];
    for (size_t i = 0; i < cell->inputs; i++)
      sum += (double)cell->w[gate][unit * cell->inputs + i] * (double)x[i];
    sums[unit] = sum;
  }
}

static void add_recurrent(const plain_cell *cell, size_t gate, const double *h, double *sums) {
  for (size_t unit = 0; unit < cell->units; unit++)
    sums[unit] += dot(cell->u[gate] + unit * cell->outputs, h, cell->outputs);
}

static void lstm_step(const plain_cell *cell, double *h, double *c, double *gates) {
  enum { i, f, g, o };
  size_t units = cell->units;
  for (size_t gate = 0; gate < 4; gate++) add_recurrent(cell, gate, h, gates + gate * units);
  for (size_t unit = 0; unit < units && cell->peepholes[0]; unit++) {
    gates[i * units + unit] += (double)cell->peepholes[0][unit] * c[unit];
    gates[f * units + unit] += (double)cell->peepholes[1][unit] * c[unit];
  }
  plain_activate(cell->gate, gates + i * units, units);
  plain_activate(cell->gate, gates + f * units, units);
  plain_activate(cell->activation, gates + g * units, units);
  for (size_t unit = 0; unit < units; unit++) {
    c[unit] = gates[f * units + unit] * c[unit] + gates[i * units + unit] * gates[g * units + unit];
    if (cell->peepholes[0]) gates[o * units + unit] += (double)cell->peepholes[2][unit] * c[unit];
  }
  plain_activate(cell->gate, gates + o * units, units);
  double *shown = gates + g * units;
  memcpy(shown, c, units * sizeof(double));
  plain_activate(cell->activation, shown, units);
  for (size_t unit = 0; unit < units; unit++) shown[unit] *= gates[o * units + unit];
  for (size_t unit = 0; unit < cell->outputs; unit++)
    h[unit] = cell->projection ? dot(cell->projection + unit * units, shown, units) : shown[unit];
}

static void gru_step(const plain_cell *cell, double *h, double *gates) {
  size_t units = cell->units;
  double *z = gates, *r = gates + units, *candidate = gates + 2 * units;
  double *seen = gates + 3 * units;
  add_recurrent(cell, 0, h, z);
  add_recurrent(cell, 1, h, r);
  plain_activate(cell->gate, z, units);
  plain_activate(cell->gate, r, units);
  if (cell->kind == recur_gru_before) {
    for (size_t unit = 0; unit < units; unit++) seen[unit] = r[unit] * h[unit];
    add_recurrent(cell, 2, seen, candidate);
  } else {
    for (size_t unit = 0; unit < units; unit++) seen[unit] = (double)cell->recurrent_bias[unit];
    add_recurrent(cell, 2, h, seen);
    for (size_t unit = 0; unit < units; unit++) candidate[unit] += r[unit] * seen[unit];
  }
  plain_activate(cell->activation, candidate, units);
  for (size_t unit = 0; unit < units; unit++)
    h[unit] = z[unit] * h[unit] + (1 - z[unit]) * candidate[unit];
}

void plain_step(const plain_cell *cell, const float *x, double *h, double *c) {
  double *gates = calloc(MOST_GATES * cell->units, sizeof(double));
  if (!gates) abort();
  for (size_t gate = 0; gate < gate_count(cell->kind); gate++)
    input_product(cell, gate, x, gates + gate * cell->units);
  switch (cell->kind) {
    case recur_lstm: lstm_step(cell, h, c, gates); break;
    case recur_gru_before:
    case recur_gru_after: gru_step(cell, h, gates); break;
    case recur_simple_rnn:
      add_recurrent(cell, 0, h, gates);
      plain_activate(cell->activation, gates, cell->units);
      memcpy(h, gates, cell->units * sizeof(double));
      break;
  }
  free(gates);
}
