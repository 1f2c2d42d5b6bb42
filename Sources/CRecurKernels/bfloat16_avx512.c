#if defined(__x86_64__)
#include "avx512.h"
#define WEIGHTS BFLOAT16_WEIGHTS
#define TYPE bfloat16
#include "narrow.h"
#pragma clang attribute pop
#endif
