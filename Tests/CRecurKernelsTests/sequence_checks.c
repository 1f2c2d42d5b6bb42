// Passes of random cells in every form a caller may ask for.
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packed_cell.h"

/// What binary32 may be off, times the size of the number where that is above 1.
static const double tolerance = 4e-6;

/// What the memory between results holds, so that a write beyond them shows.
static const float untouched = -12345.5f;

/// What passes are told about their first states.
static const float state_is_zeros = 0, state_is_given = 1;

/// The sequences of one case; everything but the cell.
typedef struct sequences {
  size_t batch, timesteps;
  /// Room before each row and timestep of x and y.
  size_t gap;
  bool is_time_major, is_backward, has_mask;
  recur_masked_output masked_output;
  float *x, *mask, *h, *c, *last;
  /// One of the two above, or NULL.
  const float *has_state;
  ptrdiff_t x_row, x_step, y_row, y_step;
  size_t x_count, y_count;
} sequences;

/// What a pass leaves behind.
typedef struct results {
  float *y, *h, *c, *last;
} results;

static void lay_out(
    const sequences *s, size_t width, ptrdiff_t *row, ptrdiff_t *step, size_t *count) {
  size_t place = width + s->gap;
  *row = (ptrdiff_t)(s->is_time_major ? place : s->timesteps * place);
  *step = (ptrdiff_t)(s->is_time_major ? s->batch * place : place);
  size_t places = s->batch * s->timesteps;
  *count = places ? places * place - s->gap : 0;
}

static sequences random_sequences(random_numbers *numbers, const plain_cell *cell, bool large) {
  sequences s = {
      .batch = next_coin(numbers) ? 1 : next_size(numbers, 1, large ? 3 : 14),
      .timesteps = next_size(numbers, large ? 1 : 0, large ? 3 : 9),
      .gap = next_coin(numbers) ? 0 : next_size(numbers, 1, 5),
      .is_time_major = next_coin(numbers),
      .is_backward = next_coin(numbers),
      .has_mask = next_coin(numbers),
      .masked_output = (recur_masked_output)next_size(numbers, recur_previous, recur_state),
  };
  lay_out(&s, cell->inputs, &s.x_row, &s.x_step, &s.x_count);
  lay_out(&s, cell->outputs, &s.y_row, &s.y_step, &s.y_count);
  s.x = zeros(s.x_count);
  fill(numbers, s.x, s.x_count, 1);
  if (s.has_mask) {
    s.mask = zeros(s.batch * s.timesteps);
    for (size_t i = 0; i < s.batch * s.timesteps; i++) s.mask[i] = next_size(numbers, 0, 2) > 0;
  }
  s.h = zeros(s.batch * cell->outputs);
  s.last = zeros(s.batch * cell->outputs);
  if (cell->kind == recur_lstm) s.c = zeros(s.batch * cell->units);
  if (next_coin(numbers)) {
    fill(numbers, s.h, s.batch * cell->outputs, 0.8f);
    fill(numbers, s.last, s.batch * cell->outputs, 0.8f);
    if (s.c) fill(numbers, s.c, s.batch * cell->units, 0.8f);
    if (next_coin(numbers)) s.has_state = &state_is_given;
  } else if (next_coin(numbers)) {
    s.has_state = &state_is_zeros;
  }
  return s;
}

static void free_sequences(sequences *s) {
  free(s->x);
  free(s->mask);
  free(s->h);
  free(s->c);
  free(s->last);
}

static results initial_results(const sequences *s, const plain_cell *cell) {
  results r = {
      .y = zeros(s->y_count), .h = copied(s->h, s->batch * cell->outputs),
      .c = s->c ? copied(s->c, s->batch * cell->units) : NULL,
      .last = copied(s->last, s->batch * cell->outputs)};
  for (size_t i = 0; i < s->y_count; i++) r.y[i] = untouched;
  return r;
}

/// What the states hold where a pass is told that they are zeros.
static void spoil_states(const sequences *s, const plain_cell *cell, results *r) {
  if (s->has_state != &state_is_zeros) return;
  for (size_t i = 0; i < s->batch * cell->outputs; i++) r->h[i] = untouched;
  for (size_t i = 0; r->c && i < s->batch * cell->units; i++) r->c[i] = untouched;
}

static void free_results(results *r) {
  free(r->y);
  free(r->h);
  free(r->c);
  free(r->last);
}

// MARK: - The plain pass

