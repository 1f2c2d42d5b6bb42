// Every set of kernels this processor can run, against plain C in double.
//
// usage: kernel_tests [CASES]    how many random passes each set makes; 400 unless told
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

int main(int count, char **words) {
  size_t cases = count > 1 ? strtoul(words[1], NULL, 10) : 400;
  const recur_kernels *sets[8];
  size_t available = recur_kernels_available(sets, 8);
  if (available == 0 || available > 8) {
    fprintf(stderr, "%zu sets of kernels are available\n", available);
    return 1;
  }
  for (size_t i = 0; i < available; i++) {
    size_t before = failures();
    check_functions(sets[i]);
    check_dense(sets[i], (random_numbers){1});
    check_row_products(sets[i], sets[available - 1], (random_numbers){1});
    check_sequences(sets[i], (random_numbers){1}, cases);
    printf(
        "%s, %zu lanes: %s\n", sets[i]->name, sets[i]->lanes,
        failures() == before ? "as the plain model" : "NOT as the plain model");
  }
  if (failures() > 20) fprintf(stderr, "%zu failures in all\n", failures());
  return failures() ? 1 : 0;
}
