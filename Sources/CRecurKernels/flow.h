// Data shared by all timesteps of a pass, and copying of states into and out of scratch.

/// Whether the initial state is zeros, whatever h and c hold.
INLINE bool begins_with_zeros(const recur_pass *pass) {
  return pass->has_state && *pass->has_state == 0;
}

/// The data that stays the same during a pass.
typedef struct {
  gate_job job;
  const recur_pass *pass;
  recur_layout layout;
  bool is_custom;
  /// The share of this thread: panels of gates, and units of matrices without gates.
  range panels, units, outputs;
} flow;

INLINE size_t timestep(const recur_pass *pass, size_t step) {
  return pass->is_backward ? pass->timesteps - 1 - step : step;
}

INLINE bool counts(const recur_pass *pass, size_t row, size_t t) {
  return !pass->mask || pass->mask[row * pass->timesteps + t] != 0;
}

INLINE void wait_for_others(const recur_pass *pass) {
  if (pass->threads > 1) pass->barrier(pass->barrier_context);
}

INLINE float *buffer(const flow *flow, size_t offset, size_t row, size_t width) {
  return flow->pass->scratch + offset + row * width;
}

/// The row's h in scratch; `step` selects the copy, and `step` + 1 selects the other copy.
INLINE float *hidden(const flow *flow, size_t step, size_t row) {
  const size_t width = flow->layout.outputs;
  return flow->pass->scratch + (step % 2 * flow->pass->batch + row) * width;
}

/// Copies the initial state of some rows to scratch: `width` numbers per row, padded to `padded`.
INLINE void pad_rows(
    const recur_pass *pass, float *to, const float *from, range rows, size_t width,
    size_t padded) {
  const bool is_fresh = begins_with_zeros(pass);
  for (size_t row = rows.begin; row < rows.end; row++)
    for (size_t i = 0; i < padded; i += LANES) {
      const bool is_zero = is_fresh || i >= width;
      store(to + row * padded + i,
            is_zero ? splat(0) : load_first(from + row * width + i, width - i));
    }
}

/// Copies the final state of some rows out of scratch, without padding.
INLINE void unpad_rows(float *to, const float *from, range rows, size_t width, size_t padded) {
  for (size_t row = rows.begin; row < rows.end; row++)
    copy_padded(to + row * width, from + row * padded, width);
}
