// Packed weights rounded to narrow types.
#include <math.h>
#include <string.h>

#include "recur_kernels.h"

size_t recur_matrix_bytes(recur_weights type, size_t columns, size_t total, size_t width) {
  const size_t rest = width ? total % width : 0;
  return (width ? total / width : 0) * recur_panel_bytes(type, columns, width) +
         (rest ? recur_panel_bytes(type, columns, rest) : 0);
}

static uint32_t bits_of(float number) {
  uint32_t bits;
  memcpy(&bits, &number, sizeof bits);
  return bits;
}

/// The largest finite numbers of float16 and bfloat16 that remain finite when they are rounded, as
/// bits of a magnitude in float32: below 65520, and below the half of a unit above the largest.
enum { FLOAT16_END = 0x477ff000, BFLOAT16_END = 0x7f7f8000 };

static uint16_t float16_of(float number) {
  const uint32_t bits = bits_of(number), sign = bits >> 16 & 0x8000;
  uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude < 0x38800000) {
    // Below 2^-14 all numbers are multiples of 2^-24; adding 0.5 rounds to these.
    const float sum = fabsf(number) + 0.5f;
    return (uint16_t)(sign | (bits_of(sum) - 0x3f000000));
  }
  magnitude += 0xfff + (magnitude >> 13 & 1);
  return (uint16_t)(sign | ((magnitude - 0x38000000) >> 13));
}

static uint16_t bfloat16_of(float number) {
  const uint32_t bits = bits_of(number);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static bool is_within(recur_weights type, float number) {
  const uint32_t magnitude = bits_of(number) & 0x7fffffff;
  switch (type) {
    case recur_float16: return magnitude < FLOAT16_END;
    case recur_bfloat16: return magnitude < BFLOAT16_END;
    case recur_int8:
    case recur_float32: break;
  }
  return magnitude < 0x7f800000;
}

/// The integer, from −127 to 127, of a weight whose row has the magnitude `most`. Weights that are no
/// normal numbers are zeros beside the others.
static int integer_of(float number, float most) {
  const float factor = most >= 0x1p-119f ? 127 / most : 0;
  return (int)fmaxf(-127, fminf(127, rintf(number * factor)));
}

/// Rounds a panel to int8: every row by its own scale, the largest magnitude of the row by 127.
///
/// Groups of several columns hold the integers plus 128.
static void round_to_int8(
    size_t group, char *narrow, const float *packed, size_t columns, size_t width) {
  float *scales = (float *)(void *)narrow;
  unsigned char *weights = (unsigned char *)narrow + width * sizeof(float);
  for (size_t i = 0; i < width; i++) {
    float most = 0;
    for (size_t column = 0; column < columns; column++)
      most = fmaxf(most, fabsf(packed[column * width + i]));
    scales[i] = most / 127;
    const int offset = group > 1 ? 128 : 0;
    for (size_t column = 0; column < columns; column++)
      weights[(column / group * width + i) * group + column % group] =
          (unsigned char)(offset + integer_of(packed[column * width + i], most));
  }
}

bool recur_narrow_panels(
    recur_weights type, size_t group, void *narrow, const float *packed, size_t columns,
    size_t total, size_t width) {
  for (size_t i = 0; i < columns * total; i++)
    if (!is_within(type, packed[i])) return false;
  char *place = narrow;
  for (size_t begin = 0, own; begin < total; begin += own) {
    own = total - begin < width ? total - begin : width;
    const float *panel = packed + begin * columns;
    uint16_t *halves = (uint16_t *)(void *)place;
    switch (type) {
      case recur_float16:
        for (size_t i = 0; i < columns * own; i++) halves[i] = float16_of(panel[i]);
        break;
      case recur_bfloat16:
        for (size_t column = 0; column < columns; column++)
          for (size_t i = 0; i < own; i++)
            halves[(column / group * own + i) * group + column % group] =
                bfloat16_of(panel[column * own + i]);
        break;
      case recur_int8: round_to_int8(group, place, panel, columns, own); break;
      case recur_float32: memcpy(place, panel, columns * own * sizeof(float)); break;
    }
    place += recur_panel_bytes(type, columns, own);
  }
  return true;
}

size_t recur_row_bytes(recur_weights type, size_t width) {
  switch (type) {
    case recur_float16:
    case recur_bfloat16: return (width + 1) / 2 * 4;
    case recur_int8: return sizeof(float) + (width + 3) / 4 * 4;
    case recur_float32: break;
  }
  return width * sizeof(float);
}

bool recur_narrow_row(recur_weights type, void *narrow, const float *row, size_t width) {
  for (size_t i = 0; i < width; i++)
    if (!is_within(type, row[i])) return false;
  uint16_t *halves = narrow;
  signed char *whole = (signed char *)narrow + sizeof(float);
  float most = 0;
  switch (type) {
    case recur_float16:
      for (size_t i = 0; i < width; i++) halves[i] = float16_of(row[i]);
      break;
    case recur_bfloat16:
      for (size_t i = 0; i < width; i++) halves[i] = bfloat16_of(row[i]);
      break;
    case recur_int8:
      for (size_t i = 0; i < width; i++) most = fmaxf(most, fabsf(row[i]));
      *(float *)narrow = most / 127;
      for (size_t i = 0; i < width; i++) whole[i] = (signed char)integer_of(row[i], most);
      break;
    case recur_float32: memcpy(narrow, row, width * sizeof(float)); break;
  }
  return true;
}

void recur_widen_row(recur_weights type, const void *narrow, float *row, size_t width) {
  const uint16_t *halves = narrow;
  const signed char *whole = (const signed char *)narrow + sizeof(float);
  const float scale = type == recur_int8 ? *(const float *)narrow : 0;
  switch (type) {
    case recur_float16:
      for (size_t i = 0; i < width; i++) {
        const uint32_t bits =
            (uint32_t)(halves[i] & 0x8000) << 16 | (uint32_t)(halves[i] & 0x7fff) << 13;
        memcpy(row + i, &bits, sizeof bits);
        // A number of 5 bits of exponent in the place of one with 8 is 2^112 times too small.
        row[i] *= 0x1p112f;
      }
      break;
    case recur_bfloat16:
      for (size_t i = 0; i < width; i++) {
        const uint32_t bits = (uint32_t)halves[i] << 16;
        memcpy(row + i, &bits, sizeof bits);
      }
      break;
    case recur_int8:
      for (size_t i = 0; i < width; i++) row[i] = scale * (float)whole[i];
      break;
    case recur_float32: memcpy(row, narrow, width * sizeof(float)); break;
  }
}
