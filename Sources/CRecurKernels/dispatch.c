// The instruction sets that this processor can run.
#include "recur_kernels.h"

extern const recur_kernels recur_kernels_scalar;
#if defined(__x86_64__)
extern const recur_kernels recur_kernels_avx512, recur_kernels_avx2;
#elif defined(__aarch64__)
extern const recur_kernels recur_kernels_neon;
#endif

size_t recur_kernels_available(const recur_kernels **out, size_t capacity) {
  const recur_kernels *found[3];
  size_t count = 0;
#if defined(__x86_64__)
  // __builtin_cpu_supports also checks that the operating system saves the wide registers.
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
    found[count++] = &recur_kernels_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    found[count++] = &recur_kernels_avx2;
#elif defined(__aarch64__)
  found[count++] = &recur_kernels_neon;
#endif
  found[count++] = &recur_kernels_scalar;
  for (size_t i = 0; i < count && i < capacity; i++) out[i] = found[i];
  return count;
}
