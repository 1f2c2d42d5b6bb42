// Sums of products in int8, by the processor's products of bytes.
//
// Numbers become integers of 24 bits, three digits of 8 bits each, and every digit is multiplied and
// summed in integers without rounding. A block of columns has a scale of its own for each row, from
// the largest magnitude in it, so a number loses at most 2^-24 of that magnitude.

/// The columns of a block: sums of 512 products of bytes are exact in float32.
enum { DOT_COLUMNS = 512, DIGITS = 3 };

/// The numbers of one row in a block of columns.
typedef struct {
  /// The digits from the lowest to the highest; zeros behind the last column.
  signed char digits[DIGITS][DOT_COLUMNS] __attribute__((aligned(64)));
  /// 128 times the sum of each digit, which the products are too large by.
  int excess[DIGITS];
  float scale;
} dot_numbers;

typedef signed char bytes __attribute__((ext_vector_type(LANES), aligned(1), may_alias));

/// The lowest digit of each integer, from −128 to 127.
INLINE integers lowest_digit(integers x) { return x << 24 >> 24; }

/// Divides `count` numbers, at most DOT_COLUMNS, into digits. NaN and infinities make the scale NaN.
static void find_digits(dot_numbers *out, const float *x, size_t count) {
  vector tops = splat(0), invalid = splat(0);
  for (size_t i = 0; i < count; i += LANES) {
    const vector v = load_first(x + i, count - i);
    const vector size = v > -v ? v : -v;
    tops = size > tops ? size : tops;
    invalid += v * splat(0);
  }
  float top = 0, check = 0;
  UNROLL for (int lane = 0; lane < LANES; lane++) {
    top = tops[lane] > top ? tops[lane] : top;
    check += invalid[lane];
  }
  // The largest integer has digits of at most 127, and its square root of the scale is a number.
  const float largest = 8290000;
  const float factor = top >= 0x1p-100f ? largest / top : 0;
  out->scale = top / largest + check;
  integers sums[DIGITS] = {(integers)(0), (integers)(0), (integers)(0)};
  for (size_t i = 0; i < (count + LANES - 1) / LANES * LANES; i += LANES) {
    const vector v = load_first(x + i, count - i) * splat(check == 0 ? factor : 0);
    integers rest = __builtin_convertvector(
        check == 0 ? __builtin_elementwise_roundeven(v) : splat(0), integers);
    UNROLL for (int digit = 0; digit < DIGITS; digit++) {
      const integers own = lowest_digit(rest);
      rest = (rest - own) >> 8;
      sums[digit] += own;
      *(bytes *)(out->digits[digit] + i) = __builtin_convertvector(own, bytes);
    }
  }
  UNROLL for (int digit = 0; digit < DIGITS; digit++) {
    out->excess[digit] = 0;
    UNROLL for (int lane = 0; lane < LANES; lane++)
      out->excess[digit] += 128 * sums[digit][lane];
  }
}

/// Adds the products of one block of columns to the sums of one row in one panel.
INLINE void add_dots(
    const int gates, vector *sums, const weight *weights, const dot_numbers *x, size_t groups) {
  integers dots[RECUR_BLOCKS * DIGITS];
  UNROLL for (int gate = 0; gate < gates; gate++)
    UNROLL for (int digit = 0; digit < DIGITS; digit++)
      dots[gate * DIGITS + digit] = (integers)(-x->excess[digit]);
  for (size_t group = 0; group < groups; group++) {
    integers four[DIGITS];
    UNROLL for (int digit = 0; digit < DIGITS; digit++)
      four[digit] = (integers)(*(const int *)(const void *)(x->digits[digit] + 4 * group));
    UNROLL for (int gate = 0; gate < gates; gate++) {
      const integers w =
          *(const integers *)(const void *)(weights + (group * gates + gate) * LANES * 4);
      UNROLL for (int digit = 0; digit < DIGITS; digit++)
        dots[gate * DIGITS + digit] = (integers)__builtin_ia32_vpdpbusd512(
            (integers)dots[gate * DIGITS + digit], w, four[digit]);
    }
  }
  UNROLL for (int gate = 0; gate < gates; gate++) {
    const integers *own = dots + gate * DIGITS;
    vector sum = __builtin_convertvector(own[0], vector);
    sum = multiply_add(__builtin_convertvector(own[1], vector), splat(256), sum);
    sum = multiply_add(__builtin_convertvector(own[2], vector), splat(65536), sum);
    sums[gate] = multiply_add(sum, splat(x->scale), sums[gate]);
  }
}

/// Adds W·x to the sums of a tile; as `accumulate` of the other types.
INLINE void accumulate(
    const int rows, const int panels, const int chains, const int gates, vector *sums,
    const weight *weights, size_t panel_stride, const float *const *x, size_t columns,
    prefetch ahead) {
  (void)ahead;
  vector products[TILE];
  UNROLL for (int i = 0; i < rows * panels * gates; i++) products[i] = splat(0);
  const weight *place = weights + gates * LANES * sizeof(float);
  for (size_t begin = 0; begin < columns; begin += DOT_COLUMNS) {
    const size_t count = columns - begin < DOT_COLUMNS ? columns - begin : DOT_COLUMNS;
    UNROLL for (int row = 0; row < rows; row++) {
      dot_numbers numbers;
      find_digits(&numbers, x[row] + begin, count);
      UNROLL for (int panel = 0; panel < panels; panel++)
        add_dots(
            gates, products + (row * panels + panel) * gates,
            place + panel * panel_stride + begin * gates * LANES, &numbers, (count + 3) / 4);
    }
  }
  UNROLL for (int row = 0; row < rows; row++)
    UNROLL for (int panel = 0; panel < panels; panel++)
      UNROLL for (int gate = 0; gate < gates; gate++) {
        const weight *scale = weights + panel * panel_stride + gate * LANES * sizeof(float);
        vector *sum = &sums[AT(row, panel, 0, gate)];
        *sum = multiply_add(
            products[(row * panels + panel) * gates + gate],
            load((const float *)(const void *)scale), *sum);
      }
}
