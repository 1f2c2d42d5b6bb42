#include "scalar.h"
#define WEIGHTS INT8_WEIGHTS
#define TYPE int8
#include "narrow.h"
