import RecurModel
import RecurTensors

/// A layer of a network with the values that it reads.
struct NetworkCall {
  let layer: NetworkLayer
  let inputs: [GraphValue]
  let options: NetworkOptions

  /// An input, which must be an array.
  func array(_ index: Int, _ builder: GraphBuilder) throws(CheckpointError) -> GraphValue {
    guard inputs.indices.contains(index), inputs[index].isArray else {
      throw problem("has no input \(index)", builder)
    }
    return inputs[index]
  }

  /// The error of something that is not supported.
  func problem(
    _ message: String, _ builder: GraphBuilder, expected: String? = nil
  ) -> CheckpointError {
    builder.problem(
      "the \(NetworkLayers.name(layer.kind)) layer '\(layer.name)' \(message)", expected: expected)
  }

  /// Refuses options that say something else than is computed here.
  func allow(_ numbers: Set<Int>, _ builder: GraphBuilder) throws(CheckpointError) {
    for number in options.numbers.sorted() where !numbers.contains(number) {
      throw problem("has the option \(number), which is not supported", builder)
    }
  }

  /// Weights of this layer.
  func weights(_ number: Int, _ role: String, shape: [Int]) throws(CheckpointError) -> Tensor {
    try options.weights(number, shape: shape, named: "\(layer.name).\(role)")
  }

  /// A whole number that counts elements.
  func size(_ number: Int, _ builder: GraphBuilder) throws(CheckpointError) -> Int {
    let size = try options.int(number)
    guard 1...(1 << 24) ~= size else { throw problem("has a size of \(size)", builder) }
    return size
  }

  /// A function (`ActivationParams`); those of recurrent layers have no numbers of their own.
  func function(
    _ own: NetworkOptions, isInCell: Bool, _ builder: GraphBuilder
  ) throws(CheckpointError) -> Activation {
    guard own.numbers.count == 1, let kind = own.numbers.first, let inner = try own.message(kind)
    else { throw problem("has no function, or several", builder) }
    let (one, two) = (try inner.float(1), try inner.float(2))
    switch kind {
    case 5: return isInCell || one == 1 && two == 0 ? .linear : .affine(slope: one, offset: two)
    case 10: return .relu
    case 15 where !isInCell: return .leakyReLU(slope: one)
    case 30: return .tanh
    case 31 where !isInCell: return .scaledTanh(scale: one, slope: two)
    case 40: return .sigmoid
    case 41: return isInCell ? .hardSigmoidOfFifths : .hardSigmoid(slope: one, offset: two)
    case 50 where !isInCell: return .elu(alpha: one)
    case 60 where !isInCell: return .softsign
    case 70 where !isInCell: return .softplus
    default: throw problem("has the function \(kind), which is not supported", builder)
    }
  }
}
