import RecurContainers
import RecurInference
public import RecurModel
public import RecurTensors

/// What the reference computes on inputs that show mistakes.
///
/// Such a recording proves that a conversion computes the same. It does not prove that the file was
/// read as its framework reads it, because the framework did not make the recording.
///
/// The inputs are random numbers around zero: several sequences at once and one alone, long and short,
/// with masked timesteps at the end, the beginning and the middle where the model masks, and with
/// initial states where the model takes them. A stateful model is called twice in a row.
public struct GoldenRecording: Sendable {
  /// The sizes of one recording.
  public struct Size: Hashable, Sendable {
    /// The number of sequences.
    public let batch: Int
    /// The number of timesteps; 1 where no input has timesteps.
    public let timesteps: Int
  }

  /// The recorded inputs and outputs.
  public let golden: GoldenFile
  /// One size per recording; each begins with a state of zeros.
  public let sizes: [Size]
  /// The first output of every layer in the first call, by the name of the layer; empty unless asked
  /// for.
  public let traces: [(layer: String, output: Tensor)]

  /// Records what a model computes.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - seed: the seed of the inputs; the same seed gives the same recording.
  ///   - batch: the number of sequences of the first recording.
  ///   - timesteps: the number of timesteps of the first recording.
  ///   - tracesLayers: whether the outputs of all layers are kept too.
  /// - Throws: `golden.incomplete` for outputs that are not finite, and what
  ///   ``Model/run(_:state:)`` throws.
  public init(
    _ model: Model, seed: UInt64 = 0, batch: Int = 3, timesteps: Int = 12,
    tracesLayers: Bool = false
  ) throws(CheckpointError) {
    try model.checkConnected()
    var (inputs, outputs): ([Tensor], [Tensor]) = ([], [])
    var (sizes, shapes): ([Size], Set<[[Int]]>) = ([], [])
    var traces: [(layer: String, output: Tensor)] = []
    let wanted = [(batch, timesteps), (max(batch - 1, 1), max(timesteps / 2, 1)), (1, 1)]
    for (index, (batch, timesteps)) in wanted.enumerated() {
      var state = RecurrentState()
      let calls = model.isStateful ? 2 : 1
      for call in 0..<calls {
        let sample = try SampleInputs(
          for: model, seed: seed &+ UInt64(index * 2 + call), batch: batch, timesteps: timesteps,
          keepsExtents: true, masks: .places(first: index + call))
        let given = try Self.declared(sample.tensors, of: model)
        if call == 0 {
          guard shapes.insert(given.map(\.shape)).inserted else { break }
          let count = Self.batch(of: given, model)
          sizes.append(Size(batch: count, timesteps: sample.timesteps))
          if index == 0, tracesLayers { traces = try Self.traces(of: model, given) }
        }
        inputs += given
        outputs += try Self.stored(model.run(given, state: &state), of: model)
      }
    }
    var golden = GoldenFile(inputs: inputs, outputs: outputs)
    golden.setCount = sizes.count
    self.golden = golden
    self.sizes = sizes
    self.traces = traces
  }

  /// The arrays of the archive, with their names.
  ///
  /// - Parameter producer: the program that records.
  /// - Returns: inputs, outputs, how many recordings there are, the producer, and traces.
  /// - Throws: nothing that a valid recording could cause.
  package func arrays(
    producer: String
  ) throws(CheckpointError) -> [(name: String, tensor: Tensor)] {
    var arrays: [(name: String, tensor: Tensor)] = []
    for (index, tensor) in golden.inputs.enumerated() { arrays.append(("in_\(index)", tensor)) }
    for (index, tensor) in golden.outputs.enumerated() { arrays.append(("out_\(index)", tensor)) }
    let count = Int32(clamping: golden.setCount)
    arrays.append((GoldenFile.recordings, try .int32([count], shape: [1])))
    let text = Array(producer.utf8)
    arrays.append(
      (
        GoldenFile.producerName,
        try Tensor(ByteRegion(ByteStorage(copying: text)), .uint8, shape: [text.count], at: .init())
      ))
    return arrays + traces.map { (GoldenFile.tracePrefix + $0.layer, $0.output) }
  }

  /// The numbers in the types that the inputs declare.
  private static func declared(
    _ tensors: [Tensor], of model: Model
  ) throws(CheckpointError) -> [Tensor] {
    var result: [Tensor] = []
    for (name, tensor) in zip(model.inputs, tensors) {
      guard case .input(let input)? = model.node(name)?.layer else { continue }
      if input.elementType.isFloatingPoint {
        result.append(try tensor.rounded(to: input.elementType))
      } else {
        let numbers = tensor.doubles().map { Int32($0.rounded(.towardZero)) }
        result.append(try .int32(numbers, shape: tensor.shape))
      }
    }
    return result
  }

  /// Outputs as the framework would put them out: float32 unless everything is float64.
  private static func stored(
    _ outputs: [Tensor], of model: Model
  ) throws(CheckpointError) -> [Tensor] {
    let isDouble = model.arithmeticPrecision(recordedAs: .float64) == .double
    var result: [Tensor] = []
    for output in outputs {
      guard output.doubles().allSatisfy(\.isFinite) else {
        throw CheckpointError(
          .goldenIncomplete, "the model puts out numbers that are not finite, which prove nothing",
          at: model.nodes.first?.location ?? .init())
      }
      result.append(try output.rounded(to: isDouble ? .float64 : .float32))
    }
    return result
  }

  private static func traces(
    of model: Model, _ inputs: [Tensor]
  ) throws(CheckpointError) -> [(layer: String, output: Tensor)] {
    let names = model.tracedNodes
    var copy = model
    copy.outputs = names.map { Model.Value($0) }
    let outputs = try copy.run(inputs)
    var result: [(layer: String, output: Tensor)] = []
    for (name, output) in zip(names, outputs) {
      result.append((name, try output.rounded(to: .float32)))
    }
    return result
  }

  private static func batch(of inputs: [Tensor], _ model: Model) -> Int {
    guard let name = model.inputs.first, case .input(let input)? = model.node(name)?.layer,
      let tensor = inputs.first, tensor.shape.indices.contains(input.batchAxis)
    else { return 1 }
    return tensor.shape[input.batchAxis]
  }
}

extension Model {
  /// The nodes whose first output a recording can hold, in order.
  package var tracedNodes: [String] {
    nodes.filter { node in
      switch node.layer {
      case .input, .notEqual, .masking: false
      default: true
      }
    }.map(\.name)
  }
}
