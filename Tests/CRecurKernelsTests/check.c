#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t next_bits(random_numbers *numbers) {
  numbers->state ^= numbers->state << 13;
  numbers->state ^= numbers->state >> 7;
  numbers->state ^= numbers->state << 17;
  return numbers->state >> 11;
}

size_t next_size(random_numbers *numbers, size_t low, size_t high) {
  return low + next_bits(numbers) % (high - low + 1);
}

bool next_coin(random_numbers *numbers) { return next_bits(numbers) & 1; }

float next_float(random_numbers *numbers, float scale) {
  return ((float)(next_bits(numbers) >> 29) * 0x1p-23f - 1) * scale;
}

void fill(random_numbers *numbers, float *values, size_t count, float scale) {
  for (size_t i = 0; i < count; i++) values[i] = next_float(numbers, scale);
}

static float *memory(size_t count, size_t alignment) {
  void *place = NULL;
  size_t size = count * sizeof(float);
  if (posix_memalign(&place, alignment, size ? size : 1)) {
    fprintf(stderr, "no memory for %zu floats\n", count);
    exit(2);
  }
  memset(place, 0, size);
  return place;
}

float *zeros(size_t count) { return memory(count, sizeof(void *)); }

float *aligned_zeros(size_t count) { return memory(count, 64); }

float *copied(const float *values, size_t count) {
  float *copy = zeros(count);
  if (count) memcpy(copy, values, count * sizeof(float));
  return copy;
}

static size_t failure_count;

void fail(const char *format, ...) {
  // The first few tell what is wrong.
  if (++failure_count > 20) return;
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
}

size_t failures(void) { return failure_count; }
