// x86-64 with AVX-512: 32 registers of 16 floats.
#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), \
    apply_to = function)
#define KERNELS recur_kernels_avx512
#define KERNELS_NAME "avx512"
#define LANES 16
#define HAS_LANE_MASKS 1
#define HAS_FMA 1
#define ROWS 6
#define CHAINS 4
#define CHAINED_PANELS 2
#include "kernels.h"
#pragma clang attribute pop
#endif