static results plain_results(const sequences *s, const plain_cell *cell) {
  results r = initial_results(s, cell);
  double *h = calloc(cell->outputs, sizeof(double)), *c = calloc(cell->units, sizeof(double));
  if (!h || !c) abort();
  for (size_t row = 0; row < s->batch; row++) {
    float *row_h = r.h + row * cell->outputs, *row_last = r.last + row * cell->outputs;
    for (size_t i = 0; i < cell->outputs; i++) h[i] = (double)row_h[i];
    for (size_t i = 0; i < cell->units; i++)
      c[i] = r.c ? (double)r.c[row * cell->units + i] : 0;
    for (size_t position = 0; position < s->timesteps; position++) {
      size_t t = s->is_backward ? s->timesteps - 1 - position : position;
      bool counts = !s->mask || s->mask[row * s->timesteps + t] != 0;
      if (counts)
        plain_step(cell, s->x + (ptrdiff_t)row * s->x_row + (ptrdiff_t)t * s->x_step, h, c);
      float *y = r.y + (ptrdiff_t)row * s->y_row + (ptrdiff_t)position * s->y_step;
      for (size_t i = 0; i < cell->outputs; i++) {
        bool repeats = !counts && s->masked_output == recur_previous;
        bool clears = !counts && s->masked_output == recur_zero;
        y[i] = row_last[i] = repeats ? row_last[i] : clears ? 0 : (float)h[i];
      }
    }
    for (size_t i = 0; i < cell->outputs; i++) row_h[i] = (float)h[i];
    for (size_t i = 0; i < cell->units && r.c; i++) r.c[row * cell->units + i] = (float)c[i];
  }
  free(h);
  free(c);
  return r;
}

// MARK: - Passes of the kernels

typedef struct job {
  const recur_matrix_kernels *kernels;
  const recur_cell *cell;
  recur_pass pass;
} job;

static void wait_for_others(void *context) { pthread_barrier_wait(context); }

static void *run_part(void *context) {
  const job *own = context;
  own->kernels->sequence(own->cell, &own->pass);
  return NULL;
}

enum { MOST_THREADS = 4 };

// Runs a pass on `threads` threads that share it.
static void run_shared(
    const recur_matrix_kernels *kernels, const recur_cell *cell, recur_pass pass, size_t lanes,
    size_t threads) {
  pass.scratch = aligned_zeros(recur_scratch(cell, pass.batch, pass.timesteps, lanes));
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, NULL, (unsigned)threads);
  pthread_t others[MOST_THREADS];
  job jobs[MOST_THREADS];
  for (size_t i = 0; i < threads; i++) {
    pass.thread = i;
    pass.threads = threads;
    pass.barrier = threads > 1 ? wait_for_others : NULL;
    pass.barrier_context = &barrier;
    jobs[i] = (job){kernels, cell, pass};
    if (i + 1 < threads && pthread_create(&others[i], NULL, run_part, &jobs[i])) abort();
  }
  run_part(&jobs[threads - 1]);
  for (size_t i = 0; i + 1 < threads; i++) pthread_join(others[i], NULL);
  pthread_barrier_destroy(&barrier);
  free(pass.scratch);
}

static recur_pass pass_over(const sequences *s, const results *r) {
  return (recur_pass){
      .batch = s->batch, .timesteps = s->timesteps, .x = s->x, .x_row = s->x_row,
      .x_step = s->x_step, .y = r->y, .y_row = s->y_row, .y_step = s->y_step, .mask = s->mask,
      .masked_output = s->masked_output, .is_backward = s->is_backward, .h = r->h, .c = r->c,
      .has_state = s->has_state, .last = r->last};
}

/// How the work of a case is divided; the numbers must not depend on it.
typedef enum { whole, in_pieces, row_by_row, without_outputs, on_threads } division;

static const char *const division_names[] = {
    "whole", "in pieces", "row by row", "without outputs", "on threads"};

