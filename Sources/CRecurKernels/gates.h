// The gates of LSTM and GRU: the sums of a panel become the new state without leaving the
// registers.

/// Whether a layer of `panels` panels sums each row by itself in CHAINS chains. Such a layer has
/// few weights, and one row in one chain would give the processor too few independent sums. Other
/// layers use one chain, in tiles of several rows or, for a single row, of up to GROUP panels.
#define IS_CHAINED(panels) ((panels) <= CHAINED_PANELS)

/// The addresses that the rows of one tile read and write.
typedef struct {
  /// x of each row; only used if `folds`.
  const float *x[ROWS];
  /// The initial sums of the gates, for all panels: b if `folds`, else W·x + b.
  const float *initial[ROWS];
  const float *h[ROWS];
  float *next[ROWS];
  float *c[ROWS];
  /// recur_gru_before: z, r ⊙ h, and W·x + b of the candidate.
  float *z[ROWS], *seen[ROWS], *candidate[ROWS];
} gate_rows;

/// The data shared by all tiles of a pass.
typedef struct {
  const recur_cell *cell;
  /// Whether the tiles compute W·x; otherwise it was computed in advance.
  bool folds;
  /// Whether ρ is sigmoid and φ is tanh, without peepholes.
  bool is_standard;
  size_t padded;
} gate_job;

typedef struct {
  vector c, h;
} lstm_state;

/// The state of an LSTM after a timestep, from c before the timestep and the sums of the gates.
INLINE lstm_state lstm_update(
    const gate_job *job, vector i, vector f, vector g, vector o, vector c, size_t at) {
  const recur_cell *cell = job->cell;
  if (job->is_standard) {
    quotient candidate = tanh_quotient(g);
    c = c / logistic_divisor(f) +
        candidate.numerator / (logistic_divisor(i) * candidate.divisor);
    quotient shown = tanh_quotient(c);
    return (lstm_state){c, shown.numerator / (logistic_divisor(o) * shown.divisor)};
  }
  const float *peepholes = cell->peepholes;
  if (peepholes) {
    i = multiply_add(load(peepholes + at), c, i);
    f = multiply_add(load(peepholes + job->padded + at), c, f);
  }
  i = activate(&cell->gate, i);
  f = activate(&cell->gate, f);
  c = multiply_add(f, c, i * activate(&cell->activation, g));
  if (peepholes) o = multiply_add(load(peepholes + 2 * job->padded + at), c, o);
  return (lstm_state){c, activate(&cell->gate, o) * activate(&cell->activation, c)};
}

INLINE void lstm_tile(
    const int rows, const int panels, const int chains, const gate_job *job,
    const gate_rows *tile, size_t panel, prefetch ahead) {
  enum { gates = 4 };
  const recur_cell *cell = job->cell;
  vector sums[TILE];
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int p = 0; p < panels; p++)
      UNROLL for (int gate = 0; gate < gates; gate++)
        sums[AT(row, p, 0, gate)] =
            load(tile->initial[row] + ((panel + p) * gates + gate) * LANES);
  const size_t w = panel_size(cell->inputs, gates), u = panel_size(cell->outputs, gates);
  if (job->folds)
    accumulate(
        rows, panels, chains, gates, sums, (const weight *)cell->input_panels + panel * w, w,
        tile->x, cell->inputs, NOTHING_AHEAD);
  accumulate(
      rows, panels, chains, gates, sums, (const weight *)cell->recurrent_panels + panel * u, u,
      tile->h, cell->outputs, ahead);
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int p = 0; p < panels; p++) {
      size_t at = (panel + p) * LANES;
      lstm_state state = lstm_update(
          job, sums[AT(row, p, 0, 0)], sums[AT(row, p, 0, 1)], sums[AT(row, p, 0, 2)],
          sums[AT(row, p, 0, 3)], load(tile->c[row] + at), at);
      store(tile->c[row] + at, state.c);
      store(tile->next[row] + at, state.h);
    }
}

/// The new h of a GRU whose reset gate comes after the product, from the sums of its gates.
INLINE vector gru_after_update(
    const gate_job *job, vector z, vector r, vector product, vector candidate, vector h) {
  if (job->is_standard) {
    // With e = e⁻ˣ, where x is the sum of gate z: z is 1 / (1 + e), and 1 − z is e / (1 + e).
    exponential e = gate_exponential(z);
    vector inverse = e.power * e.scale;
    quotient n = tanh_quotient(candidate + product / logistic_divisor(r));
    return multiply_add(inverse, n.numerator / n.divisor, h) / (inverse + splat(1));
  }
  z = activate(&job->cell->gate, z);
  vector n = activate(
      &job->cell->activation,
      multiply_add(product, activate(&job->cell->gate, r), candidate));
  return multiply_add(z, h, multiply_add(-z, n, n));
}

