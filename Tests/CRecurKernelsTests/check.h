// What every test of the kernels shares: random numbers, memory and complaints.
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recur_kernels.h"

/// The same numbers in every run (Marsaglia, "Xorshift RNGs", 2003).
typedef struct random_numbers {
  uint64_t state;
} random_numbers;

uint64_t next_bits(random_numbers *numbers);

/// One of the whole numbers from `low` to `high`.
size_t next_size(random_numbers *numbers, size_t low, size_t high);

/// Whether a coin shows heads.
bool next_coin(random_numbers *numbers);

/// A number between −scale and scale.
float next_float(random_numbers *numbers, float scale);

void fill(random_numbers *numbers, float *values, size_t count, float scale);

/// Exactly `count` floats, so that AddressSanitizer sees every access beyond them.
///
/// Free them with free(). Ends the process when there is no memory.
float *zeros(size_t count);

/// The same at a multiple of 64 bytes.
float *aligned_zeros(size_t count);

float *copied(const float *values, size_t count);

/// Counts a failure and says what failed; the process ends with 1 when there was any.
void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/// How many failures there were.
size_t failures(void);

/// exp, sigmoid and tanh over all exponents and both signs, against the bounds the kernels state.
void check_functions(const recur_kernels *kernels);

/// Dense layers of all tails and activations.
void check_dense(const recur_kernels *kernels, random_numbers numbers);

/// Products of rows, of all tails, against the plain sum and bit for bit against those of `scalar`.
void check_row_products(
    const recur_kernels *kernels, const recur_kernels *scalar, random_numbers numbers);

/// Passes of every cell against a plain model in double, whole, in pieces, row by row and with
/// several threads.
void check_sequences(const recur_kernels *kernels, random_numbers numbers, size_t cases);

#endif
