import RecurContainers
import RecurModel
import RecurTensors

/// A neural network: layers in a row (coremltools, mlmodel/format/NeuralNetwork.proto, `NeuralNetwork`).
struct NetworkMessage: Sendable {
  var layers: [NetworkLayer] = []
  /// Whether arrays have the axes that the model declares, and not five axes each.
  var isExact = false
  /// Where inputs are changed before the first layer; nil where they are not.
  var preprocessing: Diagnostic.Location?

  /// A network without layers.
  init() {}

  init(_ bytes: ByteRegion, _ budget: inout ProtobufBudget) throws(CheckpointError) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: layers.append(try NetworkLayer(field.bytes(), &budget))
      case 2: preprocessing = field.location
      case 5: isExact = try field.integer() == 1
      default: continue
      }
    }
  }
}

/// One layer (`NeuralNetworkLayer`).
struct NetworkLayer: Sendable {
  var name = ""
  var inputs: [String] = []
  var outputs: [String] = []
  /// The number of the field that says what the layer is; 0 for none.
  var kind = 0
  /// The message in that field.
  var options: ByteRegion
  var location: Diagnostic.Location

  init(_ bytes: ByteRegion, _ budget: inout ProtobufBudget) throws(CheckpointError) {
    try budget.take(4, at: bytes.location)
    (location, options) = (bytes.location, bytes)
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try budget.name(field)
      case 2: inputs.append(try budget.name(field))
      case 3: outputs.append(try budget.name(field))
      case 100...:
        guard kind == 0 else {
          throw CheckpointError(
            .coreMLInvalid, "the layer '\(name)' is two layers", at: field.location)
        }
        (kind, options) = (field.number, try field.bytes())
      default: continue
      }
    }
    location.object = name
  }
}

/// The fields of a layer's message, by number.
struct NetworkOptions {
  private var fields: [Int: [ProtobufReader.Field]] = [:]
  let location: Diagnostic.Location
  private let limits: DecodeLimits

  /// - Throws: `protobuf.invalid`, `bytes.limit-exceeded`.
  init(_ bytes: ByteRegion, limits: DecodeLimits = .init()) throws(CheckpointError) {
    (location, self.limits) = (bytes.location, limits)
    var (reader, count) = (ProtobufReader(bytes), 0)
    while let field = try reader.next() {
      count += 1
      guard count <= limits.objects else {
        throw CheckpointError(
          .limitExceeded, "a layer has more than \(limits.objects) options", at: bytes.location)
      }
      fields[field.number, default: []].append(field)
    }
  }

  /// The numbers of the fields that are there.
  var numbers: Set<Int> { Set(fields.keys) }

  /// A whole number; 0 when it is left out.
  func int(_ number: Int) throws(CheckpointError) -> Int {
    try fields[number]?.last?.integer() ?? 0
  }

  /// A Boolean; false when it is left out.
  func flag(_ number: Int) throws(CheckpointError) -> Bool { try int(number) != 0 }

  /// A number; 0 when it is left out.
  func float(_ number: Int) throws(CheckpointError) -> Double {
    try fields[number]?.last?.float() ?? 0
  }

  /// Whole numbers, at most as many as an array has axes.
  func ints(_ number: Int) throws(CheckpointError) -> [Int] {
    var values: [Int] = []
    for field in fields[number] ?? [] {
      try field.integers { (value) throws(CheckpointError) in
        guard values.count < limits.rank else {
          throw CheckpointError(
            .limitExceeded, "a layer has more than \(limits.rank) axes", at: field.location)
        }
        values.append(value)
      }
    }
    return values
  }

  /// Messages.
  func messages(_ number: Int) throws(CheckpointError) -> [NetworkOptions] {
    var all: [NetworkOptions] = []
    for field in fields[number] ?? [] { all.append(try NetworkOptions(field.bytes())) }
    return all
  }

  /// A message; nil when it is left out.
  func message(_ number: Int) throws(CheckpointError) -> NetworkOptions? {
    try messages(number).last
  }

  /// Weights (`WeightParams`).
  ///
  /// - Throws: `graph.unsupported` for those in fewer bits; `tensor.bytes-mismatch`,
  ///   `coreml.invalid` when they are left out.
  func weights(
    _ number: Int, shape: [Int], named name: String
  ) throws(CheckpointError) -> Tensor {
    guard let own = try message(number) else {
      throw CheckpointError(.coreMLInvalid, "'\(name)' is not there", at: location)
    }
    var place = own.location
    place.object = name
    guard own.fields[30] == nil, own.fields[31] == nil, own.fields[40] == nil else {
      throw CheckpointError(
        .graphUnsupported, "'\(name)' has quantized numbers, which are not read", at: place)
    }
    if let half = own.fields[2]?.last {
      return try Tensor(half.bytes(), .float16, shape: shape, at: place)
    }
    guard let needed = Tensor.byteCount(of: shape, .float32) else {
      throw CheckpointError(
        .tensorBytesMismatch, "'\(name)' has an impossible shape", at: place)
    }
    var bytes: [UInt8] = []
    for field in own.fields[1] ?? [] {
      let part = try field.fixedNumbers(width: 4)
      if part.count == needed, bytes.isEmpty, own.fields[1]?.count == 1 {
        return try Tensor(part, .float32, shape: shape, at: place)
      }
      guard part.count <= needed - bytes.count else {
        throw CheckpointError(
          .tensorBytesMismatch, "'\(name)' has more numbers than \(tuple(shape))", at: place,
          expected: "\(needed) bytes")
      }
      bytes += part.bytes()
    }
    return try Tensor(ByteRegion(ByteStorage(copying: bytes)), .float32, shape: shape, at: place)
  }
}
