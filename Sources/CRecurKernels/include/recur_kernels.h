// The forward pass in binary32, once per instruction set.
//
// Every function is a pure function of its arguments: it allocates nothing, keeps nothing, and may
// run in any number of threads at once. Buffers must not overlap unless said otherwise. Sizes and
// strides count floats.
#ifndef RECUR_KERNELS_H
#define RECUR_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

// MARK: - Packed weights
//
// A matrix that maps `columns` numbers to `units` results is packed in panels of `lanes` units: a
// panel holds, for every column, the weights of `gates` matrices side by side, so that one pass
// over it finds all gates of the same units: [panel][column][gate][lane]. Units are padded with
// zeros to a multiple of `lanes`.
//
// A matrix without gates has blocks of neighbouring units in their place: a panel holds up to
// RECUR_BLOCKS × lanes units, the last one as many blocks as are left:
// [panel][column][block][lane].

enum { RECUR_BLOCKS = 4 };

/// The floats that `units` units take, padded to whole vectors.
static inline size_t recur_padded(size_t units, size_t lanes) {
  return (units + lanes - 1) / lanes * lanes;
}

/// Packs one gate of a matrix of `gates` gates.
///
/// - packed: recur_padded(units, lanes) × columns × gates floats, zeros before the first call.
/// - matrix: element (unit, column) at unit × unit_stride + column × column_stride.
void recur_pack_gate(
    float *packed, const float *matrix, size_t units, size_t columns, ptrdiff_t unit_stride,
    ptrdiff_t column_stride, size_t gate, size_t gates, size_t lanes);

/// Packs a matrix without gates.
///
/// - packed: recur_padded(units, lanes) × columns floats, zeros before the call.
void recur_pack_blocks(
    float *packed, const float *matrix, size_t units, size_t columns, ptrdiff_t unit_stride,
    ptrdiff_t column_stride, size_t lanes);

// MARK: - Activations

typedef enum recur_activation_kind {
  recur_linear,
  recur_sigmoid,
  recur_tanh,
  recur_relu,
  /// clip(slope × x + offset, 0, 1).
  recur_hard_sigmoid,
  /// Calls `function`.
  recur_custom,
} recur_activation_kind;

typedef struct recur_activation {
  recur_activation_kind kind;
  /// Of recur_hard_sigmoid.
  float slope, offset;
  /// Maps `count` neighbouring numbers, the whole last axis of one row, in place.
  void (*function)(const void *context, float *values, size_t count);
  const void *context;
} recur_activation;

// MARK: - Cells

typedef enum recur_cell_kind {
  /// Gates i, f, g, o.
  recur_lstm,
  /// Gates z, r, h; the reset gate is applied to h, before the recurrent product.
  recur_gru_before,
  /// Gates z, r, h; the reset gate is applied to the recurrent product of h.
  recur_gru_after,
  /// One gate.
  recur_simple_rnn,
} recur_cell_kind;

/// A packed cell. P is recur_padded(units, lanes).
typedef struct recur_cell {
  recur_cell_kind kind;
  /// The width of x.
  size_t inputs;
  /// The width of the gates, and of c.
  size_t units;
  /// The width of h: `units` unless there is a projection.
  size_t outputs;
  /// W: all gates, columns = inputs. Blocks for recur_simple_rnn.
  const float *input_panels;
  /// U: columns = outputs. All gates of recur_lstm and recur_gru_after, gates z and r of
  /// recur_gru_before, blocks for recur_simple_rnn.
  const float *recurrent_panels;
  /// recur_gru_before: U of the candidate, blocks, columns = units. Else NULL.
  const float *candidate_panels;
  /// What the gates begin with: packed like one column of W.
  const float *bias;
  /// recur_gru_after: what the recurrent product of the candidate begins with, [P]. Else NULL.
  const float *recurrent_bias;
  /// recur_lstm: weights of c in i, f (c before) and o (c after): [3][P], or NULL.
  const float *peepholes;
  /// recur_lstm: blocks that map `units` to `outputs`, or NULL.
  const float *projection;
  /// On i, f, o; z, r. Unused by recur_simple_rnn.
  recur_activation gate;
  /// On g and c; the candidate; the result of recur_simple_rnn.
  recur_activation activation;
} recur_cell;

