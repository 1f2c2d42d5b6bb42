#ifndef PACKED_CELL_H
#define PACKED_CELL_H

#include "plain_cell.h"

/// A cell packed for kernels of `lanes` lanes.
recur_cell packed_cell(const plain_cell *plain, size_t lanes);

void free_packed(recur_cell *cell);

#endif
