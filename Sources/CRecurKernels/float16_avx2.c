#if defined(__x86_64__)
#include "avx2.h"
#define WEIGHTS FLOAT16_WEIGHTS
#define TYPE float16
#include "narrow.h"
#pragma clang attribute pop
#endif
