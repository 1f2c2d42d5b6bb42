import RecurTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// A number type of the reference: Double gives the results, Float measures the effect of rounding.
protocol ReferenceScalar: BinaryFloatingPoint, Sendable {
  static func exp(_ x: Self) -> Self
  static func expm1(_ x: Self) -> Self
  static func log(_ x: Self) -> Self
  static func log1p(_ x: Self) -> Self
  static func tanh(_ x: Self) -> Self
  static func erf(_ x: Self) -> Self
  static func power(_ x: Self, _ y: Self) -> Self
  static func sin(_ x: Self) -> Self
  static func cos(_ x: Self) -> Self
  static func tan(_ x: Self) -> Self
  static func asin(_ x: Self) -> Self
  static func acos(_ x: Self) -> Self
  static func atan(_ x: Self) -> Self
  /// The outputs of a layer, computed in this type.
  static func outputs(
    of layer: any ReferenceLayer, _ call: ReferenceForward<Self>.Call,
    in forward: inout ReferenceForward<Self>
  ) throws(CheckpointError) -> [Values<Self>]
  /// A cell with its weights loaded in this type.
  static func step(of cell: any ReferenceCell, precision: ElementType) -> CellStep<Self>
  /// x·wᵀ, with w `[outputs, columns]`, x `[rows, columns]` and the result `[rows, outputs]`, all
  /// row-major. A row of the result depends on its row of x alone.
  static func products(_ w: [Self], outputs: Int, _ x: [Self], rows: Int) -> [Self]
  /// A tensor of `elements`, row-major.
  static func tensor(_ elements: [Self], shape: [Int]) throws(CheckpointError) -> Tensor
}

extension Double: ReferenceScalar {
  static func exp(_ x: Double) -> Double { systemExp(x) }
  static func expm1(_ x: Double) -> Double { systemExpm1(x) }
  static func log(_ x: Double) -> Double { systemLog(x) }
  static func log1p(_ x: Double) -> Double { systemLog1p(x) }
  static func tanh(_ x: Double) -> Double { systemTanh(x) }
  static func erf(_ x: Double) -> Double { systemErf(x) }
  static func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
  static func sin(_ x: Double) -> Double { systemSin(x) }
  static func cos(_ x: Double) -> Double { systemCos(x) }
  static func tan(_ x: Double) -> Double { systemTan(x) }
  static func asin(_ x: Double) -> Double { systemAsin(x) }
  static func acos(_ x: Double) -> Double { systemAcos(x) }
  static func atan(_ x: Double) -> Double { systemAtan(x) }

  static func outputs(
    of layer: any ReferenceLayer, _ call: ReferenceForward<Double>.Call,
    in forward: inout ReferenceForward<Double>
  ) throws(CheckpointError) -> [Values<Double>] {
    try layer.outputsInDouble(call, in: &forward)
  }

  static func step(of cell: any ReferenceCell, precision: ElementType) -> CellStep<Double> {
    cell.stepInDouble(precision: precision)
  }

  static func products(_ w: [Double], outputs: Int, _ x: [Double], rows: Int) -> [Double] {
    RowProducts.products(w, outputs: outputs, x, rows: rows)
  }

  static func tensor(_ elements: [Double], shape: [Int]) throws(CheckpointError) -> Tensor {
    try .float64(elements, shape: shape)
  }
}

extension Float: ReferenceScalar {
  static func exp(_ x: Float) -> Float { expf(x) }
  static func expm1(_ x: Float) -> Float { expm1f(x) }
  static func log(_ x: Float) -> Float { logf(x) }
  static func log1p(_ x: Float) -> Float { log1pf(x) }
  static func tanh(_ x: Float) -> Float { tanhf(x) }
  static func erf(_ x: Float) -> Float { erff(x) }
  static func power(_ x: Float, _ y: Float) -> Float { powf(x, y) }
  static func sin(_ x: Float) -> Float { sinf(x) }
  static func cos(_ x: Float) -> Float { cosf(x) }
  static func tan(_ x: Float) -> Float { tanf(x) }
  static func asin(_ x: Float) -> Float { asinf(x) }
  static func acos(_ x: Float) -> Float { acosf(x) }
  static func atan(_ x: Float) -> Float { atanf(x) }

  static func outputs(
    of layer: any ReferenceLayer, _ call: ReferenceForward<Float>.Call,
    in forward: inout ReferenceForward<Float>
  ) throws(CheckpointError) -> [Values<Float>] {
    try layer.outputsInFloat(call, in: &forward)
  }

  static func step(of cell: any ReferenceCell, precision: ElementType) -> CellStep<Float> {
    cell.stepInFloat(precision: precision)
  }

  static func products(_ w: [Float], outputs: Int, _ x: [Float], rows: Int) -> [Float] {
    RowProducts.products(w, outputs: outputs, x, rows: rows)
  }

  static func tensor(_ elements: [Float], shape: [Int]) throws(CheckpointError) -> Tensor {
    try .float32(elements, shape: shape)
  }
}

// Inside the extension, its own function names hide those of the C library.
private func systemExp(_ x: Double) -> Double { exp(x) }
private func systemExpm1(_ x: Double) -> Double { expm1(x) }
private func systemLog(_ x: Double) -> Double { log(x) }
private func systemLog1p(_ x: Double) -> Double { log1p(x) }
private func systemTanh(_ x: Double) -> Double { tanh(x) }
private func systemErf(_ x: Double) -> Double { erf(x) }
private func systemSin(_ x: Double) -> Double { sin(x) }
private func systemCos(_ x: Double) -> Double { cos(x) }
private func systemTan(_ x: Double) -> Double { tan(x) }
private func systemAsin(_ x: Double) -> Double { asin(x) }
private func systemAcos(_ x: Double) -> Double { acos(x) }
private func systemAtan(_ x: Double) -> Double { atan(x) }
