// x86-64 with AVX-512: 32 registers of 16 floats.
#if HAS_BYTE_PRODUCTS
#define AVX512_TARGET "avx512f,avx512vl,avx512dq,avx512bw,avx512vnni,avx2,fma"
#else
#define AVX512_TARGET "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"
#endif
#pragma clang attribute push(__attribute__((target(AVX512_TARGET))), apply_to = function)
#define KERNELS recur_kernels_avx512
#define KERNELS_NAME "avx512"
#define NARROW(type) NARROW_NAME(type)
#define NARROW_NAME(type) recur_##type##_avx512
#define LANES 16
#define HAS_LANE_MASKS 1
#define HAS_FMA 1
#define ROWS 6
#define CHAINS 4
#define CHAINED_PANELS 2
