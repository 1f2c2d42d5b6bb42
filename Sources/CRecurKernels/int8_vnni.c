// Weights in int8 for processors with AVX-512 that multiply bytes.
#if defined(__x86_64__)
#define HAS_BYTE_PRODUCTS 1
#include "avx512.h"
#undef NARROW_NAME
#define NARROW_NAME(type) recur_##type##_vnni
#define WEIGHTS INT8_WEIGHTS
#define TYPE int8
#include "narrow.h"
#pragma clang attribute pop
#endif
