import RecurContainers
import RecurModel
import RecurTensors

/// Makes a model of a file: every operator of its first graph becomes operators of a model.
struct LiteModelReader {
  let file: LiteModel
  var builder = GraphBuilder()
  /// The values of variables, by the names of their handles.
  var variables: [Name: GraphValue] = [:]
  /// The variables that stand for inputs of the model, in order.
  private var states: [Name] = []
  /// Which weights the file has with fewer bits.
  private var dequantized: Set<Name> = []
  /// How the library computes otherwise than the model.
  private(set) var differences: [String] = []
  private var isFullyQuantized = false
  /// Whether free extents of inputs are those that the file was converted with.
  var fixesExtents = false
  /// How many operators may still be read, because bodies of loops are read once per round.
  private var budget = 400_000

  init(_ file: LiteModel) { self.file = file }

  /// The model in canonical form.
  ///
  /// - Throws: `graph.unsupported` for what is not supported, with the operator, and everything that is
  ///   wrong with the weights.
  mutating func model(named name: String) throws(CheckpointError) -> Model {
    let graph = file.graphs[0]
    // What the library itself has no kernel for is the reason for all that is odd around it.
    for own in file.graphs.flatMap(\.operators) where own.code.number == LiteOperator.custom {
      builder.location = own.location
      throw unsupported(own)
    }
    try readVariables(graph)
    var inputs: [GraphValue] = []
    for input in graph.inputs { inputs.append(try self.input(graph.tensors[input])) }
    let values = try evaluated(0, inputs, depth: 0)
    var outputs: [Model.Value] = []
    for (index, value) in zip(graph.outputs, values) {
      let tensor = graph.tensors[index]
      builder.location = tensor.location
      builder.name = tensor.name.isEmpty ? "output" : Self.plain(tensor.name)
      guard value.isArray else { throw builder.problem("the output '\(tensor.name)' is no array") }
      outputs.append(try builder.computed(quantized(value, as: tensor)))
    }
    guard !outputs.isEmpty else {
      throw CheckpointError(.liteInvalid, "the graph has no outputs")
    }
    // What is assigned last is the state of the next call.
    for state in states {
      guard let value = variables[state] else { continue }
      outputs.append(try builder.computed(value))
    }
    return try builder.model(
      named: name, producer: "TensorFlow Lite", outputs: outputs
    ).canonical(states: states.isEmpty ? nil : Set(states)).keepingStates(states.map(\.text))
      .validated()
  }

  // MARK: inputs, outputs and variables

  /// The name of a tensor without what signatures put around it.
  static func plain(_ name: String) -> String {
    var text = name[...]
    if text.hasPrefix("serving_default_") { text = text.dropFirst(16) }
    if text.hasSuffix(":0") { text = text.dropLast(2) }
    return text.isEmpty ? name : String(text)
  }

  private mutating func input(_ tensor: LiteTensor) throws(CheckpointError) -> GraphValue {
    builder.location = tensor.location
    guard let type = tensor.elementType, !type.isComplex else {
      throw builder.problem(
        "the input '\(tensor.name)' has elements of type \(tensor.typeName)",
        expected: "numbers or Booleans")
    }
    let name = Self.plain(tensor.name)
    var shape: [Dimension] = []
    for (axis, extent) in tensor.shape.enumerated() {
      let isSigned = tensor.signature.map { $0.indices.contains(axis) && $0[axis] < 0 } ?? false
      let isFree = !fixesExtents && isSigned
      guard isFree || extent > 0 else {
        throw builder.problem("axis \(axis) of the input '\(name)' has the extent \(extent)")
      }
      shape.append(isFree ? .free("\(name)_axis\(axis)") : .fixed(extent))
    }
    let batch = shape.first.flatMap { $0.value == nil ? $0 : nil }
    let value = try builder.input(name, shape: shape, type: type, batch: batch)
    guard let own = tensor.quantization, tensor.isQuantized, own.scales.count == 1 else {
      return value
    }
    isFullyQuantized = true
    builder.name = "\(name).dequantized"
    let shifted = try builder.binary(
      .subtract, builder.cast(value, to: .float32), .number(Double(own.zeros[0])))
    return try builder.binary(.multiply, shifted, .number(own.scales[0]))
  }

  /// A real value as the whole numbers of an output.
  private mutating func quantized(
    _ value: GraphValue, as tensor: LiteTensor
  ) throws(CheckpointError) -> GraphValue {
    guard let own = tensor.quantization, tensor.isQuantized, own.scales.count == 1,
      let range = tensor.elementType?.quantizedRange
    else { return value }
    isFullyQuantized = true
    let quotient = try builder.binary(.divide, value, .number(own.scales[0]))
    let whole = try builder.unary(.round, quotient)
    let moved = try builder.binary(.add, whole, .number(Double(own.zeros[0])))
    return try builder.apply(
      .clamp(Clamp(minimum: range.lowerBound, maximum: range.upperBound)),
      builder.computed(moved))
  }

