import RecurContainers
import RecurTensors

/// One application of an operator (`NodeProto`).
struct ONNXNode: Sendable {
  /// The name; often empty.
  var name = ""
  /// The operator.
  var type = ""
  /// The domain of the operator; empty for ONNX' own.
  var domain = ""
  /// The names of the values that it reads; empty for one that is left out.
  var inputs: [String] = []
  /// The names of its results; empty for one that is not used.
  var outputs: [String] = []
  /// The attributes.
  var attributes: [ONNXAttribute] = []
  /// The modules around the operator, as torch's exporter names them.
  var scopes: String?
  var location: Diagnostic.Location

  init(
    _ bytes: ByteRegion, depth: Int, _ budget: inout ProtobufBudget
  ) throws(CheckpointError) {
    try budget.take(4, at: bytes.location)
    location = bytes.location
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: inputs.append(try budget.name(field))
      case 2: outputs.append(try budget.name(field))
      case 3: name = try field.text()
      case 4: type = try field.text()
      case 5: attributes.append(try ONNXAttribute(field.bytes(), depth: depth, &budget))
      case 7:
        domain = try field.text()
        if domain == "ai.onnx" { domain = "" }
      case 9:
        let entry = try ONNXModel.entry(field.bytes())
        if entry.name == "pkg.torch.onnx.name_scopes", entry.value.utf8.count < 4_096 {
          scopes = entry.value
        }
      default: continue
      }
    }
    location.object = (name.isEmpty ? outputs.first ?? "" : name) + ", " + type
  }

  /// The operator as messages name it: `com.microsoft.Gelu`.
  var title: String { domain.isEmpty ? type : "\(domain).\(type)" }

  /// The attribute of this name; nil when there is none.
  func attribute(_ name: String) -> ONNXAttribute.Value? {
    attributes.first { $0.name == name }?.value
  }
}

/// A name and a value of a node (`AttributeProto`).
struct ONNXAttribute: Sendable {
  /// A value.
  enum Value: Sendable {
    case float(Double)
    case integer(Int)
    case text(String)
    case tensor(ONNXTensor)
    case graph(ONNXGraph)
    case floats([Double])
    case integers([Int])
    case texts([String])
    /// The attribute of the function in which the node stands.
    case reference(String)
    /// Something that no operator here takes.
    case other
  }

  var name = ""
  var value = Value.other

  init(
    _ bytes: ByteRegion, depth: Int, _ budget: inout ProtobufBudget
  ) throws(CheckpointError) {
    try budget.take(1, at: bytes.location)
    var reader = ProtobufReader(bytes)
    var declared: Int?
    var (floats, integers, texts): ([Double], [Int], [String]) = ([], [], [])
    var single: Value?
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.text()
      case 2: single = .float(try field.float())
      case 3: single = .integer(try field.integer())
      case 4:
        let bytes = try field.bytes()
        single = bytes.count <= 1 << 16 ? bytes.text().map { .text($0) } ?? .other : .other
      case 5: single = .tensor(try ONNXTensor(field.bytes(), &budget))
      case 6: single = .graph(try ONNXGraph(field.bytes(), depth: depth + 1, &budget))
      case 7:
        let numbers = try field.fixedNumbers(width: 4)
        try budget.take(numbers.count / 4, at: field.location)
        for offset in stride(from: 0, to: numbers.count, by: 4) {
          floats.append(Double(Float(bitPattern: try numbers.integer(UInt32.self, at: offset))))
        }
      case 8:
        try field.integers { (number) throws(CheckpointError) in
          try budget.take(1, at: field.location)
          integers.append(number)
        }
      case 9: texts.append(try budget.name(field))
      case 20: declared = try field.integer()
      case 21:
        let reference = try field.text()
        if !reference.isEmpty { single = .reference(reference) }
      case 10, 11, 14, 15, 22, 23: single = .other
      default: continue
      }
    }
    switch declared {
    case 6: value = .floats(floats)
    case 7: value = .integers(integers)
    case 8: value = .texts(texts)
    default:
      // Writers leave out a number that is 0; files of version 1 have no declared type.
      value =
        single
        ?? (declared == 1
          ? .float(0)
          : declared == 2
            ? .integer(0)
            : declared == 3
              ? .text("")
              : !floats.isEmpty
                ? .floats(floats)
                : !integers.isEmpty
                  ? .integers(integers) : !texts.isEmpty ? .texts(texts) : .other)
    }
    if case .reference? = single { value = single ?? .other }
  }
}
