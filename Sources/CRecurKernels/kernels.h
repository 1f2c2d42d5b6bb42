// All kernels of one instruction set.
//
// A source file selects its target, defines these macros, and includes this file:
//     KERNELS         the name of the kernel table
//     KERNELS_NAME    the name of the instruction set, as a string
//     LANES           floats per vector
//     HAS_FMA         whether the target can multiply and add in one instruction
//     HAS_LANE_MASKS  whether the target can load and store some lanes of a vector
//     ROWS            rows of a tile: ROWS × 4 sums stay in registers beside 4 weights
//     CHAINS          partial sums per result, where rows are summed one at a time
//     CHAINED_PANELS  layers with at most this many panels use CHAINS partial sums
#include "vector.h"
#include "functions.h"
#include "accumulate.h"
#include "rows.h"
#include "blocks.h"
#include "gates.h"
#include "panels.h"
#include "custom.h"
#include "layout.h"
#include "flow.h"
#include "small.h"
#include "inputs.h"
#include "tiles.h"
#include "sequence.h"
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

const recur_kernels KERNELS = {
    .name = KERNELS_NAME,
    .lanes = LANES,
    .sequence = sequence,
    .dense = dense,
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
