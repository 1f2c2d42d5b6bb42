// The kernels of packed matrices: cells and dense layers, with weights of one type.
#include "vector.h"
#include "functions.h"
#include "weights.h"
#include "accumulate.h"
#if WEIGHTS == INT8_WEIGHTS && HAS_BYTE_PRODUCTS
#include "dots.h"
#else
#include "widening.h"
#endif
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
