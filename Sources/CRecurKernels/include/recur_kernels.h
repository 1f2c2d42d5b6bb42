// The forward pass in float32, implemented once per instruction set and type of weights.
//
// Every function depends only on its arguments. It allocates no memory, has no static variables,
// and may run in any number of threads at once. Buffers must not overlap unless a comment allows
// it. Sizes and strides are in floats.
#ifndef RECUR_KERNELS_H
#define RECUR_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MARK: - Packed weights
//
// A matrix maps `columns` inputs to `units` outputs. It is packed in panels of `lanes` units each.
// A panel holds, for every column, the weights of all `gates` matrices side by side, so one pass
// over the panel computes all gates of its units: [panel][column][gate][lane]. Units are padded
// with zeros to a multiple of `lanes`.
//
// A matrix without gates has blocks in place of gates, and a block is a group of `lanes`
// neighbouring units. A panel holds RECUR_BLOCKS blocks; the last panel holds the remaining blocks:
// [panel][column][block][lane].

enum { RECUR_BLOCKS = 4 };

/// The lane count for `units` units: `units` padded to a multiple of `lanes`.
static inline size_t recur_padded(size_t units, size_t lanes) {
  return (units + lanes - 1) / lanes * lanes;
}

/// Packs one gate of a matrix with `gates` gates.
///
/// - packed: recur_padded(units, lanes) × columns × gates floats; all zeros before the first gate.
/// - matrix: element (unit, column) is at unit × unit_stride + column × column_stride.
void recur_pack_gate(
    float *packed, const float *matrix, size_t units, size_t columns, ptrdiff_t unit_stride,
    ptrdiff_t column_stride, size_t gate, size_t gates, size_t lanes);

/// Packs a matrix without gates.
///
/// - packed: recur_padded(units, lanes) × columns floats; all zeros before the call.
void recur_pack_blocks(
    float *packed, const float *matrix, size_t units, size_t columns, ptrdiff_t unit_stride,
    ptrdiff_t column_stride, size_t lanes);

// MARK: - Narrow weights
//
// Packed panels may hold narrower numbers than float32. The weights of `column_group` columns are side
// by side in each lane: [panel][group of columns][gate][lane][column]; integers in groups of several
// are stored plus 128. They become float32 in registers, and all
// sums are of float32: with weights that the narrow type holds exactly, the results have the same
// bits as with float32. A matrix in int8 has one scale per row (unit and gate): a weight is an
// integer from −127 to 127 times the scale, and the scale multiplies the sum of the row's products.

typedef enum recur_weights {
  recur_float32,
  recur_float16,
  recur_bfloat16,
  /// A panel begins with the scales of its rows, [gate][lane] in float32.
  recur_int8,
} recur_weights;

/// The size in bytes of a panel that is `width` weights wide, gates × lanes or blocks × lanes. It is
/// a multiple of 4 where the panel holds float32.
static inline size_t recur_panel_bytes(recur_weights type, size_t columns, size_t width) {
  switch (type) {
    case recur_float16: return columns * width * sizeof(uint16_t);
    case recur_bfloat16: return (columns + 1) / 2 * 2 * width * sizeof(uint16_t);
    case recur_int8: return ((columns + 3) / 4 * 4 + sizeof(float)) * width;
    case recur_float32: break;
  }
  return columns * width * sizeof(float);
}

/// The size in bytes of a matrix of `total` = padded units × gates weights per column, in panels of
/// `width` weights, of which the last may be narrower.
size_t recur_matrix_bytes(recur_weights type, size_t columns, size_t total, size_t width);

/// Rounds a packed matrix to a narrow type, to the nearest number and to the even one of two.
///
/// - column_group: that of the kernels that read the matrix.
/// - narrow: recur_matrix_bytes(type, …) bytes, all zeros.
/// - packed: the matrix in float32, in panels of `width` weights.
/// - Returns: false if a weight is not finite or beyond the range of the type; `narrow` then holds
///   no matrix.
bool recur_narrow_panels(
    recur_weights type, size_t column_group, void *narrow, const float *packed, size_t columns,
    size_t total, size_t width);

