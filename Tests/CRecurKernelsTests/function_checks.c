#include <math.h>
#include <string.h>

#include "check.h"

typedef struct function_bound {
  const char *name;
  void (*function)(const float *x, float *y, size_t count);
  double (*plain)(double x);
  /// Units in the last place of the result.
  double ulps;
  /// What the result may be off besides.
  double absolute;
  float lowest, highest;
  /// No result is larger, however it is rounded.
  float most;
} function_bound;

static double plain_sigmoid(double x) { return 1 / (1 + exp(-x)); }

// The distance between neighbouring floats near a number.
static double ulp(double value) {
  float nearest = fabsf((float)value);
  return (double)nextafterf(nearest, INFINITY) - (double)nearest;
}

static void check_one(const recur_kernels *kernels, const function_bound *bound) {
  enum { PER_EXPONENT = 61 };
  float x[PER_EXPONENT], y[PER_EXPONENT];
  double worst = 1, worst_wanted = 0;
  float worst_x = 0, worst_y = 0;
  for (uint32_t exponent = 0; exponent < 255; exponent++) {
    for (uint32_t sign = 0; sign < 2; sign++) {
      for (uint32_t i = 0; i < PER_EXPONENT; i++) {
        uint32_t bits = sign << 31 | exponent << 23 | (i * 137519u & 0x7fffffu);
        memcpy(&x[i], &bits, sizeof bits);
      }
      bound->function(x, y, PER_EXPONENT);
      for (uint32_t i = 0; i < PER_EXPONENT; i++) {
        if (x[i] < bound->lowest || x[i] > bound->highest) continue;
        double wanted = bound->plain((double)x[i]);
        double allowed = bound->ulps * ulp(wanted) + bound->absolute;
        if (fabsf(y[i]) > bound->most)
          fail("%s: %s(%.9g) is %.9g", kernels->name, bound->name, (double)x[i], (double)y[i]);
        double off = fabs((double)y[i] - wanted) / allowed;
        // A NaN is as wrong as can be.
        if (off <= worst) continue;
        worst = isnan(off) ? INFINITY : off;
        worst_x = x[i];
        worst_y = y[i];
        worst_wanted = wanted;
      }
    }
  }
  if (worst > 1)
    fail(
        "%s: %s(%.9g) is %.9g, not %.9g: %.3g times what is allowed", kernels->name, bound->name,
        (double)worst_x, (double)worst_y, worst_wanted, worst);
}

void check_functions(const recur_kernels *kernels) {
  const function_bound bounds[] = {
      {"exp", kernels->exp, exp, 2, 0x1p-149, -200, 88.7f, INFINITY},
      {"sigmoid", kernels->sigmoid, plain_sigmoid, 6, 1.7e-38, -INFINITY, INFINITY, 1},
      {"tanh", kernels->tanh, tanh, 6, 0, -INFINITY, INFINITY, 1},
  };
  for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) check_one(kernels, &bounds[i]);
}
