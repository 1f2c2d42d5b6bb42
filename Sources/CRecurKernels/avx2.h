// x86-64 with AVX2, FMA and F16C: 16 registers of 8 floats.
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define KERNELS recur_kernels_avx2
#define KERNELS_NAME "avx2"
#define NARROW(type) NARROW_NAME(type)
#define NARROW_NAME(type) recur_##type##_avx2
#define LANES 8
#define HAS_FMA 1
#define ROWS 2
#define CHAINS 2
#define CHAINED_PANELS 2
