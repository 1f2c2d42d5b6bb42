// Every set of kernels this processor can run, against plain C in double.
//
// usage: kernel_tests [CASES]    how many random passes each set makes; 400 unless told
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

static void check_matrices(const recur_kernels *kernels, recur_weights type, size_t cases) {
  check_dense(kernels, (random_numbers){1}, type);
  check_sequences(kernels, (random_numbers){1}, type == recur_float32 ? cases : cases / 4, type);
}

#if defined(__x86_64__)
static const recur_matrix_kernels *int8_without_byte_products(void) {
  extern const recur_matrix_kernels recur_int8_avx512;
  return &recur_int8_avx512;
}
#endif

int main(int count, char **words) {
  size_t cases = count > 1 ? strtoul(words[1], NULL, 10) : 400;
  const recur_kernels *sets[8];
  size_t available = recur_kernels_available(sets, 8);
  if (available == 0 || available > 8) {
    fprintf(stderr, "%zu sets of kernels are available\n", available);
    return 1;
  }
  check_rounding();
  for (size_t i = 0; i < available; i++) {
    size_t before = failures();
    check_functions(sets[i]);
    check_row_products(sets[i], sets[available - 1], (random_numbers){1});
    for (recur_weights type = recur_float32; type <= recur_int8; type++)
      check_matrices(sets[i], type, cases);
#if defined(__x86_64__)
    // The kernels of a processor that does not multiply bytes.
    recur_kernels without = *sets[i];
    without.int8 = int8_without_byte_products;
    if (without.lanes == 16) check_matrices(&without, recur_int8, cases);
#endif
    printf(
        "%s, %zu lanes: %s\n", sets[i]->name, sets[i]->lanes,
        failures() == before ? "as the plain model" : "NOT as the plain model");
  }
  if (failures() > 20) fprintf(stderr, "%zu failures in all\n", failures());
  return failures() ? 1 : 0;
}