static results kernel_results(
    const recur_kernels *set, recur_weights type, const recur_cell *cell, const plain_cell *plain,
    const sequences *s, division how) {
  const recur_matrix_kernels *kernels = matrices_of(set, type);
  results r = initial_results(s, plain);
  spoil_states(s, plain, &r);
  recur_pass pass = pass_over(s, &r);
  size_t threads = recur_useful_threads(cell, s->batch, set->lanes);
  switch (how) {
    case whole: run_shared(kernels, cell, pass, set->lanes, 1); break;
    case without_outputs:
      pass.y = NULL;
      if (!s->mask && s->timesteps) pass.last = NULL;
      run_shared(kernels, cell, pass, set->lanes, 1);
      // Without a mask the last output is h.
      if (!pass.last) memcpy(r.last, r.h, s->batch * cell->outputs * sizeof(float));
      break;
    case on_threads:
      run_shared(kernels, cell, pass, set->lanes, threads < MOST_THREADS ? threads : MOST_THREADS);
      break;
    case row_by_row:
      pass.batch = 1;
      for (size_t row = 0; row < s->batch; row++) {
        run_shared(kernels, cell, pass, set->lanes, 1);
        pass.x += s->x_row;
        pass.y += s->y_row;
        if (pass.mask) pass.mask += s->timesteps;
        pass.h += cell->outputs;
        pass.last += cell->outputs;
        if (pass.c) pass.c += cell->units;
      }
      break;
    case in_pieces: {
      size_t done = 0;
      // What is read first is the end of a sequence that is read backwards; a mask of several rows
      // can't be cut.
      do {
        size_t piece = (s->timesteps - done + 1) / 2;
        size_t start = s->is_backward ? s->timesteps - done - piece : done;
        pass.timesteps = piece;
        pass.x = s->x + (ptrdiff_t)start * s->x_step;
        pass.y = r.y + (ptrdiff_t)done * s->y_step;
        if (s->mask) pass.mask = s->mask + start;
        run_shared(kernels, cell, pass, set->lanes, 1);
        pass.has_state = NULL;
        done += piece;
      } while (done < s->timesteps);
      break;
    }
  }
  return r;
}

// MARK: - Comparing

/// The first difference that is not allowed.
typedef struct difference {
  const char *what;
  size_t index;
  double found, wanted;
} difference;

static void find(
    difference *first, const char *what, const float *found, const float *wanted, size_t count,
    double allowed) {
  for (size_t i = 0; i < count && !first->what; i++) {
    double off = fabs((double)found[i] - (double)wanted[i]);
    // A NaN is no match either.
    if (!(off <= allowed * fmax(1, fabs((double)wanted[i]))))
      *first = (difference){what, i, (double)found[i], (double)wanted[i]};
  }
}

static void compare(
    const char *name, const char *how, size_t number, const sequences *s, const plain_cell *cell,
    const results *found, const results *wanted, double allowed, bool has_outputs) {
  size_t h_count = s->batch * cell->outputs;
  difference first = {0};
  if (has_outputs) find(&first, "y", found->y, wanted->y, s->y_count, allowed);
  find(&first, "h", found->h, wanted->h, h_count, allowed);
  if (found->c) find(&first, "c", found->c, wanted->c, s->batch * cell->units, allowed);
  find(&first, "last", found->last, wanted->last, h_count, allowed);
  if (!first.what) return;
  fail(
      "%s, case %zu %s: %s[%zu] is %.9g, not %.9g (kind %d, inputs %zu, units %zu, outputs %zu, "
      "batch %zu, timesteps %zu, gate %d, activation %d%s%s%s, masked output %d)",
      name, number, how, first.what, first.index, first.found, first.wanted, (int)cell->kind,
      cell->inputs, cell->units, cell->outputs, s->batch, s->timesteps, (int)cell->gate.kind,
      (int)cell->activation.kind, cell->peepholes[0] ? ", peepholes" : "", s->mask ? ", mask" : "",
      s->is_backward ? ", backward" : "", (int)s->masked_output);
}

// Rounds the matrices of a cell.
static void round_cell(const plain_cell *cell, recur_weights type) {
  for (size_t gate = 0; gate < gate_count(cell->kind); gate++) {
    round_rows(type, cell->w[gate], cell->units, cell->inputs);
    round_rows(type, cell->u[gate], cell->units, cell->outputs);
  }
  if (cell->projection) round_rows(type, cell->projection, cell->outputs, cell->units);
}

void check_sequences(
    const recur_kernels *kernels, random_numbers numbers, size_t cases, recur_weights type) {
  for (size_t number = 0; number < cases; number++) {
    // Few units are never worth a second thread.
    bool large = number % 40 == 39;
    plain_cell plain = random_cell(&numbers, large);
    sequences s = random_sequences(&numbers, &plain, large);
    round_cell(&plain, type);
    recur_cell cell = packed_cell(&plain, kernels, type);
    results wanted = plain_results(&s, &plain);
    results first = kernel_results(kernels, type, &cell, &plain, &s, whole);
    compare(kernels->name, "whole", number, &s, &plain, &first, &wanted, tolerance, true);
    for (division how = in_pieces; how <= on_threads; how++) {
      if (how == in_pieces && s.mask && s.batch > 1) continue;
      results other = kernel_results(kernels, type, &cell, &plain, &s, how);
      compare(
          kernels->name, division_names[how], number, &s, &plain, &other, &first, 0,
          how != without_outputs);
      free_results(&other);
    }
    free_results(&first);
    free_results(&wanted);
    free_packed(&cell);
    free_sequences(&s);
    free_plain(&plain);
  }
}
