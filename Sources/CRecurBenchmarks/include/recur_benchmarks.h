// What a machine can do at most: the rates that the kernels are measured against.
#ifndef RECUR_BENCHMARKS_H
#define RECUR_BENCHMARKS_H

#include <stddef.h>

/// The vectors of one instruction set.
typedef struct recur_machine_set {
  /// The name of the kernels that use it: "avx512", "avx2", "neon", "scalar".
  const char *name;
  /// Multiplies and adds in as many independent chains as keep every unit busy, all in registers.
  ///
  /// - Returns: the floating-point operations it did: two per lane, chain and round.
  double (*multiply_add)(size_t rounds);
  /// Reads `count` floats, a multiple of 256, from the first to the last.
  void (*read)(const float *values, size_t count);
} recur_machine_set;

/// The sets this processor has, widest first; "scalar" is always the last.
///
/// - Returns: how many there are; at most `capacity` are stored.
size_t recur_machine_sets(recur_machine_set *out, size_t capacity);

#endif