/// The size in bytes of one row of a table, a multiple of 4.
size_t recur_row_bytes(recur_weights type, size_t width);

/// Rounds one row of a table; in int8 the row begins with its scale.
///
/// - Returns: false if a number is not finite or beyond the range of the type.
bool recur_narrow_row(recur_weights type, void *narrow, const float *row, size_t width);

/// Reads one row of a table as float32.
void recur_widen_row(recur_weights type, const void *narrow, float *row, size_t width);

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
  /// Used by recur_hard_sigmoid only.
  float slope, offset;
  /// Replaces `count` contiguous numbers, the last axis of one row, by the function of those
  /// numbers.
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
  /// No gates; one product.
  recur_simple_rnn,
} recur_cell_kind;

/// A cell with packed weights. P stands for recur_padded(units, lanes). All panels are in the type
/// of weights of the kernel that runs the cell; biases and peephole weights are float32.
typedef struct recur_cell {
  recur_cell_kind kind;
  /// The width of x.
  size_t inputs;
  /// The width of the gates, and of c.
  size_t units;
  /// The width of h, which differs from `units` only with a projection.
  size_t outputs;
  /// W: all gates, columns = inputs. For recur_simple_rnn, W has blocks.
  const void *input_panels;
  /// U: columns = outputs. All gates for recur_lstm and recur_gru_after, gates z and r for
  /// recur_gru_before, blocks for recur_simple_rnn.
  const void *recurrent_panels;
  /// recur_gru_before: U of the candidate, with blocks, columns = units. Else NULL.
  const void *candidate_panels;
  /// The bias, which is the initial value of the gates' sums; packed like one column of W.
  const float *bias;
  /// recur_gru_after: the recurrent bias of the candidate, [P]. Else NULL.
  const float *recurrent_bias;
  /// recur_lstm: the peephole weights of i, f (with c before the timestep) and o (with c after it),
  /// [3][P], or NULL.
  const float *peepholes;
  /// recur_lstm: the projection from `units` to `outputs`, with blocks, or NULL.
  const void *projection;
  /// ρ, for i, f, o of an LSTM and z, r of a GRU. Unused by recur_simple_rnn.
  recur_activation gate;
  /// φ, for g and c of an LSTM, the candidate of a GRU, and h of recur_simple_rnn.
  recur_activation activation;
} recur_cell;

typedef enum recur_masked_output {
  /// The previous output; `last` before the first unmasked timestep.
  recur_previous,
  recur_zero,
  /// h as carried over.
  recur_state,
} recur_masked_output;

/// Waits until every thread of the pass has called this function.
typedef void (*recur_barrier)(void *context);

/// One pass of a cell over the timesteps of `batch` sequences.
///
/// The output of a sequence depends, bit for bit, only on that sequence: not on the rest of the
/// batch, on the pieces in which the sequence is read, or on the number of threads.
typedef struct recur_pass {
  size_t batch;
  size_t timesteps;
  /// x of sequence r at timestep t is at x + r × x_row + t × x_step.
  const float *x;
  ptrdiff_t x_row, x_step;
  /// The output of sequence r at the t-th timestep read is at y + r × y_row + t × y_step; NULL for
  /// no output.
  float *y;
  ptrdiff_t y_row, y_step;
  /// mask[r × timesteps + t] is 0 for a masked timestep t; NULL where no timestep is masked.
  const float *mask;
  recur_masked_output masked_output;
  /// Whether timesteps are read from the last to the first.
  bool is_backward;
  /// Before the pass the initial h, after the pass the final h. [batch][outputs].
  float *h;
  /// Before the pass the initial c, after the pass the final c. [batch][units]; NULL unless
  /// recur_lstm.
  float *c;
  /// Points to 0 if the initial state is zeros, whatever h and c hold; NULL if h and c hold the
  /// initial state.
  const float *has_state;
  /// Before the pass the output that masked timesteps repeat at first, after the pass the last
  /// output. [batch][outputs]. Without a mask `last` may be NULL.
  float *last;
  /// recur_scratch(cell, batch, timesteps, lanes) floats, aligned to 64 bytes, shared by all
  /// threads of the pass. Their initial values do not affect the results. A pass of few timesteps
  /// is faster when scratch still holds the values of the pass before.
  float *scratch;
  /// The index of this thread among `threads` threads. The passes of all threads differ only in
  /// `thread`.
  size_t thread, threads;
  /// NULL when `threads` is 1.
  recur_barrier barrier;
  void *barrier_context;
} recur_pass;

