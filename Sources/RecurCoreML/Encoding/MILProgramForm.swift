import RecurContainers
import RecurModel
import RecurTensors

/// A program as it is written (coremltools, mlmodel/format/MIL.proto).
struct MILProgramForm: Sendable {
  var inputs: [MILWritten]
  var outputs: [MILWritten]
  var operations: [MILOperationForm]
  var weights: [MILWeightForm]
  var metadata: [(name: String, value: String)]
  /// Whether a number of the model was computed anew and rounded.
  var isRounded: Bool
  /// Whether an operation computes in 16 bits, which recurrent ones do from version 8 on.
  var isHalf: Bool

  /// The largest extent of a free first axis, and of another free axis.
  static let largestBatch = 256
  static let largestExtent = 16_384
  /// The extent of a free axis that is no batch in the shape that stands for all others.
  private static let usualExtent = 16

  /// The version of the specification, and the set of operations that belongs to it.
  private var version: Int { isHalf ? 8 : 7 }
  private var operationSet: String { isHalf ? "CoreML7" : "CoreML6" }

  /// The model's file; `places` are those of arrays in the file of weights, by the names of constants.
  func message(_ places: [String: Int]) -> ProtobufMessage {
    var block = ProtobufMessage()
    for output in outputs { block.text(2, output.name) }
    for operation in operations { block.message(3, operation.message(places)) }
    var entry = ProtobufMessage()
    entry.text(1, operationSet)
    entry.message(2, block)
    var function = ProtobufMessage()
    for input in inputs { function.message(1, input.message) }
    function.text(2, operationSet)
    function.message(3, entry)
    var named = ProtobufMessage()
    named.text(1, "main")
    named.message(2, function)
    var program = ProtobufMessage()
    program.integer(1, 1)
    program.message(2, named)
    var model = ProtobufMessage()
    model.integer(1, version)
    model.message(2, description)
    model.message(502, program)
    return model
  }

  /// `ModelDescription`.
  private var description: ProtobufMessage {
    var message = ProtobufMessage()
    for input in inputs { message.message(1, input.port(isInput: true)) }
    for output in outputs { message.message(10, output.port(isInput: false)) }
    guard !metadata.isEmpty else { return message }
    var own = ProtobufMessage()
    let fields = ["description": 1, "version": 2, "author": 3, "license": 4]
    for entry in metadata {
      if let field = fields[entry.name] {
        own.text(field, entry.value)
      } else {
        var pair = ProtobufMessage()
        pair.text(1, entry.name)
        pair.text(2, entry.value)
        own.message(100, pair)
      }
    }
    message.message(100, own)
    return message
  }

  /// The extents with which a free shape is written.
  fileprivate static func usual(_ shape: [Dimension]) -> [Int] {
    shape.enumerated().map { axis, extent in
      extent.value ?? (axis == 0 ? 1 : usualExtent)
    }
  }
}

extension MILWritten {
  /// `NamedValueType`.
  fileprivate var message: ProtobufMessage {
    var message = ProtobufMessage()
    message.text(1, name)
    message.message(2, Self.type(MILType.number(of: type), shape))
    return message
  }

  /// `ValueType` of an array.
  fileprivate static func type(_ number: Int, _ shape: [Dimension]) -> ProtobufMessage {
    var tensor = ProtobufMessage()
    tensor.integer(1, number)
    if !shape.isEmpty { tensor.integer(2, shape.count) }
    for extent in shape {
      var dimension = ProtobufMessage()
      if let size = extent.value {
        var constant = ProtobufMessage()
        constant.integer(1, size)
        dimension.message(1, constant)
      } else {
        dimension.message(2, ProtobufMessage())
      }
      tensor.message(3, dimension)
    }
    var message = ProtobufMessage()
    message.message(1, tensor)
    return message
  }

  /// `FeatureDescription`; an output of free extents has no shape.
  fileprivate func port(isInput: Bool) -> ProtobufMessage {
    var array = ProtobufMessage()
    let isFree = shape.contains { $0.value == nil }
    if isInput || !isFree {
      array.packed(1, MILProgramForm.usual(shape))
    }
    array.integer(2, CoreMLPort.elementTypes.first { $0.value == type }?.key ?? 0)
    if isInput, isFree {
      var ranges = ProtobufMessage()
      for (axis, extent) in shape.enumerated() {
        var range = ProtobufMessage()
        range.integer(1, extent.value ?? 1)
        range.integer(
          2,
          extent.value
            ?? (axis == 0 ? MILProgramForm.largestBatch : MILProgramForm.largestExtent))
        ranges.message(1, range)
      }
      array.message(31, ranges)
    }
    var kind = ProtobufMessage()
    kind.message(5, array)
    var message = ProtobufMessage()
    message.text(1, name)
    message.message(3, kind)
    return message
  }
}

extension MILOperationForm {
  /// `Operation`.
  fileprivate func message(_ places: [String: Int]) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.text(1, type)
    for argument in arguments {
      var list = ProtobufMessage()
      for value in argument.values {
        var binding = ProtobufMessage()
        binding.text(1, value)
        list.message(1, binding)
      }
      var entry = ProtobufMessage()
      entry.text(1, argument.name)
      entry.message(2, list)
      message.message(2, entry)
    }
    for output in outputs {
      guard let constant, constant.type == nil else {
        message.message(3, output.message)
        continue
      }
      var port = ProtobufMessage()
      port.text(1, output.name)
      port.message(2, MILWritten.type(2, []))
      message.message(3, port)
    }
    for block in blocks { message.message(4, block.message(places)) }
    message.message(
      5,
      Self.entry("name", MILConstantForm(type: nil, shape: [], content: .text(name)).message(nil)))
    if let constant {
      message.message(5, Self.entry("val", constant.message(places[name])))
    }
    return message
  }

  private static func entry(_ name: String, _ value: ProtobufMessage) -> ProtobufMessage {
    var entry = ProtobufMessage()
    entry.text(1, name)
    entry.message(2, value)
    return entry
  }
}

extension MILBlockForm {
  /// `Block`.
  fileprivate func message(_ places: [String: Int]) -> ProtobufMessage {
    var message = ProtobufMessage()
    for input in inputs { message.message(1, input.message) }
    for output in outputs { message.text(2, output) }
    for operation in operations { message.message(3, operation.message(places)) }
    return message
  }
}

extension MILConstantForm {
  /// `Value`; `place` is that in the file of weights.
  fileprivate func message(_ place: Int?) -> ProtobufMessage {
    var message = ProtobufMessage()
    let number = type.map { MILType.number(of: $0) } ?? 2
    message.message(2, MILWritten.type(number, shape.map { .fixed($0) }))
    if let place {
      var blob = ProtobufMessage()
      blob.text(1, "\(WeightFiles.prefix)\(CoreMLPackage.weights)")
      blob.integer(2, place)
      message.message(5, blob)
      return message
    }
    var (list, field) = (ProtobufMessage(), 7)
    switch content {
    case .text(let text):
      list.text(1, text)
      field = 4
    case .ints(let numbers):
      list.packed(1, numbers)
      field = 2
    case .flags(let flags):
      list.packed(1, flags.map { $0 ? 1 : 0 })
      field = 3
    case .bytes(let bytes):
      list.bytes(1, bytes)
      field = type == .float32 ? 1 : 7
    case .tensor(let tensor):
      list.elements(1, tensor)
      field = type == .float32 ? 1 : 7
    }
    var tensor = ProtobufMessage()
    tensor.message(field, list)
    var immediate = ProtobufMessage()
    immediate.message(1, tensor)
    message.message(3, immediate)
    return message
  }
}
