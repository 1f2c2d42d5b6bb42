#if defined(__aarch64__)
#include "neon.h"
#include "kernels.h"
#endif
