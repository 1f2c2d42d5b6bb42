import RecurContainers
import RecurModel
import RecurTensors

/// A call of an operator: its inputs and options.
struct LiteCall: PositionalCall {
  let own: LiteOperator
  /// The inputs; nothing for one that is left out.
  let inputs: [GraphValue]
  /// The tensors that the inputs and the outputs are in the file.
  let inputTensors: [LiteTensor?]
  let outputTensors: [LiteTensor]

  var subject: String { own.title }

  /// A whole number of the options; 0 when they are left out.
  func option(_ field: Int) throws(CheckpointError) -> Int {
    Int(try own.options?.integer(field, Int32.self) ?? 0)
  }

  /// A byte of the options.
  func byteOption(_ field: Int) throws(CheckpointError) -> Int {
    Int(try own.options?.integer(field, Int8.self) ?? 0)
  }

  /// A float of the options.
  func floatOption(_ field: Int) throws(CheckpointError) -> Double {
    try own.options?.float(field) ?? 0
  }

  /// A value with the function that an operator may have built in (`ActivationFunctionType`).
  func activated(
    _ x: GraphValue, _ field: Int, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let number = try byteOption(field)
    guard let function = Self.functions[number] else {
      throw problem("has the built-in function \(number)", builder)
    }
    guard function != .linear else { return x }
    return try builder.apply(.activation(function), builder.computed(x))
  }

  /// The functions by their numbers.
  static let functions: [Int: Activation] = [
    0: .linear, 1: .relu, 2: .hardTanh, 3: .relu6, 4: .tanh,
  ]
}
