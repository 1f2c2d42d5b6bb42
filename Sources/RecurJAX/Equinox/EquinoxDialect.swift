import RecurFormats
import RecurModel
package import RecurStateDicts
package import RecurTensors

/// The modules of an Equinox file, told by the shapes of arrays that follow each other
/// (equinox/nn/_rnn.py and _linear.py, 0.13).
///
/// The key of a module is the position of its first array. An array that follows no known pattern is a
/// tensor by itself.
package struct EquinoxDialect: TensorDialect {
  package let framework = "Equinox"

  package init() {}

  package func modules(of stateDict: StateDict) throws(CheckpointError) -> DialectModules? {
    let entries = stateDict.tensors.entries
    var result = DialectModules()
    var index = 0
    while index < entries.count {
      let rest = Array(entries[index...].prefix(4))
      if let (module, count) = try Self.module(rest) {
        result.modules.append(module)
        index += count
      } else {
        try result.others.append(entries[index].name, entries[index].tensor)
        index += 1
      }
    }
    return result
  }

  /// The module that begins with the first array, and the number of its arrays; nil when no pattern fits.
  private static func module(
    _ entries: [(name: String, tensor: Tensor)]
  ) throws(CheckpointError) -> (DialectModule, Int)? {
    guard let first = entries.first, first.tensor.elementType.isFloatingPoint else { return nil }
    if let found = try recurrent(entries) { return found }
    let key = first.name
    let second = entries.count > 1 ? entries[1].tensor : nil
    switch first.tensor.rank {
    case 2:
      let rows = [first.tensor.shape[0]]
      let bias = second.flatMap { $0.shape == rows && $0.elementType.isFloatingPoint ? $0 : nil }
      return (
        DialectModule(key, .product(weight: first.tensor, bias: bias)), bias == nil ? 1 : 2
      )
    case 1:
      guard let second, second.shape == first.tensor.shape else { return nil }
      var module = DialectModule(
        key, .normalization(scale: first.tensor, shift: second, moments: nil))
      module.epsilon = 1e-5
      return (module, 2)
    default: return nil
    }
  }

  private static func recurrent(
    _ entries: [(name: String, tensor: Tensor)]
  ) throws(CheckpointError) -> (DialectModule, Int)? {
    guard entries.count > 1 else { return nil }
    let (kernel, own) = (entries[0].tensor, entries[1].tensor)
    guard kernel.rank == 2, own.rank == 2, own.shape[1] > 0, kernel.shape[1] > 0,
      own.shape[0] == kernel.shape[0],
      own.elementType == kernel.elementType
    else { return nil }
    let (rows, units) = (own.shape[0], own.shape[1])
    let third = entries.count > 2 ? entries[2].tensor : nil
    let hasBias = third?.shape == [rows]
    if rows == 4 * units {
      let layout = JAXLayouts.equinoxLSTM
      let cell = LSTM(
        inputSize: kernel.shape[1], units: units,
        weights: RecurrentWeights(
          kernel: try layout.unpack(kernel), recurrentKernel: try layout.unpack(own),
          bias: hasBias ? .single(try layout.unpack(entries[2].tensor)) : .none),
        activation: .tanh, recurrentActivation: .sigmoid)
      return (DialectModule(entries[0].name, .recurrent(.lstm(cell))), hasBias ? 3 : 2)
    }
    guard rows == 3 * units else { return nil }
    let layout = JAXLayouts.equinoxGRU
    var bias = RecurrentWeights<GRUGate>.Bias.none
    if hasBias {
      guard entries.count > 3, entries[3].tensor.shape == [units] else { return nil }
      bias = .split(
        input: try layout.unpack(entries[2].tensor),
        recurrent: try .only(.candidate, entries[3].tensor))
    }
    let cell = GRU(
      inputSize: kernel.shape[1], units: units,
      weights: RecurrentWeights(
        kernel: try layout.unpack(kernel), recurrentKernel: try layout.unpack(own), bias: bias),
      activation: .tanh, recurrentActivation: .sigmoid, resetPlacement: .afterProduct)
    return (DialectModule(entries[0].name, .recurrent(.gru(cell))), hasBias ? 4 : 2)
  }
}
