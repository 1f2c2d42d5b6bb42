#include "scalar.h"
#include "kernels.h"
