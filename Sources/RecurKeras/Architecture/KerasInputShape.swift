import RecurContainers
import RecurModel
import RecurTensors

/// The input of a Sequential model that lists none: its shape stands in one of several places.
struct KerasInputShape {
  /// The input, whose shape is still open when no place says it.
  let input: KerasArchitecture.LayerConfig

  /// The input of a model whose first layer is `layer`.
  ///
  /// - Parameters:
  ///   - layer: the first layer.
  ///   - builtWith: the shape of the input that the model was built with.
  init(of layer: KerasArchitecture.LayerConfig, builtWith: JSONValue?) {
    let inner = layer.isDistributed ? nil : layer.nested
    let options = inner?.layers.first?.options ?? layer.options
    let places = [
      Self.declared(options), Self.around(layer), builtWith,
      layer.buildShape.map { .array($0.map { $0.map { .integer($0) } ?? .null }) },
    ]
    var declared = JSONObject()
    let shape = places.lazy.compactMap { $0 }.first { Self.extents($0) != nil }
    if let shape { _ = declared.append("batch_input_shape", shape) }
    // The dtype of an Embedding may be that of its rows, not of its tokens; Double holds both.
    let dtype = options["input_dtype"]?.string ?? options["dtype"]?.string ?? "float32"
    _ = declared.append("dtype", .string(dtype))
    input = KerasArchitecture.LayerConfig(
      className: Input.className, name: "\(layer.name)_input", options: declared,
      location: layer.location, isKeras1: false)
  }

  /// The extents of a shape, of which null is free; nil when it is no shape of one input.
  static func extents(_ value: JSONValue?) -> [Int?]? {
    guard let elements = value?.array, !elements.isEmpty else { return nil }
    var extents: [Int?] = []
    for element in elements {
      guard element.isNull || element.integer != nil else { return nil }
      extents.append(element.integer)
    }
    return extents
  }

  private static func declared(_ options: JSONObject) -> JSONValue? {
    options["batch_input_shape"] ?? options["batch_shape"]
  }

  /// The shape of a wrapper's input by that of the layer inside, which may be the only one declared.
  private static func around(_ layer: KerasArchitecture.LayerConfig) -> JSONValue? {
    guard let inner = layer.inner("layer"), let kerasClass = layer.kerasClass else { return nil }
    guard let shape = declared(inner.options) ?? around(inner) else { return nil }
    return kerasClass.inputAround(shape)
  }
}

extension KerasArchitecture {
  /// Completes inputs without a shape by the arrays of the layers that read them: the rows of a kernel
  /// are the features, and the class says how many axes its input has.
  ///
  /// - Parameters:
  ///   - hasOpenWidths: whether a declared width that is null is one that nobody knows, and not free.
  ///   - arrays: the shapes of the arrays of every layer, by name.
  mutating func completeInputs(hasOpenWidths: Bool = false, _ arrays: (Name) -> [[Int]]) {
    for index in layers.indices where layers[index].kerasClass?.role == .input {
      let declared = layers[index].declaredShape
      guard declared == nil || hasOpenWidths && declared?.last == .some(nil),
        var shape = shape(behind: index, arrays)
      else { continue }
      if let declared {
        guard declared.count == shape.count else { continue }
        for axis in declared.indices { shape[axis] = declared[axis] ?? shape[axis] }
      }
      layers[index].declare(shape)
    }
  }

  /// The layers that read the layer at `index` one after the other, the first reader of each.
  private func readers(behind index: Int) -> [LayerConfig] {
    var result: [LayerConfig] = []
    var last = Name(layers[index].name)
    while result.count < layers.count {
      let readers = layers.filter { $0.calls.contains { $0.inputs.contains { $0.layer == last } } }
      guard let next = readers.first else { break }
      result.append(next)
      last = Name(next.name)
    }
    return result
  }

  /// The shape of what the layers behind an input take.
  private func shape(behind index: Int, _ arrays: (Name) -> [[Int]]) -> [Int?]? {
    var features: Int?
    for layer in readers(behind: index) {
      guard let kerasClass = layer.kerasClass else { return nil }
      features = features ?? kerasClass.inputSize(layer, arrays(Name(layer.name)))
      switch kerasClass.inputAxes {
      case .exactly(let count):
        guard count > 2 else { return [nil, kerasClass.takesTokens ? nil : features] }
        return features.map { [Int?](repeating: nil, count: count - 1) + [$0] }
      case .any: continue
      case .unknown: return nil
      }
    }
    // Nothing asks for timesteps.
    return features.map { [nil, $0] }
  }
}

extension KerasArchitecture.LayerConfig {
  /// The shape that an input declares, of which nil is free; nil when it declares none.
  fileprivate var declaredShape: [Int?]? {
    guard let value = options["batch_input_shape"] ?? options["batch_shape"] else { return nil }
    return KerasInputShape.extents(value) ?? []
  }

  /// Declares the shape of an input.
  fileprivate mutating func declare(_ shape: [Int?]) {
    var options = options
    options.set(
      options["batch_shape"] == nil ? "batch_input_shape" : "batch_shape",
      .array(shape.map { $0.map { .integer($0) } ?? .null }))
    let calls = calls
    self = KerasArchitecture.LayerConfig(
      className: className, name: name, options: options, location: location, isKeras1: false)
    self.calls = calls
  }
}

extension JSONValue {
  /// The value with lists where tf.keras says which type of Python they had: `{"class_name":
  /// "__tuple__", "items": […]}`, or `TensorShape` (keras/saving/saved_model/json_utils.py).
  var withoutPythonTypes: JSONValue {
    switch self {
    case .null, .bool, .integer, .number, .string: return self
    case .array(let elements): return .array(elements.map(\.withoutPythonTypes))
    case .object(let object):
      if let items = object["items"]?.array,
        ["__tuple__", "TensorShape"].contains(object["class_name"]?.string)
      {
        return .array(items.map(\.withoutPythonTypes))
      }
      var copy = JSONObject()
      for member in object.members { _ = copy.append(member.name, member.value.withoutPythonTypes) }
      return .object(copy)
    }
  }
}
