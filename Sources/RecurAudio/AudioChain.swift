import RecurFormats
import RecurModel
import RecurTensors

/// The layers of a model that is one chain over frames, as a format of audio plug-ins can hold it.
///
/// The output is G·(layers(g·x) + g·x[…, :skip]), with gains G and g that may be left out.
struct AudioChain {
  /// The channels of a frame of the input.
  let inputSize: Int
  /// The nodes from the first layer to the last, without those that change nothing.
  let nodes: [Model.Node]
  /// How many channels of the input are added to the output.
  private(set) var skip = 0
  /// The factor before the layers; nil for none.
  private(set) var inputGain: Double?
  /// The factor behind the layers; nil for none.
  private(set) var outputGain: Double?

  /// Finds the chain of `model`.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - title: what holds the chain, for errors.
  /// - Throws: `model.unrepresentable` for a model that is no chain, or has other inputs or outputs.
  init(_ model: Model, _ title: String) throws(CheckpointError) {
    func refusal(_ message: String, _ node: Model.Node? = nil) -> CheckpointError {
      CheckpointError(
        .modelUnrepresentable, "\(title) holds one chain of layers, and \(message)",
        at: node?.location ?? .init(object: model.name))
    }
    guard model.isConnected else { throw refusal("how the layers are connected is not known") }
    guard model.inputs.count == 1, model.outputs.count == 1 else {
      throw refusal(
        "the model has \(model.inputs.count) inputs and \(model.outputs.count) outputs")
    }
    guard let input = model.node(model.inputs[0]), case .input(let form) = input.layer,
      form.shape.count == 3, let channels = form.shape[2], form.elementType.isFloatingPoint
    else { throw refusal("the input is no sequence of frames") }
    inputSize = channels
    var value = model.outputs[0]
    if let node = model.node(value.node), let gain = node.gain {
      (outputGain, value) = (gain, node.inputs[0])
    }
    var skipped: Model.Value?
    if let node = model.node(value.node), node.addsTwo,
      let (source, count, rest) = Self.skipped(node, model, channels)
    {
      (skipped, skip, value) = (source, count, rest)
    }
    var chain: [Model.Node] = []
    while value.node != input.name {
      guard let node = model.node(value.node), value.output == 0, node.inputs.count == 1,
        node.mask == nil, chain.count < model.nodes.count
      else {
        let node = model.node(value.node)
        throw refusal(
          "'\(value.node)' (\(node?.layer.title ?? "")) has several inputs or a mask", node)
      }
      if case .identity = node.layer {} else { chain.append(node) }
      value = node.inputs[0]
    }
    var source = Model.Value(input.name)
    if let first = chain.last, let gain = first.gain {
      inputGain = gain
      source = Model.Value(first.name)
      chain.removeLast()
    }
    guard skipped == nil || skipped == source else {
      throw refusal("what is added to its output is not its input")
    }
    nodes = chain.reversed()
  }

  /// The value that is added to the chain's output, how many channels of it, and the other one.
  private static func skipped(
    _ node: Model.Node, _ model: Model, _ channels: Int
  ) -> (source: Model.Value, count: Int, rest: Model.Value)? {
    let first = model.inputs[0]
    func isSource(_ value: Model.Value) -> Bool {
      guard value.node != first else { return true }
      guard let own = model.node(value.node), own.gain != nil else { return false }
      return own.inputs[0].node == first
    }
    for (one, other) in [(0, 1), (1, 0)] {
      let (value, rest) = (node.inputs[one], node.inputs[other])
      if isSource(value) { return (value, channels, rest) }
      if let own = model.node(value.node), case .slicing(let slicing) = own.layer,
        slicing.parts.count == 1, slicing.parts[0].axis == 2, slicing.parts[0].step == 1,
        slicing.parts[0].start ?? 0 == 0, let stop = slicing.parts[0].stop, 1...channels ~= stop,
        isSource(own.inputs[0])
      {
        return (own.inputs[0], stop, rest)
      }
    }
    return nil
  }

  /// Refuses gains, and a skip where the format has none.
  ///
  /// - Throws: `model.unrepresentable`.
  func checkPlain(_ title: String, allowsSkip: Bool = false) throws(CheckpointError) {
    guard inputGain == nil, outputGain == nil, allowsSkip || skip == 0 else {
      throw CheckpointError(
        .modelUnrepresentable,
        "\(title) has no place for \(inputGain ?? outputGain == nil ? "an input that is added to the output" : "a gain")"
      )
    }
  }

