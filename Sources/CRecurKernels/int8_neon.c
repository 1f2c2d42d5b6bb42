#if defined(__aarch64__)
#include "neon.h"
#define WEIGHTS INT8_WEIGHTS
#define TYPE int8
#include "narrow.h"
#endif
