#include "recur_benchmarks.h"

#if defined(__x86_64__)

#define REGISTER(v) "v"(v)
#define TARGET __attribute__((target("avx512f,fma")))
#define NAME(x) avx512_##x
#define LANES 16
#define CHAINS 24
#include "machine.inc"

#define REGISTER(v) "x"(v)
#define TARGET __attribute__((target("avx2,fma")))
#define NAME(x) avx2_##x
#define LANES 8
#define CHAINS 12
#include "machine.inc"

#define REGISTER(v) "x"(v)

#elif defined(__aarch64__)

#define REGISTER(v) "w"(v)
#define TARGET
#define NAME(x) neon_##x
#define LANES 4
#define CHAINS 24
#include "machine.inc"
#define REGISTER(v) "w"(v)

#else

#define REGISTER(v) "m"(v)

#endif

// One number at a time, which is what "scalar" means everywhere.
#define TARGET
#define NAME(x) scalar_##x
#define LANES 1
#define CHAINS 12
#include "machine.inc"

size_t recur_machine_sets(recur_machine_set *out, size_t capacity) {
  recur_machine_set sets[3];
  size_t count = 0;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f"))
    sets[count++] = (recur_machine_set){"avx512", avx512_multiply_add, avx512_read};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    sets[count++] = (recur_machine_set){"avx2", avx2_multiply_add, avx2_read};
#elif defined(__aarch64__)
  sets[count++] = (recur_machine_set){"neon", neon_multiply_add, neon_read};
#endif
  sets[count++] = (recur_machine_set){"scalar", scalar_multiply_add, scalar_read};
  for (size_t i = 0; i < count && i < capacity; i++) out[i] = sets[i];
  return count;
}
