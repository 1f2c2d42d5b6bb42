import RecurContainers
import RecurModel
import RecurTensors

/// An input or an output of the graph that is written.
struct ONNXPortForm: Sendable {
  var name: String
  var type: ElementType
  var shape: [Dimension]
}

/// A model as it is written (onnx/onnx.proto).
struct ONNXModelForm: Sendable {
  var name: String
  var operatorSet: Int
  var nodes: [ONNXNodeForm]
  var weights: [ONNXWeightForm]
  var inputs: [ONNXPortForm]
  var outputs: [ONNXPortForm]
  var metadata: [(name: String, value: String)]

  /// The version of the file format that belongs to a version of the operators
  /// (onnx/helper.py, `VERSION_TABLE`).
  private var version: Int {
    switch operatorSet {
    case ..<15: 7
    case 15...18: 8
    case 19...20: 9
    case 21...22: 10
    case 23: 11
    case 24: 12
    default: 13
    }
  }

  /// The file; `data` names the file that holds the elements of large tensors, and nil says that the model holds
  /// all.
  func message(data: ONNXDataForm? = nil) -> ProtobufMessage {
    var graph = ProtobufMessage()
    for node in nodes { graph.message(1, node.message) }
    graph.text(2, name)
    for (index, weight) in weights.enumerated() {
      graph.message(5, weight.message(data?.places[index], in: data?.name ?? ""))
    }
    for input in inputs { graph.message(11, input.message) }
    for output in outputs { graph.message(12, output.message) }
    var model = ProtobufMessage()
    model.integer(1, version)
    model.text(2, "recur")
    model.message(7, graph)
    var set = ProtobufMessage()
    set.text(1, "")
    set.integer(2, operatorSet)
    model.message(8, set)
    for entry in metadata { model.message(14, Self.entry(entry.name, entry.value)) }
    return model
  }

  /// A name and a value.
  static func entry(_ name: String, _ value: String) -> ProtobufMessage {
    var entry = ProtobufMessage()
    entry.text(1, name)
    entry.text(2, value)
    return entry
  }
}

extension ONNXNodeForm {
  /// `NodeProto`.
  fileprivate var message: ProtobufMessage {
    var message = ProtobufMessage()
    for input in inputs { message.text(1, input) }
    for output in outputs { message.text(2, output) }
    message.text(3, name)
    message.text(4, type)
    for attribute in attributes { message.message(5, attribute.message) }
    return message
  }
}

extension ONNXAttributeForm {
  /// `AttributeProto`.
  fileprivate var message: ProtobufMessage {
    var message = ProtobufMessage()
    let kind: Int
    switch self {
    case .float(let name, let value):
      message.text(1, name)
      message.float(2, Float(value))
      kind = 1
    case .integer(let name, let value):
      message.text(1, name)
      message.integer(3, value)
      kind = 2
    case .text(let name, let value):
      message.text(1, name)
      message.text(4, value)
      kind = 3
    case .floats(let name, let values):
      message.text(1, name)
      for value in values { message.float(7, Float(value)) }
      kind = 6
    case .integers(let name, let values):
      message.text(1, name)
      for value in values { message.integer(8, value) }
      kind = 7
    case .texts(let name, let values):
      message.text(1, name)
      for value in values { message.text(9, value) }
      kind = 8
    }
    message.integer(20, kind)
    return message
  }
}

extension ONNXWeightForm {
  /// `TensorProto`, with its elements or with their place in another file.
  fileprivate func message(_ place: ONNXDataForm.Place?, in file: String) -> ProtobufMessage {
    var message = ProtobufMessage()
    for extent in shape { message.integer(1, extent) }
    message.integer(2, ONNXTensor.number(of: type))
    message.text(8, name)
    if let place {
      message.message(13, ONNXModelForm.entry("location", file))
      message.message(13, ONNXModelForm.entry("offset", "\(place.offset)"))
      message.message(13, ONNXModelForm.entry("length", "\(place.length)"))
      message.integer(14, 1)
      return message
    }
    switch content {
    case .tensor(let tensor): message.elements(9, tensor)
    case .bytes(let bytes): message.bytes(9, bytes)
    }
    return message
  }
}

extension ONNXPortForm {
  /// `ValueInfoProto`.
  fileprivate var message: ProtobufMessage {
    var extents = ProtobufMessage()
    for extent in shape {
      var own = ProtobufMessage()
      switch extent {
      case .fixed(let value): own.integer(1, value)
      case .free(let formula): own.text(2, formula.description)
      }
      extents.message(1, own)
    }
    var tensor = ProtobufMessage()
    tensor.integer(1, ONNXTensor.number(of: type))
    tensor.message(2, extents)
    var kind = ProtobufMessage()
    kind.message(1, tensor)
    var message = ProtobufMessage()
    message.text(1, name)
    message.message(2, kind)
    return message
  }
}