  /// The first values of the variables, which operators called once assign.
  private mutating func readVariables(_ graph: LiteModel.LiteGraph) throws(CheckpointError) {
    for own in graph.operators where own.code.number == LiteOperators.callOnce {
      let index = Int(try own.options?.integer(0, Int32.self) ?? 0)
      guard file.graphs.indices.contains(index), index > 0 else {
        throw CheckpointError(.liteInvalid, "a graph that is not there is called", at: own.location)
      }
      _ = try evaluated(index, [], depth: 1)
    }
    // Each begins the first call with these numbers and every other one with those that it had.
    for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
      builder.location = graph.operators.first?.location ?? .init()
      guard let known = value.known, known.isZero, let shape = known.shape.values else {
        throw builder.problem("the variable '\(name)' does not begin with zeros")
      }
      variables[name] = try builder.input(
        name.text, shape: shape.map { .fixed($0) }, type: known.type)
      states.append(name)
    }
  }

  // MARK: graphs

  /// The outputs of a graph.
  ///
  /// - Throws: `graph.unsupported`, `bytes.limit-exceeded`.
  mutating func evaluated(
    _ index: Int, _ inputs: [GraphValue], depth: Int
  ) throws(CheckpointError) -> [GraphValue] {
    let graph = file.graphs[index]
    guard depth < 8 else {
      throw builder.problem("graphs call graphs more than 8 deep", code: .limitExceeded)
    }
    guard inputs.count == graph.inputs.count || depth == 0 else {
      throw CheckpointError(
        .liteInvalid, "graph \(index) has \(graph.inputs.count) inputs and gets \(inputs.count)",
        at: builder.location)
    }
    var values = [GraphValue?](repeating: nil, count: graph.tensors.count)
    for (input, value) in zip(graph.inputs, inputs) { values[input] = value }
    for own in graph.operators {
      budget -= 1
      guard budget > 0 else {
        throw builder.problem("loops make more than 400000 operators", code: .limitExceeded)
      }
      builder.location = own.location
      builder.name = name(of: own, in: graph)
      let results = try self.results(of: own, in: graph, &values, depth: depth)
      for (output, value) in zip(own.outputs, results) { values[output] = value }
    }
    var outputs: [GraphValue] = []
    for output in graph.outputs { outputs.append(try value(output, in: graph, values)) }
    return outputs
  }

  /// The last part of the name of the first result.
  private func name(of own: LiteOperator, in graph: LiteModel.LiteGraph) -> String {
    guard let first = own.outputs.first else { return own.title }
    let name = graph.tensors[first].name.split(separator: ";").first.map(String.init) ?? ""
    return name.isEmpty ? own.title : Self.plain(name)
  }

  /// The value of a tensor: computed, or the numbers of the file.
  private mutating func value(
    _ index: Int, in graph: LiteModel.LiteGraph, _ values: [GraphValue?]
  ) throws(CheckpointError) -> GraphValue {
    guard index >= 0 else { return .nothing }
    if let value = values[index] { return value }
    let tensor = graph.tensors[index]
    if let numbers = try tensor.numbers() {
      if tensor.isQuantized { dequantized.insert(Name(tensor.name)) }
      builder.register(numbers, as: tensor.name)
      return .known(KnownArray(numbers, name: tensor.name))
    }
    // States begin with zeros.
    if tensor.isVariable, let type = tensor.elementType {
      let isReal = tensor.isQuantized
      return .known(
        try KnownArray(
          repeating: 0, isReal ? .float32 : type, shape: tensor.shape.map { .fixed($0) }))
    }
    throw CheckpointError(
      .liteInvalid, "'\(tensor.name)' is read, and nothing computes it before", at: tensor.location)
  }

  private mutating func results(
    of own: LiteOperator, in graph: LiteModel.LiteGraph, _ values: inout [GraphValue?], depth: Int
  ) throws(CheckpointError) -> [GraphValue] {
    var inputs: [GraphValue] = []
    for index in own.inputs {
      // A handle is no array; its name says which variable it is.
      if index >= 0, graph.tensors[index].elementType == nil, values[index] != nil {
        inputs.append(values[index] ?? .nothing)
      } else {
        inputs.append(try value(index, in: graph, values))
      }
    }
    let call = LiteCall(
      own: own, inputs: inputs,
      inputTensors: own.inputs.map { $0 < 0 ? nil : graph.tensors[$0] },
      outputTensors: own.outputs.map { graph.tensors[$0] })
    if let special = try control(call, depth: depth) { return special }
    guard let row = LiteOperators.table[own.code.number] else {
      throw unsupported(own)
    }
    differences += try row.differences(call)
    return try row.apply(call, &builder)
  }

  private func unsupported(_ own: LiteOperator) -> CheckpointError {
    builder.problem(
      own.code.number == LiteOperator.custom
        ? "the custom operator \(own.title) is not supported"
        : "the operator \(own.title) is not supported",
      hint: own.code.customName.hasPrefix("Flex")
        ? "convert the model with a batch of a fixed size, so that no operators of TensorFlow are needed"
        : nil)
  }

  /// What is said about the file.
  func notes(at location: Diagnostic.Location) -> [Diagnostic] {
    var notes: [Diagnostic] = []
    if isFullyQuantized || !dequantized.isEmpty {
      notes.append(
        Diagnostic(
          .tensorFlowDequantized, .note,
          isFullyQuantized
            ? "the model is quantized throughout; it is computed in floating point, and what TensorFlow "
              + "Lite rounds to 8 bits on the way is not rounded"
            : "\(dequantized.count) weights were quantized; they are computed with as float32, and what "
              + "they are multiplied with is not rounded to 8 bits", at: location))
    }
    if fixesExtents {
      notes.append(
        Diagnostic(
          .liteDiffers, .note,
          "the file computes with extents that it leaves open; it is read with those that it was converted "
            + "with", at: location))
    }
    var said: Set<String> = []
    for difference in differences where said.insert(difference).inserted {
      notes.append(Diagnostic(.liteDiffers, .note, difference, at: location))
    }
    return notes
  }
}

extension Sequence where Element == Dimension {
  /// The extents, if all are known.
  var values: [Int]? {
    let all = map(\.value)
    return all.contains(nil) ? nil : all.compactMap { $0 }
  }
}

extension Diagnostic.Code {
  /// What TensorFlow Lite computes otherwise than the model that was converted for it.
  static let liteDiffers = Self(rawValue: "tensorflow.lite.differs")
}
