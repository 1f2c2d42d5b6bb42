#if defined(__x86_64__)
#include "avx512.h"
#include "kernels.h"
#pragma clang attribute pop
#endif
