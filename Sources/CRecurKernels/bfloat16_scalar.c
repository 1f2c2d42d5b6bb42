#include "scalar.h"
#define WEIGHTS BFLOAT16_WEIGHTS
#define TYPE bfloat16
#include "narrow.h"
