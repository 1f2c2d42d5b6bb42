#include "scalar.h"
#define WEIGHTS FLOAT16_WEIGHTS
#define TYPE float16
#include "narrow.h"
