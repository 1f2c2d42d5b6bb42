import RecurModel
import RecurTensors

/// The type in which torch computes a value.
enum PyTorchType: String {
  case float32 = "torch.float32"
  case float64 = "torch.float64"
  case integer = "torch.int64"
  case boolean = "torch.bool"

  var isFloatingPoint: Bool { self == .float32 || self == .float64 }

  /// The type of floating-point numbers.
  ///
  /// Generated code computes 16-bit layers in float32, and the report says so.
  init(floating type: ElementType) { self = type == .float64 ? .float64 : .float32 }

  init(_ type: ElementType) {
    self =
      type == .bool
      ? .boolean : type.isFloatingPoint ? PyTorchType(floating: type) : .integer
  }
}

/// The type of every value of a model in generated code.
struct PyTorchValueTypes {
  private var types: [Name: PyTorchType] = [:]
  private var masks: Set<Name> = []

  init(_ model: Model) {
    for node in model.nodes {
      let inputs = node.inputs.map { self[$0] }
      types[Name(node.name)] = Self.type(of: node, inputs)
      if node.layer.ports.makesMask { masks.insert(Name(node.name)) }
    }
  }

  subscript(value: Model.Value) -> PyTorchType {
    if value.output > 0, masks.contains(Name(value.node)) { return .boolean }
    return types[Name(value.node)] ?? .float32
  }

  /// The type of a node's first output, by the types of its inputs.
  private static func type(of node: Model.Node, _ inputs: [PyTorchType]) -> PyTorchType {
    let own = PyTorchType(floating: node.precision)
    let isFloatingPoint = inputs.contains(where: \.isFloatingPoint)
    switch node.layer.traits.outputType {
    case .declared(let type): return PyTorchType(type)
    case .ofInput: return inputs.first ?? own
    case .floatingPoint: return own
    case .joined:
      return isFloatingPoint ? own : Set(inputs).count == 1 ? inputs[0] : .integer
    case .arithmetic: return isFloatingPoint ? own : .integer
    case .boolean: return .boolean
    }
  }
}
