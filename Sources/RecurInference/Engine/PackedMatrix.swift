import CRecurKernels
import RecurModel
import RecurTensors

/// W and b of y = φ(W·x + b), packed for one instruction set.
@safe struct PackedMatrix: PackedWeights {
  /// The width of x.
  let inputs: Int
  /// The width of y.
  let units: Int
  private let panels: Panels
  private let bias: FloatMemory?
  private let activation: EngineActivation
  nonisolated(unsafe) private let kernel: DenseKernel

  /// Packs a kernel `[units, inputs]` and a bias `[units]`.
  ///
  /// An activation that changes the width is not packed; the caller applies it.
  init(_ kernel: Tensor, bias: Tensor?, _ activation: Activation, _ form: PanelForm) {
    self.init(
      .blocks(kernel, form), units: kernel.shape[0], inputs: kernel.shape[1],
      bias: bias?.floats(), activation, form)
  }

  /// Packs `units` contiguous rows of numbers.
  init(
    _ rows: [Float], units: Int, inputs: Int, bias: [Float]?, _ activation: Activation,
    _ form: PanelForm
  ) {
    let memory = FloatMemory(count: recur_padded(units, form.lanes) * inputs)
    unsafe rows.withUnsafeBufferPointer { source in
      unsafe recur_pack_blocks(
        memory.buffer.base, source.baseAddress, units, inputs, inputs, 1, form.lanes)
    }
    let panels = Panels(
      memory, columns: inputs, width: Int(RECUR_BLOCKS) * form.lanes, form)
    self.init(panels, units: units, inputs: inputs, bias: bias, activation, form)
  }

  private init(
    _ panels: Panels, units: Int, inputs: Int, bias: [Float]?, _ activation: Activation,
    _ form: PanelForm
  ) {
    (self.units, self.inputs, self.panels) = (units, inputs, panels)
    self.bias = bias.map { .padded($0, form.lanes) }
    self.activation = EngineActivation(activation == .glu ? .linear : activation, form.kernels)
    unsafe kernel = form.kernels.matrices(panels.type).dense
  }

  /// Computes y for `rows` rows; the strides are the distances between neighbouring rows, in
  /// numbers.
  func apply(
    to x: FloatBuffer, stride xStride: Int, into y: FloatBuffer, stride yStride: Int, rows: Int
  ) {
    guard rows > 0 else { return }
    precondition((rows - 1) * xStride + inputs <= x.count)
    precondition((rows - 1) * yStride + units <= y.count)
    unsafe kernel(
      panels.base, bias?.buffer.base, inputs, units, activation.value, x.base, xStride,
      y.base, yStride, rows)
  }

  /// The size of the packed weights in bytes.
  var byteCount: Int { panels.byteCount + (bias?.count ?? 0) * MemoryLayout<Float>.stride }

  var type: WeightType { panels.type }
  var fits: Bool { panels.fits }
}

/// The kernel of y = φ(W·x + b), as recur_kernels.h describes it.
typealias DenseKernel =
  @convention(c) (
    UnsafeRawPointer?, UnsafePointer<Float>?, Int, Int, recur_activation, UnsafePointer<Float>?,
    Int,
    UnsafeMutablePointer<Float>?, Int, Int
  ) -> Void

extension FloatMemory {
  /// `values` with zero padding to a multiple of the lane count.
  static func padded(_ values: [Float], _ lanes: Int) -> FloatMemory {
    let memory = FloatMemory(count: recur_padded(values.count, lanes))
    memory.buffer.part(0, values.count).copy(values.span)
    return memory
  }

  /// Several vectors, each with zero padding to a multiple of the lane count.
  static func padded(_ vectors: [Tensor], _ lanes: Int) -> FloatMemory {
    let width = recur_padded(vectors[0].count, lanes)
    let memory = FloatMemory(count: vectors.count * width)
    for (index, vector) in vectors.enumerated() {
      memory.buffer.part(index * width, vector.count).copy(vector.floats().span)
    }
    return memory
  }

  /// A matrix `[units, columns]` without gates.
  static func blocks(_ matrix: Tensor, _ lanes: Int) -> FloatMemory {
    let (units, columns) = (matrix.shape[0], matrix.shape[1])
    let memory = FloatMemory(count: recur_padded(units, lanes) * columns)
    unsafe matrix.withElements { start, strides in
      unsafe recur_pack_blocks(
        memory.buffer.base, start, units, columns, strides[0], strides[1], lanes)
    }
    return memory
  }

  /// The matrices of several gates, `[units, columns]` each.
  static func gates(_ matrices: [Tensor], _ lanes: Int) -> FloatMemory {
    let (units, columns) = (matrices[0].shape[0], matrices[0].shape[1])
    let memory = FloatMemory(count: recur_padded(units, lanes) * columns * matrices.count)
    for (gate, matrix) in matrices.enumerated() {
      unsafe matrix.withElements { start, strides in
        unsafe recur_pack_gate(
          memory.buffer.base, start, units, columns, strides[0], strides[1], gate, matrices.count,
          lanes)
      }
    }
    return memory
  }

  /// The biases of several gates, `[units]` each.
  static func gates(_ biases: [[Float]], _ lanes: Int) -> FloatMemory {
    let units = biases[0].count
    let memory = FloatMemory(count: recur_padded(units, lanes) * biases.count)
    for (gate, bias) in biases.enumerated() {
      unsafe bias.withUnsafeBufferPointer { source in
        unsafe recur_pack_gate(
          memory.buffer.base, source.baseAddress, units, 1, 1, 1, gate, biases.count, lanes)
      }
    }
    return memory
  }
}

extension Tensor {
  /// Calls `body` with the first element in float32 and the strides to the other elements: in the
  /// tensor's own memory if it holds float32, else in a copy.
  fileprivate func withElements(_ body: (UnsafePointer<Float>, _ strides: [Int]) -> Void) {
    if unsafe withFloatAddress({ unsafe body($0, strides) }) != nil { return }
    unsafe floats().withUnsafeBufferPointer { copy in
      guard let start = copy.baseAddress else { return }
      unsafe body(start, [shape[1], 1])
    }
  }
}
