// Which sequences a tile is made of.

/// Calls `CASE(n)` for a constant n equal to `rows`, from 1 to ROWS.
#define FOR_ROWS(rows, CASE)    \
  switch (rows) {               \
    case 1: CASE(1); break;     \
    case 2: CASE(2); break;     \
    FOR_ROWS_TO_3(CASE)         \
    FOR_ROWS_TO_6(CASE)         \
    default: __builtin_unreachable(); \
  }
#if ROWS >= 3
#define FOR_ROWS_TO_3(CASE) case 3: CASE(3); break;
#else
#define FOR_ROWS_TO_3(CASE)
#endif
#if ROWS >= 6
#define FOR_ROWS_TO_6(CASE) \
  case 4: CASE(4); break;   \
  case 5: CASE(5); break;   \
  case 6: CASE(6); break;
#else
#define FOR_ROWS_TO_6(CASE)
#endif

/// How many of the rows that are left the next tile has, so that no tile is left with few.
INLINE size_t rows_of_next_tile(size_t left) {
  const size_t tiles = (left + ROWS - 1) / ROWS;
  return tiles ? (left + tiles - 1) / tiles : 1;
}

/// The part `index` of `count` equal parts of `whole` things.
typedef struct {
  size_t begin, end;
} range;

INLINE range part(size_t whole, size_t index, size_t count) {
  return (range){whole * index / count, whole * (index + 1) / count};
}

/// The same of `units` units in whole panels of `panel` units.
INLINE range part_of_panels(size_t units, size_t panel, size_t index, size_t count) {
  range panels = part((units + panel - 1) / panel, index, count);
  range all = {panels.begin * panel, panels.end * panel};
  if (all.end > units) all.end = units;
  if (all.begin > units) all.begin = units;
  return all;
}
