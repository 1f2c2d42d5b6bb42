#if defined(__x86_64__)
#include "avx512.h"
#define WEIGHTS INT8_WEIGHTS
#define TYPE int8
#include "narrow.h"
#pragma clang attribute pop
#endif
