// Sums of products of weights and numbers. Nearly all of the time is spent here.
//
// A tile is a few rows (sequences) by a few vectors of results. Its sums stay in registers during
// the loop over the columns of a panel. ROWS rows fill the registers of the instruction set.

/// The largest number of panels in a tile of one row.
#define GROUP 3

/// The largest number of vectors in a tile: rows × panels × chains × gates.
#define TILE (RECUR_BLOCKS * MOST_OF(ROWS, MOST_OF(CHAINS, GROUP)))
#define MOST_OF(a, b) ((a) > (b) ? (a) : (b))
#define AT(row, panel, chain, gate) \
  ((((row) * panels + (panel)) * chains + (chain)) * gates + (gate))

/// Weights of the next panel, to be fetched into the cache while a tile of several rows is summed.
typedef struct {
  const char *place;
  /// The number of cache lines per COLUMNS_AT_ONCE columns; 0 for no fetching.
  size_t lines;
} prefetch;

#define NOTHING_AHEAD ((prefetch){0})
#define COLUMNS_AT_ONCE 4
/// The size of a cache line, in bytes and in floats.
#define LINE 64
#define FLOATS_PER_LINE 16

/// Matrices with at least this many bytes are fetched before their use.
enum { CACHED_BYTES = 1 << 23 };
#define IS_CACHED(weights) ((weights) * sizeof(weight) < CACHED_BYTES)

/// A tile's share of fetching the next panel; the tile has `count` of `all` rows.
///
/// - next: the next panel; NULL if there is none.
/// - weights: the number of weights in the whole matrix.
/// - done: the number of rows before this tile.
INLINE prefetch share_of_next(
    const weight *next, size_t columns, size_t gates, size_t weights, size_t done, size_t count,
    size_t all) {
  if (!next || IS_CACHED(weights)) return NOTHING_AHEAD;
  const size_t lines = (COLUMNS_AT_ONCE * gates * LANES * sizeof(weight) + LINE - 1) / LINE;
  const size_t done_bytes = panel_size(columns, gates) * sizeof(weight) * done / all;
  return (prefetch){(const char *)next + done_bytes, (lines * count + all - 1) / all};
}
