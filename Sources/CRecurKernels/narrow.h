// The kernels of packed matrices for one type of narrow weights and one instruction set.
//
// A source file includes the sizes of its instruction set, defines WEIGHTS and TYPE, the name of the
// type, and includes this file.
#include "matrices.h"

const recur_matrix_kernels NARROW(TYPE) = {COLUMN_GROUP, sequence, dense};
