// All kernels of one instruction set.
//
// A source file selects its target, defines these macros, and includes this file:
//     KERNELS         the name of the kernel table
//     NARROW(type)    the name of the kernels with weights of that type
//     KERNELS_NAME    the name of the instruction set, as a string
//     LANES           floats per vector
//     HAS_FMA         whether the target can multiply and add in one instruction
//     HAS_LANE_MASKS  whether the target can load and store some lanes of a vector
//     ROWS            rows of a tile: ROWS × 4 sums stay in registers beside 4 weights
//     CHAINS          partial sums per result, where rows are summed one at a time
//     CHAINED_PANELS  layers with at most this many panels use CHAINS partial sums
// The kernels of matrices are here in float32; `narrow.h` has them for narrower weights.
#define WEIGHTS FLOAT32_WEIGHTS
#include "matrices.h"
#include "products.h"
#include "lines.h"

#define NUMBER float
#define SUMS 16
#define NAMED(name) float_row_##name
#include "row_products.h"
#undef NUMBER
#undef SUMS
#undef NAMED
#define NUMBER double
#define SUMS 8
#define NAMED(name) double_row_##name
#include "row_products.h"

extern const recur_matrix_kernels NARROW(float16), NARROW(bfloat16), NARROW(int8);

/// The kernels with weights in int8 for this processor.
static const recur_matrix_kernels *int8_kernels(void) {
#if HAS_LANE_MASKS
  extern const recur_matrix_kernels recur_int8_vnni;
  if (__builtin_cpu_supports("avx512vnni")) return &recur_int8_vnni;
#endif
  return &NARROW(int8);
}

const recur_kernels KERNELS = {
    .name = KERNELS_NAME,
    .lanes = LANES,
    .float32 = {COLUMN_GROUP, sequence, dense},
    .float16 = &NARROW(float16),
    .bfloat16 = &NARROW(bfloat16),
    .int8 = int8_kernels,
    .exp = exp_array,
    .sigmoid = sigmoid_array,
    .tanh = tanh_array,
    .product = product,
    .softmax = softmax_array,
    .maximum = maximum_array,
    .multiply_add = multiply_add_array,
    .lstm_rows = lstm_rows,
    .float_row_products = float_row_products,
    .double_row_products = double_row_products,
};
