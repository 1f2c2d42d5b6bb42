import CRecurKernels

/// The kernels for one instruction set, chosen at run time.
@safe public struct Kernels: Sendable, Hashable, CustomStringConvertible {
  nonisolated(unsafe) let table: UnsafePointer<recur_kernels>

  /// Every implementation this processor can run, best first; the last is `scalar`.
  public static let available: [Kernels] = {
    let capacity = 8
    var tables = unsafe [UnsafePointer<recur_kernels>?](repeating: nil, count: capacity)
    let count = unsafe recur_kernels_available(&tables, capacity)
    return unsafe tables.prefix(count).compactMap { table in
      unsafe table.map { unsafe Kernels(table: $0) }
    }
  }()

  /// The fastest implementation this processor can run.
  public static let best = available[0]

  private init(table: UnsafePointer<recur_kernels>) { unsafe self.table = unsafe table }

  /// The implementation called `name`; nil when there is none, or this processor can't run it.
  public init?(named name: String) {
    guard let found = Self.available.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  /// `avx512`, `avx2`, `neon` or `scalar`.
  public var name: String { unsafe String(cString: table.pointee.name) }
  /// The name.
  public var description: String { name }
  /// The lane count of a vector: the number of floats it holds.
  public var lanes: Int { unsafe table.pointee.lanes }

  /// Replaces `values` by their exponentials.
  func exp(_ values: FloatBuffer) {
    unsafe table.pointee.exp(values.base, values.base, values.count)
  }

  /// Replaces `values` by their logistic functions.
  func sigmoid(_ values: FloatBuffer) {
    unsafe table.pointee.sigmoid(values.base, values.base, values.count)
  }

  /// Replaces `values` by their hyperbolic tangents.
  func tanh(_ values: FloatBuffer) {
    unsafe table.pointee.tanh(values.base, values.base, values.count)
  }

  /// Replaces `values` by their softmax.
  func softmax(_ values: FloatBuffer) {
    unsafe table.pointee.softmax(values.base, values.count)
  }

  /// Replaces `y` by the larger of `x` and `y`, element by element; NaN if either is NaN.
  func maximum(_ x: FloatBuffer, into y: FloatBuffer) {
    precondition(x.count == y.count)
    unsafe table.pointee.maximum(x.base, y.base, y.count)
  }

  /// Adds the products of `x` and `weights` to `y`, element by element.
  func multiplyAdd(_ x: FloatBuffer, _ weights: FloatBuffer, into y: FloatBuffer) {
    precondition(x.count == y.count && weights.count == y.count)
    unsafe table.pointee.multiply_add(x.base, weights.base, y.base, y.count)
  }

  /// Updates h and c, `[rows, units]`, of an LSTM whose products are known.
  ///
  /// - Parameters:
  ///   - x: the products with x, `[rows, 4·units]`, gate by gate.
  ///   - sums: the products with h, in the same order; nil for zeros.
  ///   - gate: the function of the gates, which has a kernel.
  ///   - activation: the function of the candidate and the cell, which has a kernel.
  ///   - h: the new h.
  ///   - c: the cell before; on return, after.
  ///   - units: the width of h.
  func updateLSTM(
    _ x: FloatBuffer, _ sums: FloatBuffer?, gate: EngineActivation, activation: EngineActivation,
    h: FloatBuffer, c: FloatBuffer, units: Int
  ) {
    precondition(x.count == 4 * h.count && c.count == h.count)
    precondition(sums.map { $0.count >= x.count } ?? true)
    unsafe table.pointee.lstm_rows(
      x.base, 4 * units, sums?.base, gate.value, activation.value, h.base, c.base, units,
      h.count / units)
  }

  /// Two values are equal when they are the same implementation.
  public static func == (a: Kernels, b: Kernels) -> Bool { unsafe a.table == b.table }

  /// Hashes the implementation.
  public func hash(into hasher: inout Hasher) { unsafe hasher.combine(table) }
}
