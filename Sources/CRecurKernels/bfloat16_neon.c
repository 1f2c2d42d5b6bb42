#if defined(__aarch64__)
#include "neon.h"
#define WEIGHTS BFLOAT16_WEIGHTS
#define TYPE bfloat16
#include "narrow.h"
#endif
