#if defined(__aarch64__)
#include "neon.h"
#define WEIGHTS FLOAT16_WEIGHTS
#define TYPE float16
#include "narrow.h"
#endif
