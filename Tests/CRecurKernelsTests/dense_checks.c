#include <math.h>
#include <stdlib.h>

#include "packed_cell.h"

void check_dense(const recur_kernels *kernels, random_numbers numbers, recur_weights type) {
  for (size_t number = 0; number < 120; number++) {
    size_t inputs = next_size(&numbers, 1, number % 10 ? 70 : 1100), units = next_size(&numbers, 1, 150);
    size_t rows = next_size(&numbers, 0, 15), gap = next_size(&numbers, 0, 3);
    recur_activation activation = random_activation(&numbers, false);
    bool has_bias = next_coin(&numbers);
    float *matrix = zeros(units * inputs), *bias = aligned_zeros(recur_padded(units, kernels->lanes));
    const size_t padded = recur_padded(units, kernels->lanes);
    float *packed = aligned_zeros(padded * inputs);
    size_t x_row = inputs + gap, y_row = units + gap;
    size_t x_count = rows ? rows * x_row - gap : 0, y_count = rows ? rows * y_row - gap : 0;
    float *x = zeros(x_count), *y = zeros(y_count);
    fill(&numbers, matrix, units * inputs, 1 / sqrtf((float)inputs));
    fill(&numbers, bias, units, 1);
    fill(&numbers, x, x_count, 1);
    round_rows(type, matrix, units, inputs);
    recur_pack_blocks(packed, matrix, units, inputs, (ptrdiff_t)inputs, 1, kernels->lanes);
    void *panels = narrowed(
        matrices_of(kernels, type), type, packed, inputs, padded, RECUR_BLOCKS * kernels->lanes);
    matrices_of(kernels, type)->dense(
        panels, has_bias ? bias : NULL, inputs, units, activation, x, (ptrdiff_t)x_row, y,
        (ptrdiff_t)y_row, rows);
    double *wanted = calloc(units, sizeof(double));
    if (!wanted) abort();
    for (size_t row = 0; row < rows; row++) {
      for (size_t unit = 0; unit < units; unit++) {
        wanted[unit] = has_bias ? (double)bias[unit] : 0;
        for (size_t i = 0; i < inputs; i++)
          wanted[unit] += (double)matrix[unit * inputs + i] * (double)x[row * x_row + i];
      }
      plain_activate(activation, wanted, units);
      for (size_t unit = 0; unit < units; unit++) {
        double found = (double)y[row * y_row + unit];
        if (!(fabs(found - wanted[unit]) <= 2e-6 * fmax(1, fabs(wanted[unit]))))
          fail(
              "%s, %s, dense %zu: row %zu, unit %zu of %zu is %.9g, not %.9g (inputs %zu, activation "
              "%d)",
              kernels->name, name_of(type), number, row, unit, units, found, wanted[unit], inputs,
              (int)activation.kind);
      }
      for (size_t i = 0; i < gap && row + 1 < rows; i++)
        if (y[row * y_row + units + i] != 0)
          fail("%s, dense %zu: wrote between rows", kernels->name, number);
    }
    free(wanted);
    free(matrix);
    free(bias);
    free(panels);
    free(x);
    free(y);
  }
}
