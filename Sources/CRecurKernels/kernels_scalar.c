// Plain C, for processors without other kernels here, and as the reference in tests of the other
// kernels.
#define KERNELS recur_kernels_scalar
#define KERNELS_NAME "scalar"
#define LANES 1
#define HAS_FMA 0
#define ROWS 2
#define CHAINS 2
#define CHAINED_PANELS 0
#include "kernels.h"
