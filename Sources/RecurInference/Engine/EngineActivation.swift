import CRecurKernels
import RecurModel

/// An activation function in the form that kernels take, together with the memory it points to.
@safe final class EngineActivation: Sendable {
  private struct Context {
    let activation: Activation
    let kernels: Kernels
  }

  nonisolated(unsafe) let value: recur_activation
  nonisolated(unsafe) private let context: UnsafeMutablePointer<Context>

  init(_ activation: Activation, _ kernels: Kernels) {
    unsafe context = UnsafeMutablePointer.allocate(capacity: 1)
    unsafe context.initialize(to: Context(activation: activation, kernels: kernels))
    var (slope, offset): (Float, Float) = (0, 0)
    if case .hardSigmoid(let a, let b) = activation { (slope, offset) = (Float(a), Float(b)) }
    unsafe value = recur_activation(
      kind: activation.kernelKind, slope: slope, offset: offset,
      function: { context, values, count in
        guard let context = unsafe context, let values = unsafe values else { return }
        let own = unsafe context.assumingMemoryBound(to: Context.self).pointee
        unsafe own.activation.apply(to: FloatBuffer(values, count: count), own.kernels)
      }, context: UnsafeRawPointer(context))
  }

  /// Whether kernels compute the function in vectors.
  var isVectorized: Bool { unsafe value.kind != recur_custom }

  deinit {
    unsafe context.deinitialize(count: 1)
    unsafe context.deallocate()
  }
}

extension Activation {
  fileprivate var kernelKind: recur_activation_kind {
    switch self {
    case .linear: recur_linear
    case .sigmoid: recur_sigmoid
    case .tanh: recur_tanh
    case .relu: recur_relu
    case .hardSigmoid: recur_hard_sigmoid
    default: recur_custom
    }
  }

  /// Applies the function to one row, the last axis of a tensor, in float32; `glu` writes its
  /// result to the first half of the row.
  ///
  /// sigmoid, tanh and the exponentials of softmax run in the kernels. All other functions are the
  /// reference's, computed in Double and rounded once. Only `sparsemax` allocates memory.
  func apply(to row: FloatBuffer, _ kernels: Kernels) {
    switch self {
    case .linear: break
    case .sigmoid: kernels.sigmoid(row)
    case .tanh: kernels.tanh(row)
    case .softmax: kernels.softmax(row)
    case .logSoftmax:
      let top = row.indices.reduce(-Float.infinity) { maximum($0, row[$1]) }
      let sum = row.indices.reduce(0.0) { $0 + Double.exp(Double(row[$1]) - Double(top)) }
      let shift = Double(top) + Double.log(sum)
      for index in row.indices { row[index] = Float(Double(row[index]) - shift) }
    case .glu:
      let half = row.count / 2
      kernels.sigmoid(row.part(half, half))
      for index in 0..<half { row[index] *= row[half + index] }
    case .sparsemax:
      var numbers = row.array.map { Double($0) }
      apply(to: &numbers)
      for index in row.indices { row[index] = Float(numbers[index]) }
    default:
      for index in row.indices {
        row[index] = elementwise(Double(row[index])).map { Float($0) } ?? row[index]
      }
    }
  }
}