  /// An error about a layer that a format has no words for.
  static func refusal(_ node: Model.Node, _ title: String, _ what: String) -> CheckpointError {
    CheckpointError(
      .modelUnrepresentable,
      "'\(node.name)' (\(node.layer.title)) has no form in \(title): \(what)",
      at: node.location)
  }
}

/// Weights on their way into JSON, and what became of each.
struct AudioWeights {
  private(set) var mappings: [TensorMapping] = []
  private(set) var isRounded = false
  private let title: String

  init(_ title: String) { self.title = title }

  /// Notes where a tensor of the file comes from.
  mutating func note(
    _ target: String, _ shape: [Int], from sources: [Tensor], _ operation: String
  ) {
    var names: [String] = []
    for source in sources {
      if let name = source.location.object, !names.contains(name) { names.append(name) }
    }
    mappings.append(
      TensorMapping(
        sources: names, sourceShape: sources.first?.storedShape, target: target,
        targetShape: shape, operation: sources.isEmpty ? "new: zeros" : operation))
  }

  /// The numbers of a tensor, which float32 holds exactly.
  ///
  /// - Throws: `model.unrepresentable` for numbers of another type.
  func numbers(_ tensor: Tensor, _ node: Model.Node) throws(CheckpointError) -> [Float] {
    guard [.float32, .float16, .bfloat16].contains(tensor.elementType) else {
      throw AudioChain.refusal(
        node, title, "its weights are \(tensor.elementType), and the engines compute in float32")
    }
    let numbers = tensor.floats()
    guard numbers.allSatisfy(\.isFinite) else {
      throw AudioChain.refusal(node, title, "JSON has no numbers that are not finite")
    }
    return numbers
  }

  /// One bias for each gate, of the form that a cell has; sums are rounded once.
  ///
  /// - Throws: `model.unrepresentable` for numbers of another type.
  mutating func single<Gate>(
    _ bias: RecurrentWeights<Gate>.Bias, units: Int, _ layout: RecurrentLayout<Gate>,
    _ node: Model.Node
  ) throws(CheckpointError) -> (numbers: [Float], sources: [Tensor]) {
    switch bias {
    case .none:
      return ([Float](repeating: 0, count: units * layout.gateOrder.count), [])
    case .single(let one):
      let tensors = layout.gateOrder.map { one[$0] }
      var numbers: [Float] = []
      for tensor in tensors { numbers += try self.numbers(tensor, node) }
      return (numbers, tensors)
    case .split(let input, let recurrent):
      var numbers: [Float] = []
      var sources: [Tensor] = []
      for gate in layout.gateOrder {
        let (one, other) = (
          try self.numbers(input[gate], node), try self.numbers(recurrent[gate], node)
        )
        for (a, b) in zip(one, other) {
          numbers.append(Float(Double(a) + Double(b)))
          isRounded = isRounded || a != 0 && b != 0
        }
        sources += [input[gate], recurrent[gate]]
      }
      return (numbers, sources)
    }
  }
}

extension Model.Node {
  /// The factor by which everything is multiplied; nil for another layer.
  fileprivate var gain: Double? {
    guard case .scaling(let scaling) = layer, scaling.scale.count == 1, scaling.offset == [0] else {
      return nil
    }
    return scaling.scale[0]
  }

  /// Whether two inputs are added.
  fileprivate var addsTwo: Bool {
    guard inputs.count == 2 else { return false }
    if case .merge(.add) = layer { return true }
    if case .binary(let binary) = layer { return binary.function == .add }
    return false
  }
}

extension Tensor {
  /// The text of the numbers in lists of lists, each number as short as it can be read back.
  static func text(_ numbers: [Float], shape: [Int]) -> String {
    func list(_ numbers: ArraySlice<Float>, _ shape: ArraySlice<Int>) -> String {
      guard let extent = shape.first else { return numbers.first.map { "\(Double($0))" } ?? "0.0" }
      let step = extent == 0 ? 0 : numbers.count / extent
      let parts = (0..<extent).map { index in
        let start = numbers.startIndex + index * step
        return list(numbers[start..<start + step], shape.dropFirst())
      }
      return "[" + parts.joined(separator: ", ") + "]"
    }
    return list(numbers[...], shape[...])
  }
}
