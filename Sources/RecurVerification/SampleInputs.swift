package import RecurModel
package import RecurTensors

/// Random inputs for a model; the same seed gives the same inputs.
///
/// A trial run needs a few timesteps of a few sequences, not the thousands that a model may
/// declare. The inputs therefore fit ``model``, the given model with free batch and timestep
/// extents.
package struct SampleInputs {
  /// The given model with free batch and timestep extents, and with the same weights and layers.
  package let model: Model
  /// One tensor per model input.
  package let tensors: [Tensor]
  /// The timestep count of each sequence; 1 where no input has timesteps.
  package let timesteps: Int

  /// Makes inputs of 2 sequences with at most 7 timesteps, or with the preferred timestep count;
  /// with more timesteps where the model needs them.
  ///
  /// With `keepsExtents`, extents that the model declares are kept, because a copy of it holds them.
  ///
  /// Floats are spread around zero and tokens cover the vocabulary. Where the model can mask, `masks`
  /// says which timesteps are masked.
  ///
  /// - Throws: `tensor.bytes-mismatch` when a declared width is impossible.
  package init(
    for model: Model, seed: UInt64, batch: Int = 2, timesteps preferred: Int = 7,
    keepsExtents: Bool = false, masks: Masks = .end
  ) throws(CheckpointError) {
    var generator = SplitMix64(state: seed)
    self.model = keepsExtents ? model : Self.relaxed(model)
    // a model may compute with the number of sequences that it declares
    let batch = Self.takes(model, batch: batch) ? batch : nil
    var tensors: [Tensor] = []
    let timesteps = Self.timesteps(for: model, preferred, batch: batch)
    var longest = 1
    let shapes = Self.shapes(
      of: model, in: self.model, (batch: batch, timesteps: timesteps), keepsExtents)
    for (name, shape) in zip(model.inputs, shapes) {
      guard let node = model.node(name), case .input(let input) = node.layer else { continue }
      for axis in shape.indices
      where axis != input.batchAxis && Self.isTimestep(axis, of: node, in: model) {
        longest = max(longest, shape[axis])
      }
      guard let count = Tensor.byteCount(of: shape, .uint8), count < 1 << 24 else {
        throw CheckpointError(
          .tensorBytesMismatch,
          "input '\(name)' of \(shapeText(shape)) is too large to try the model on",
          at: node.location)
      }
      var values = (0..<count).map { _ in generator.gaussian() }
      for reader in Self.readers(of: Model.Value(name), in: model) {
        switch reader.layer {
        case .embedding(let embedding):
          values = values.map { _ in
            Double(generator.next() % UInt64(max(embedding.vocabularySize, 1)))
          }
        case .masking(let masking) where shape.count == 3:
          masks.mask(&values, shape, masking.value)
        default: break
        }
      }
      if shape.count == 1, let reader = Self.mask(ofLengths: name, in: model) {
        let whole = Self.timesteps(before: reader, in: self.model, shapes)
        values = values.indices.map { Double(max((whole ?? timesteps) - 2 * ($0 % 2), 1)) }
      }
      if case .places = masks { masks.maskTokens(&values, shape, of: name, in: model) }
      tensors.append(try .float64(values, shape: shape))
    }
    self.tensors = tensors
    self.timesteps = longest
  }

  /// The timesteps of the sequence that a mask of lengths belongs to; nil where no shape tells.
  private static func timesteps(
    before reader: Model.Node, in model: Model, _ shapes: [[Int]]
  ) -> Int? {
    let known = ModelShapes(model, inputShapes: shapes.map { $0.map { .fixed($0) } })
    return known[reader.inputs[0]]?.dropFirst().first?.value
  }

  /// The shapes of all inputs of `model`, for the same model with free extents, `tried`.
  ///
  /// Where one number for every free extent fits no layer, other numbers of channels are tried: along
  /// axis 1 of the inputs, or along their last axis.
  private static func shapes(
    of model: Model, in tried: Model, _ size: (batch: Int?, timesteps: Int), _ keepsExtents: Bool
  ) -> [[Int]] {
    var inputs: [(place: Int, node: Model.Node, input: Input)] = []
    for (place, name) in model.inputs.enumerated() {
      guard let node = model.node(name), case .input(let input) = node.layer else { continue }
      inputs.append((place, node, input))
    }
    var usual = model.inputs.map { _ in [Int]() }
    for (place, node, input) in inputs {
      usual[place] = shape(of: input, node, in: model, size)
      if keepsExtents { usual[place] = zip(input.shape, usual[place]).map { $0 ?? $1 } }
    }
    func fits(_ shapes: [[Int]]) -> Bool {
      ModelShapes(tried, inputShapes: shapes.map { $0.map { .fixed($0) } }).findings.isEmpty
    }
    guard !fits(usual) else { return usual }
    for isLast in [false, true] {
      let free = inputs.compactMap { place, node, input -> (place: Int, axis: Int)? in
        let axis = isLast ? input.shape.count - 1 : 1
        guard input.shape.count > 2, input.shape[axis] == nil, axis != input.batchAxis,
          !isTimestep(axis, of: node, in: model)
        else { return nil }
        return (place, axis)
      }
      guard (1...3).contains(free.count) else { continue }
      for number in 0..<(1 << (3 * free.count)) {
        var shapes = usual
        for (digit, (place, axis)) in free.enumerated() {
          shapes[place][axis] = 8 - (number >> (3 * digit)) & 7
        }
        if fits(shapes) { return shapes }
      }
    }
    return usual
  }

  /// A timestep count that every layer can take, seven if possible.
  ///
  /// Windows need at least their own length; layers that flatten or normalize over timesteps need
  /// exactly the declared count.
  private static func timesteps(for model: Model, _ preferred: Int, batch: Int?) -> Int {
    let lengths = [preferred, 7, 32, 128, 512, 2048] + Array(1...512)
    let least = lengths.first { length in
      var shortened = model
      for index in shortened.nodes.indices {
        let node = shortened.nodes[index]
        guard case .input(var input) = node.layer else { continue }
        input.shape = shape(of: input, node, in: model, (batch: batch, timesteps: length))
        shortened.nodes[index].layer = .input(input)
      }
      return shortened.findings().isEmpty
    }
    return least ?? .max
  }

  /// Whether a model can read this number of sequences.
  private static func takes(_ model: Model, batch: Int) -> Bool {
    var copy = model
    for index in copy.nodes.indices {
      guard case .input(var input) = copy.nodes[index].layer,
        input.shape.indices.contains(input.batchAxis), input.shape[input.batchAxis] != nil
      else { continue }
      input.shape[input.batchAxis] = batch
      copy.nodes[index].layer = .input(input)
    }
    return copy.findings().isEmpty || !model.findings().isEmpty
  }

  private static func shape(
    of input: Input, _ node: Model.Node, in model: Model, _ size: (batch: Int?, timesteps: Int)
  ) -> [Int] {
    input.shape.enumerated().map { axis, extent in
      guard axis != input.batchAxis else { return size.batch ?? extent ?? 2 }
      let free = size.timesteps == .max ? 7 : size.timesteps
      guard isTimestep(axis, of: node, in: model) else { return extent ?? free }
      return min(extent ?? free, size.timesteps)
    }
  }

  /// Another model of the same architecture with free batch and timestep extents.
  package static func relaxed(_ model: Model) -> Model {
    var copy = model
    for index in copy.nodes.indices {
      guard case .input(var input) = copy.nodes[index].layer else { continue }
      for axis in input.shape.indices
      where axis == input.batchAxis || isTimestep(axis, of: copy.nodes[index], in: model) {
        input.shape[axis] = nil
      }
      copy.nodes[index].layer = .input(input)
    }
    return copy
  }

  /// Whether `axis` of an input is the axis of timesteps: axis 1 of three axes, or of two for
  /// tokens and masks.
  private static func isTimestep(_ axis: Int, of node: Model.Node, in model: Model) -> Bool {
    guard case .input(let input) = node.layer, axis == 1 - input.batchAxis else { return false }
    // Stacked states, [layers·directions, batch, units], have no timesteps. The inputs of
    // channels-first convolutions, [batch, channels, length], have no timesteps on this axis.
    if input.shape.count == 3 {
      return input.shape[axis] == nil || input.batchAxis == 0 && input.shape[2] != nil
    }
    let isTokens = readers(of: Model.Value(node.name), in: model).contains { reader in
      if case .embedding = reader.layer { true } else { false }
    }
    return isTokens || model.nodes.contains { $0.mask == Model.Value(node.name) }
  }

  /// The nodes that read `value`, directly or behind layers that change nothing.
  static func readers(of value: Model.Value, in model: Model) -> [Model.Node] {
    model.nodes.filter { $0.inputs.contains(value) }.flatMap { reader -> [Model.Node] in
      switch reader.layer {
      case .identity, .casting: return readers(of: Model.Value(reader.name), in: model)
      default: return [reader]
      }
    }
  }

  /// The mask that reads an input of one axis as lengths, also sorted or at other positions.
  private static func mask(ofLengths name: String, in model: Model) -> Model.Node? {
    var carriers: Set<Model.Value> = [Model.Value(name)]
    for node in model.nodes {
      if case .lengthMask = node.layer, let lengths = node.inputs.last, carriers.contains(lengths) {
        return node
      }
      guard let value = node.inputs.first, carriers.contains(value) else { continue }
      switch node.layer {
      case .sorting(let order) where order.givesPositions: continue
      case .identity, .casting, .reshaping, .sorting, .gathering:
        carriers.insert(Model.Value(node.name))
      default: continue
      }
    }
    return nil
  }
}

/// A random number generator: Steele, Lea & Flood, "Fast splittable pseudorandom number generators"
/// (2014).
private struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// An approximately normal number: the sum of twelve uniform numbers minus six (Irwin–Hall).
  mutating func gaussian() -> Double {
    (0..<12).reduce(-6.0) { sum, _ in sum + Double(next() >> 11) * 0x1p-53 }
  }
}
