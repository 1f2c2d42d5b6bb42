// Division of rows (sequences) into tiles, and of work into equal parts.

/// Expands `CASE(n)` with the constant n equal to `rows`, which is 1 to ROWS.
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

/// The row count of the next tile, when `left` rows are left: the remaining tiles get nearly equal
/// counts.
INLINE size_t rows_of_next_tile(size_t left) {
  const size_t tiles = (left + ROWS - 1) / ROWS;
  return tiles ? (left + tiles - 1) / tiles : 1;
}

/// A range of items, from `begin` up to `end`, not included.
typedef struct {
  size_t begin, end;
} range;

/// Part `index` of `count` nearly equal parts of `whole` items.
INLINE range part(size_t whole, size_t index, size_t count) {
  return (range){whole * index / count, whole * (index + 1) / count};
}

/// Part `index` of `count` nearly equal parts of `units` units, where a part has whole panels of
/// `panel` units.
INLINE range part_of_panels(size_t units, size_t panel, size_t index, size_t count) {
  range panels = part((units + panel - 1) / panel, index, count);
  range all = {panels.begin * panel, panels.end * panel};
  if (all.end > units) all.end = units;
  if (all.begin > units) all.begin = units;
  return all;
}
