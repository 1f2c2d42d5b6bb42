#ifndef PACKED_CELL_H
#define PACKED_CELL_H

#include "plain_cell.h"

/// A cell packed for a set of kernels, with weights of that type.
recur_cell packed_cell(const plain_cell *plain, const recur_kernels *set, recur_weights type);

void free_packed(recur_cell *cell);

#endif
