// The gates of LSTM and GRU: a panel's sums, then the new state, without leaving the registers.

/// Layers of so few panels are summed in CHAINS chains, row by row: their weights are near, and
/// one row alone has too few sums in flight. Others are summed in one chain, in tiles of rows, or,
/// for a single row, of up to GROUP panels.
#define IS_CHAINED(panels) ((panels) <= CHAINED_PANELS)

/// One tile's rows: where they read and write.
typedef struct {
  /// The numbers of x; used where `folds`.
  const float *x[ROWS];
  /// What the gates begin with, all panels: W·x + b, or b where `folds`.
  const float *initial[ROWS];
  const float *h[ROWS];
  float *next[ROWS];
  float *c[ROWS];
  /// recur_gru_before: z, r ⊙ h, and W·x + b of the candidate.
  float *z[ROWS], *seen[ROWS], *candidate[ROWS];
} gate_rows;

/// What all tiles of a pass have in common.
typedef struct {
  const recur_cell *cell;
  /// Whether W·x is found here and not before.
  bool folds;
  /// Whether gates are logistic, the rest tanh, without peepholes.
  bool is_standard;
  size_t padded;
} gate_job;

typedef struct {
  vector c, h;
} lstm_state;

/// The state of an LSTM after a timestep: from c before it and the sums of the gates.
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
  const size_t w = cell->inputs * gates * LANES, u = cell->outputs * gates * LANES;
  if (job->folds)
    accumulate(
        rows, panels, chains, gates, sums, cell->input_panels + panel * w, w, tile->x,
        cell->inputs, NOTHING_AHEAD);
  accumulate(
      rows, panels, chains, gates, sums, cell->recurrent_panels + panel * u, u, tile->h,
      cell->outputs, ahead);
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

/// h of a GRU whose reset gate comes after the product, from the sums of its gates.
INLINE vector gru_after_update(
    const gate_job *job, vector z, vector r, vector product, vector candidate, vector h) {
  if (job->is_standard) {
    // z is 1 / (1 + e), 1 − z is e / (1 + e).
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

/// Vectors of one gate of a tile, [row][panel].
#define GATE_TILE MOST_OF(ROWS, GROUP)

/// W·x + b of the gates of a GRU.
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
  const size_t w = job->cell->inputs * gates * LANES;
  if (job->folds)
    accumulate(
        rows, panels, chains, gates, sums, job->cell->input_panels + panel * w, w, tile->x,
        job->cell->inputs, NOTHING_AHEAD);
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
  const size_t u = cell->outputs * gates * LANES;
  accumulate(
      rows, panels, chains, gates, sums, cell->recurrent_panels + panel * u, u, tile->h,
      cell->outputs, ahead);
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

/// The first half of a GRU whose reset gate comes before the product: z, r ⊙ h, and the candidate's
/// W·x + b.
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
  const size_t u = cell->outputs * gates * LANES;
  accumulate(
      rows, panels, chains, gates, sums, cell->recurrent_panels + panel * u, u, tile->h,
      cell->outputs, ahead);
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int p = 0; p < panels; p++) {
      size_t at = (panel + p) * LANES;
      store(tile->z[row] + at, activate(&cell->gate, sums[AT(row, p, 0, 0)]));
      vector reset = activate(&cell->gate, sums[AT(row, p, 0, 1)]);
      store(tile->seen[row] + at, reset * load(tile->h[row] + at));
    }
}

