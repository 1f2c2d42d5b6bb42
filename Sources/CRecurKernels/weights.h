// Weights as they lie in memory, and as the numbers that are summed.
//
// Included once per instruction set and type of weights, after WEIGHTS is defined: one of the
// constants below. A weight of 16 or 8 bits becomes a float32 in a register; what is multiplied and
// summed is float32 in all types.

#define FLOAT32_WEIGHTS 0
#define FLOAT16_WEIGHTS 1
#define BFLOAT16_WEIGHTS 2
#define INT8_WEIGHTS 3
#define TYPE_OF_WEIGHTS ((recur_weights)WEIGHTS)

/// The number of columns whose weights lie side by side for one unit, [gate][lane][column].
#if WEIGHTS == BFLOAT16_WEIGHTS
#define COLUMN_GROUP 2
#elif WEIGHTS == INT8_WEIGHTS && HAS_BYTE_PRODUCTS
#define COLUMN_GROUP 4
#else
#define COLUMN_GROUP 1
#endif

/// Whether a panel begins with the scales of its rows, [gate][lane] in float32.
#define HAS_SCALES (WEIGHTS == INT8_WEIGHTS)

#if WEIGHTS == FLOAT32_WEIGHTS
typedef float weight;

INLINE vector widened(const weight *place, const int column) {
  (void)column;
  return load(place);
}
#elif WEIGHTS == FLOAT16_WEIGHTS
typedef unsigned short weight;

INLINE vector widened(const weight *place, const int column) {
  (void)column;
#if LANES > 1
  typedef _Float16 halves __attribute__((ext_vector_type(LANES), aligned(2), may_alias));
  return __builtin_convertvector(*(const halves *)place, vector);
#else
  // A number of 5 bits of exponent in the place of one with 8 is 2^112 times too small.
  const unsigned bits = (unsigned)(*place & 0x8000) << 16 | (unsigned)(*place & 0x7fff) << 13;
  float number;
  memcpy(&number, &bits, sizeof number);
  return splat(number * 0x1p112f);
#endif
}
#elif WEIGHTS == BFLOAT16_WEIGHTS
typedef unsigned short weight;

/// The weights of two columns share a vector: the first is in the low halves of the lanes.
INLINE vector widened(const weight *place, const int column) {
  integers pair = *(const integers *)place;
  return (vector)(column == 0 ? pair << 16 : pair & (int)0xffff0000);
}
#else
#if HAS_BYTE_PRODUCTS
typedef unsigned char weight;
#else
typedef signed char weight;

INLINE vector widened(const weight *place, const int column) {
  (void)column;
  typedef signed char bytes __attribute__((ext_vector_type(LANES), aligned(1), may_alias));
  return __builtin_convertvector(*(const bytes *)place, vector);
}
#endif
#endif

/// The size of a panel in weights, with its scales.
INLINE size_t panel_size(size_t columns, size_t gates) {
  return recur_panel_bytes(TYPE_OF_WEIGHTS, columns, gates * LANES) / sizeof(weight);
}

/// The panel with that index of a matrix whose panels have `gates` gates or blocks.
INLINE const weight *panel_at(
    const void *panels, size_t index, size_t columns, size_t gates) {
  return (const weight *)panels + index * panel_size(columns, gates);
}
