// Packs weights in the order in which the kernels read them.
#include "recur_kernels.h"

void recur_pack_gate(
    float *packed, const float *matrix, size_t units, size_t columns, ptrdiff_t unit_stride,
    ptrdiff_t column_stride, size_t gate, size_t gates, size_t lanes) {
  for (size_t unit = 0; unit < units; unit++) {
    const float *row = matrix + (ptrdiff_t)unit * unit_stride;
    float *place = packed + unit / lanes * columns * gates * lanes + gate * lanes + unit % lanes;
    for (size_t column = 0; column < columns; column++)
      place[column * gates * lanes] = row[(ptrdiff_t)column * column_stride];
  }
}

void recur_pack_blocks(
    float *packed, const float *matrix, size_t units, size_t columns, ptrdiff_t unit_stride,
    ptrdiff_t column_stride, size_t lanes) {
  size_t panel_units = RECUR_BLOCKS * lanes, padded = recur_padded(units, lanes);
  for (size_t start = 0; start < padded; start += panel_units) {
    size_t width = padded - start < panel_units ? padded - start : panel_units;
    float *panel = packed + start * columns;
    size_t end = start + width < units ? start + width : units;
    // Column by column, so that the panel is written from end to end.
    for (size_t column = 0; column < columns; column++) {
      const float *place = matrix + (ptrdiff_t)column * column_stride;
      for (size_t unit = start; unit < end; unit++)
        panel[column * width + unit - start] = place[(ptrdiff_t)unit * unit_stride];
    }
  }
}