/// The size of `scratch` for a pass, in floats.
size_t recur_scratch(const recur_cell *cell, size_t batch, size_t timesteps, size_t lanes);

/// The largest number of threads that a pass can use; each thread computes whole panels. The result
/// is 1 for cells with a custom activation, and for timesteps so short that waiting for other
/// threads takes longer than the time saved.
size_t recur_useful_threads(const recur_cell *cell, size_t batch, size_t lanes);

// MARK: - Implementations

/// The kernels of packed matrices, for weights of one type.
typedef struct recur_matrix_kernels {
  /// The number of columns whose weights are side by side in a lane.
  size_t column_group;
  /// Runs one pass of a cell.
  void (*sequence)(const recur_cell *cell, const recur_pass *pass);
  /// Computes y = activation(W·x + b) for `rows` rows. W has blocks; b is padded, or NULL for
  /// zeros.
  void (*dense)(
      const void *panels, const float *bias, size_t inputs, size_t units,
      recur_activation activation, const float *x, ptrdiff_t x_row, float *y, ptrdiff_t y_row,
      size_t rows);
} recur_matrix_kernels;

/// The implementation of every kernel for one instruction set.
typedef struct recur_kernels {
  /// "avx512", "avx2", "neon", "scalar".
  const char *name;
  /// The lane count: floats per vector.
  size_t lanes;
  /// The kernels of matrices, by the type of their weights.
  recur_matrix_kernels float32;
  const recur_matrix_kernels *float16, *bfloat16;
  /// The kernels depend on whether this processor multiplies bytes.
  const recur_matrix_kernels *(*int8)(void);
  /// Applies the function to `count` numbers; `x` and `y` may be the same buffer.
  void (*exp)(const float *x, float *y, size_t count);
  void (*sigmoid)(const float *x, float *y, size_t count);
  void (*tanh)(const float *x, float *y, size_t count);
  /// Computes y = a·b, with a `[rows][depth]`, b `[depth][columns]` and y `[rows][columns]`. The
  /// strides are the distances between neighbouring rows.
  void (*product)(
      const float *a, ptrdiff_t a_row, const float *b, ptrdiff_t b_row, float *y, ptrdiff_t y_row,
      size_t rows, size_t columns, size_t depth);
  /// Replaces `count` numbers by their softmax.
  void (*softmax)(float *x, size_t count);
  /// Replaces y by the larger of x and y, element by element; NaN if either is NaN.
  void (*maximum)(const float *x, float *y, size_t count);
  /// Adds the products of x and w to y, element by element.
  void (*multiply_add)(const float *x, const float *w, float *y, size_t count);
  /// Updates h and c, `[rows][units]`, of an LSTM whose products are known: those of x, which are
  /// `x_row` apart, and those of h, `[rows][4][units]`, or NULL for zeros. Gates i, f, g, o. No
  /// activation is recur_custom.
  void (*lstm_rows)(
      const float *x, ptrdiff_t x_row, const float *sums, recur_activation gate,
      recur_activation activation, float *h, float *c, size_t units, size_t rows);
  /// Computes y = x·wᵀ for `rows` rows, with w `[outputs][columns]`, x `[rows][columns]` and y
  /// `[rows][outputs]`. A result depends on its rows of w and x alone, and has the same bits on every
  /// processor.
  void (*float_row_products)(
      const float *weights, size_t outputs, size_t columns, const float *x, size_t rows, float *y);
  void (*double_row_products)(
      const double *weights, size_t outputs, size_t columns, const double *x, size_t rows,
      double *y);
} recur_kernels;

/// Lists the implementations that this processor can run, best first; "scalar" is always the last.
///
/// - Returns: the number of implementations; at most `capacity` of them are stored in `out`.
size_t recur_kernels_available(const recur_kernels **out, size_t capacity);

#endif
