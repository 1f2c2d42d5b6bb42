// Weights rounded to narrow types.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

const recur_matrix_kernels *matrices_of(const recur_kernels *kernels, recur_weights type) {
  switch (type) {
    case recur_float16: return kernels->float16;
    case recur_bfloat16: return kernels->bfloat16;
    case recur_int8: return kernels->int8();
    case recur_float32: break;
  }
  return &kernels->float32;
}

const char *name_of(recur_weights type) {
  static const char *const names[] = {"float32", "float16", "bfloat16", "int8"};
  return names[type];
}

void round_rows(recur_weights type, float *matrix, size_t rows, size_t columns) {
  float *narrow = aligned_zeros(recur_row_bytes(type, columns) / sizeof(float));
  for (size_t row = 0; row < rows; row++) {
    float *numbers = matrix + row * columns;
    if (!recur_narrow_row(type, narrow, numbers, columns)) fail("%s: no room", name_of(type));
    recur_widen_row(type, narrow, numbers, columns);
  }
  free(narrow);
}

void *narrowed(
    const recur_matrix_kernels *kernels, recur_weights type, float *packed, size_t columns,
    size_t total, size_t width) {
  const size_t size = recur_matrix_bytes(type, columns, total, width);
  float *narrow = aligned_zeros((size + sizeof(float) - 1) / sizeof(float));
  if (!recur_narrow_panels(
          type, kernels->column_group, narrow, packed, columns, total, width))
    fail("%s: no room for a matrix", name_of(type));
  free(packed);
  return narrow;
}

static void expect(recur_weights type, float number, float wanted) {
  float narrow[2] = {0}, found = number;
  if (!recur_narrow_row(type, narrow, &number, 1)) fail("%s: no %.9g", name_of(type), (double)number);
  recur_widen_row(type, narrow, &found, 1);
  if (memcmp(&found, &wanted, sizeof found))
    fail("%s: %.9g became %.9g, not %.9g", name_of(type), (double)number, (double)found,
         (double)wanted);
}

static void expect_refusal(recur_weights type, float number) {
  float narrow[2] = {0};
  if (recur_narrow_row(type, narrow, &number, 1))
    fail("%s: %.9g is within the range", name_of(type), (double)number);
}

void check_rounding(void) {
  // 1 and the numbers half a unit and more beyond it, to the even one of two.
  expect(recur_float16, 0x1.002p0f, 0x1p0f);
  expect(recur_float16, 0x1.006p0f, 0x1.008p0f);
  expect(recur_float16, 0x1.00202p0f, 0x1.004p0f);
  expect(recur_float16, -0x1.006p0f, -0x1.008p0f);
  expect(recur_float16, 65504, 65504);
  expect(recur_float16, 0x1.ffdffep15f, 65504);
  expect_refusal(recur_float16, 65520);
  expect(recur_float16, 0x1p-24f, 0x1p-24f);
  expect(recur_float16, 0x1p-25f, 0);
  expect(recur_float16, 0x1.8p-24f, 0x1p-23f);
  expect(recur_float16, -0x1p-26f, -0.0f);
  expect(recur_float16, 0x1.ff8p-15f, 0x1.ff8p-15f);
  expect(recur_float16, 0x1.ffcp-15f, 0x1p-14f);
  expect(recur_bfloat16, 0x1.01p0f, 0x1p0f);
  expect(recur_bfloat16, 0x1.03p0f, 0x1.04p0f);
  expect(recur_bfloat16, 0x1.0102p0f, 0x1.02p0f);
  expect(recur_bfloat16, 0x1.fep127f, 0x1.fep127f);
  expect_refusal(recur_bfloat16, 0x1.ffp127f);
  expect(recur_bfloat16, -1e-40f, -0x1p-133f);
  for (recur_weights type = recur_float16; type <= recur_int8; type++) {
    expect_refusal(type, NAN);
    expect_refusal(type, -INFINITY);
    expect(type, 0, 0);
  }
  // 127 units of one row; the half between two units goes to the even one.
  float row[4] = {127, -127, 0.5f, 1.5f}, narrow[2] = {0};
  if (!recur_narrow_row(recur_int8, narrow, row, 4)) fail("int8: no room");
  recur_widen_row(recur_int8, narrow, row, 4);
  if (row[0] != 127 || row[1] != -127 || row[2] != 0 || row[3] != 2)
    fail("int8: %g %g %g %g", (double)row[0], (double)row[1], (double)row[2], (double)row[3]);
}
