// All kernels of one instruction set.
//
// A file chooses its target, defines the words below, and includes this:
//   KERNELS         the name of the table to define
//   KERNELS_NAME    what it is called
//   LANES           floats per vector
//   HAS_FMA         whether the target multiplies and adds in one instruction
//   HAS_LANE_MASKS  whether it loads and stores some lanes of a vector
//   ROWS            rows of a tile: ROWS × 4 sums stay in registers beside 4 weights
//   CHAINS          sums per result where one row alone is summed
//   CHAINED_PANELS  layers of at most so many panels are summed that way
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

const recur_kernels KERNELS = {
    .name = KERNELS_NAME,
    .lanes = LANES,
    .sequence = sequence,
    .dense = dense,
    .exp = exp_array,
    .sigmoid = sigmoid_array,
    .tanh = tanh_array,
};
