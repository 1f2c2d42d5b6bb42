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

/// The kernels for matrices with weights of that type.
const recur_matrix_kernels *matrices_of(const recur_kernels *kernels, recur_weights type);

/// `float32`, `float16`, `bfloat16` or `int8`.
const char *name_of(recur_weights type);

/// Replaces a matrix by what the type makes of it, row by row.
void round_rows(recur_weights type, float *matrix, size_t rows, size_t columns);

/// A packed matrix as `kernels` read it, in panels of `width` weights; frees `packed`.
void *narrowed(
    const recur_matrix_kernels *kernels, recur_weights type, float *packed, size_t columns,
    size_t total, size_t width);

/// Numbers rounded to every type: ties, the least and the largest numbers, what is beyond.
void check_rounding(void);

/// Dense layers of all tails and activations, with weights of that type.
void check_dense(const recur_kernels *kernels, random_numbers numbers, recur_weights type);

/// Products of rows, of all tails, against the plain sum and bit for bit against those of `scalar`.
void check_row_products(
    const recur_kernels *kernels, const recur_kernels *scalar, random_numbers numbers);

/// Passes of every cell against a plain model in double, whole, in pieces, row by row and with
/// several threads; with weights of that type.
void check_sequences(
    const recur_kernels *kernels, random_numbers numbers, size_t cases, recur_weights type);

#endif
