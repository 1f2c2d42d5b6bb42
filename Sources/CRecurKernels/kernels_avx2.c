// x86-64 with AVX2 and FMA: 16 registers of 8 floats.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define KERNELS recur_kernels_avx2
#define KERNELS_NAME "avx2"
#define LANES 8
#define HAS_FMA 1
#define ROWS 2
#define CHAINS 2
#define CHAINED_PANELS 2
#include "kernels.h"
#pragma clang attribute pop
#endif
