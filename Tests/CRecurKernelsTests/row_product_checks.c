#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static double *doubles(const float *values, size_t count) {
  double *result = calloc(count ? count : 1, sizeof(double));
  if (!result) abort();
  for (size_t i = 0; i < count; i++) result[i] = (double)values[i] * 1.0000001;
  return result;
}

void check_row_products(
    const recur_kernels *kernels, const recur_kernels *scalar, random_numbers numbers) {
  for (size_t number = 0; number < 200; number++) {
    size_t columns = next_size(&numbers, 0, 70), outputs = next_size(&numbers, 1, 11);
    size_t rows = next_size(&numbers, 0, 9);
    float *weights = zeros(outputs * columns), *x = zeros(rows * columns);
    float *y = zeros(rows * outputs), *plain = zeros(rows * outputs), *alone = zeros(outputs);
    fill(&numbers, weights, outputs * columns, 1);
    fill(&numbers, x, rows * columns, 1);
    double *wide_weights = doubles(weights, outputs * columns), *wide_x = doubles(x, rows * columns);
    double *wide_y = doubles(y, rows * outputs), *wide_plain = doubles(y, rows * outputs);
    kernels->float_row_products(weights, outputs, columns, x, rows, y);
    scalar->float_row_products(weights, outputs, columns, x, rows, plain);
    kernels->double_row_products(wide_weights, outputs, columns, wide_x, rows, wide_y);
    scalar->double_row_products(wide_weights, outputs, columns, wide_x, rows, wide_plain);
    if (memcmp(y, plain, rows * outputs * sizeof(float)) ||
        memcmp(wide_y, wide_plain, rows * outputs * sizeof(double)))
      fail("%s, row products %zu: other bits than scalar", kernels->name, number);
    for (size_t row = 0; row < rows; row++) {
      kernels->float_row_products(weights, outputs, columns, x + row * columns, 1, alone);
      if (memcmp(alone, y + row * outputs, outputs * sizeof(float)))
        fail("%s, row products %zu: row %zu has other bits alone", kernels->name, number, row);
      for (size_t unit = 0; unit < outputs; unit++) {
        double wanted = 0, found = wide_y[row * outputs + unit];
        for (size_t i = 0; i < columns; i++)
          wanted += wide_weights[unit * columns + i] * wide_x[row * columns + i];
        if (!(fabs(found - wanted) <= 1e-14))
          fail(
              "%s, row products %zu: row %zu, unit %zu is %.17g, not %.17g (columns %zu)",
              kernels->name, number, row, unit, found, wanted, columns);
        if (!(fabs((double)y[row * outputs + unit] - wanted) <= 1e-5))
          fail("%s, row products %zu: row %zu, unit %zu in float", kernels->name, number, row, unit);
      }
    }
    free(weights);
    free(x);
    free(y);
    free(plain);
    free(alone);
    free(wide_weights);
    free(wide_x);
    free(wide_y);
    free(wide_plain);
  }
}