typedef enum recur_masked_output {
  /// What was put out last; `last` before the first timestep that counts.
  recur_previous,
  recur_zero,
  /// h as it is carried over.
  recur_state,
} recur_masked_output;

/// Waits until every thread of the pass has come here.
typedef void (*recur_barrier)(void *context);

/// One pass of a cell over the timesteps of `batch` sequences.
///
/// What a sequence gives depends on its own numbers only, to the bit: not on the batch it is in, on
/// the pieces it is read in, or on the number of threads.
typedef struct recur_pass {
  size_t batch;
  size_t timesteps;
  /// x of sequence r at timestep t: x + r × x_row + t × x_step.
  const float *x;
  ptrdiff_t x_row, x_step;
  /// Output of sequence r at the t-th timestep read: y + r × y_row + t × y_step; NULL for none.
  float *y;
  ptrdiff_t y_row, y_step;
  /// mask[r × timesteps + t] ≠ 0 where timestep t counts; NULL where all do.
  const float *mask;
  recur_masked_output masked_output;
  /// Whether timesteps are read from the last to the first.
  bool is_backward;
  /// Before the pass: the initial state; after it: the last. [batch][outputs].
  float *h;
  /// [batch][units]; NULL unless recur_lstm.
  float *c;
  /// A number that is 0 if the initial state is zeros, whatever h and c hold; NULL if it is what
  /// they hold.
  const float *has_state;
  /// Before the pass: what a masked timestep repeats at first; after it: the last output.
  /// [batch][outputs]. Without a mask it may be NULL.
  float *last;
  /// recur_scratch(cell, batch, timesteps, lanes) floats, aligned to 64 bytes; shared by all
  /// threads of the pass. Whatever they are before it, the results are the same; left as the pass
  /// before left them, a pass of few timesteps takes less time.
  float *scratch;
  /// Which of `threads` threads this is. Every thread is given the same pass but for this number.
  size_t thread, threads;
  /// NULL when threads is 1.
  recur_barrier barrier;
  void *barrier_context;
} recur_pass;

/// The floats of scratch that a pass needs.
size_t recur_scratch(const recur_cell *cell, size_t batch, size_t timesteps, size_t lanes);

/// How many threads a pass can use at most: each has whole panels. 1 for cells with a custom
/// activation, and where a step is so short that waiting for others costs more than it gains.
size_t recur_useful_threads(const recur_cell *cell, size_t batch, size_t lanes);

// MARK: - Implementations

/// One instruction set's implementation of every kernel.
typedef struct recur_kernels {
  /// "avx512", "avx2", "neon", "scalar".
  const char *name;
  /// Floats per vector.
  size_t lanes;
  /// One pass of a cell.
  void (*sequence)(const recur_cell *cell, const recur_pass *pass);
  /// y = activation(W·x + b) for `rows` rows; W in blocks, b padded, or NULL for zeros.
  void (*dense)(
      const float *panels, const float *bias, size_t inputs, size_t units,
      recur_activation activation, const float *x, ptrdiff_t x_row, float *y, ptrdiff_t y_row,
      size_t rows);
  /// The functions themselves, on `count` numbers; `x` and `y` may be the same.
  void (*exp)(const float *x, float *y, size_t count);
  void (*sigmoid)(const float *x, float *y, size_t count);
  void (*tanh)(const float *x, float *y, size_t count);
} recur_kernels;

/// The implementations this processor can run, best first; "scalar" is always the last.
///
/// - Returns: how many there are; at most `capacity` are stored.
size_t recur_kernels_available(const recur_kernels **out, size_t capacity);

#endif
