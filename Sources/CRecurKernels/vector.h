// The basic operations of the kernels on vectors of LANES floats.
//
// Included once per instruction set, after LANES and HAS_FMA are defined.
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "recur_kernels.h"

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float vector __attribute__((ext_vector_type(LANES), aligned(4), may_alias));
typedef int integers __attribute__((ext_vector_type(LANES), aligned(4), may_alias));

INLINE vector load(const float *p) { return *(const vector *)p; }
INLINE void store(float *p, vector v) { *(vector *)p = v; }
INLINE vector splat(float x) { return (vector)(x); }

/// Loads the first `count` lanes, at most LANES; the other lanes are zeros.
INLINE vector load_first(const float *p, size_t count) {
  if (count >= LANES) return load(p);
#if HAS_LANE_MASKS
  return __builtin_ia32_loadups512_mask(p, splat(0), (unsigned short)((1u << count) - 1));
#else
  float all[LANES] = {0};
  for (size_t i = 0; i < count; i++) all[i] = p[i];
  return load(all);
#endif
}

/// Stores the first `count` lanes, at most LANES.
INLINE void store_first(float *p, vector v, size_t count) {
  if (count >= LANES) {
    store(p, v);
    return;
  }
#if HAS_LANE_MASKS
  __builtin_ia32_storeups512_mask(p, v, (unsigned short)((1u << count) - 1));
#else
  float all[LANES];
  store(all, v);
  for (size_t i = 0; i < count; i++) p[i] = all[i];
#endif
}

/// a × b + c, rounded once where the target has such an instruction.
INLINE vector multiply_add(vector a, vector b, vector c) {
#if HAS_FMA
  return __builtin_elementwise_fma(a, b, c);
#else
  return a * b + c;
#endif
}

/// x limited to the range from `low` to `high`; NaN stays NaN.
INLINE vector clamp(vector x, float low, float high) {
  x = splat(low) > x ? splat(low) : x;
  return splat(high) < x ? splat(high) : x;
}

/// Copies `count` numbers out of a buffer whose rows are padded to a multiple of LANES.
INLINE void copy_padded(float *to, const float *from, size_t count) {
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) store(to + i, load(from + i));
  if (i < count) store_first(to + i, load(from + i), count - i);
}

/// Copies `count` numbers between buffers without padding.
INLINE void copy(float *to, const float *from, size_t count) {
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) store(to + i, load(from + i));
  for (; i < count; i++) to[i] = from[i];
}