/// The number of vectors of one gate in a tile, [row][panel].
#define GATE_TILE MOST_OF(ROWS, GROUP)

/// Computes W·x + b of the gates of a GRU.
INLINE void gru_initial(
    const int rows, const int panels, const int chains, const gate_job *job,
    const gate_rows *tile, size_t panel, vector *z, vector *r, vector *candidate) {
  enum { gates = 3 };
  vector sums[TILE];
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int p = 0; p < panels; p++)
      UNROLL for (int gate = 0; gate < gates; gate++)
        sums[AT(row, p, 0, gate)] =
            load(tile->initial[row] + ((panel + p) * gates + gate) * LANES);
  const size_t w = panel_size(job->cell->inputs, gates);
  if (job->folds)
    accumulate(
        rows, panels, chains, gates, sums, (const weight *)job->cell->input_panels + panel * w,
        w, tile->x, job->cell->inputs, NOTHING_AHEAD);
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int p = 0; p < panels; p++) {
      z[row * panels + p] = sums[AT(row, p, 0, 0)];
      r[row * panels + p] = sums[AT(row, p, 0, 1)];
      candidate[row * panels + p] = sums[AT(row, p, 0, 2)];
    }
}

INLINE void gru_after_tile(
    const int rows, const int panels, const int chains, const gate_job *job,
    const gate_rows *tile, size_t panel, prefetch ahead) {
  enum { gates = 3 };
  const recur_cell *cell = job->cell;
  vector z[GATE_TILE], r[GATE_TILE], candidate[GATE_TILE], sums[TILE];
  gru_initial(rows, panels, chains, job, tile, panel, z, r, candidate);
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int p = 0; p < panels; p++) {
      sums[AT(row, p, 0, 0)] = z[row * panels + p];
      sums[AT(row, p, 0, 1)] = r[row * panels + p];
      sums[AT(row, p, 0, 2)] = load(cell->recurrent_bias + (panel + p) * LANES);
    }
  const size_t u = panel_size(cell->outputs, gates);
  accumulate(
      rows, panels, chains, gates, sums, (const weight *)cell->recurrent_panels + panel * u, u,
      tile->h, cell->outputs, ahead);
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int p = 0; p < panels; p++) {
      size_t at = (panel + p) * LANES;
      store(
          tile->next[row] + at,
          gru_after_update(
              job, sums[AT(row, p, 0, 0)], sums[AT(row, p, 0, 1)], sums[AT(row, p, 0, 2)],
              candidate[row * panels + p], load(tile->h[row] + at)));
    }
}

/// Computes the first half of a GRU whose reset gate comes before the product: z, r ⊙ h, and W·x +
/// b of the candidate.
INLINE void gru_before_tile(
    const int rows, const int panels, const int chains, const gate_job *job,
    const gate_rows *tile, size_t panel, prefetch ahead) {
  enum { gates = 2 };
  const recur_cell *cell = job->cell;
  vector z[GATE_TILE], r[GATE_TILE], candidate[GATE_TILE], sums[TILE];
  gru_initial(rows, panels, chains, job, tile, panel, z, r, candidate);
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int p = 0; p < panels; p++) {
      store(tile->candidate[row] + (panel + p) * LANES, candidate[row * panels + p]);
      sums[AT(row, p, 0, 0)] = z[row * panels + p];
      sums[AT(row, p, 0, 1)] = r[row * panels + p];
    }
  const size_t u = panel_size(cell->outputs, gates);
  accumulate(
      rows, panels, chains, gates, sums, (const weight *)cell->recurrent_panels + panel * u, u,
      tile->h, cell->outputs, ahead);
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int p = 0; p < panels; p++) {
      size_t at = (panel + p) * LANES;
      store(tile->z[row] + at, activate(&cell->gate, sums[AT(row, p, 0, 0)]));
      vector reset = activate(&cell->gate, sums[AT(row, p, 0, 1)]);
      store(tile->seen[row] + at, reset * load(tile->h[row] + at));
    }
}

