import RecurModel
import RecurTensors

// Functions and classes of libraries, by their full names.
extension SourceInterpreter {
  mutating func call(
    library name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    if let result = try dialect?.call(library: name, given, &self) { return result }
    if name.hasPrefix("builtins.") {
      return try call(builtin: String(name.dropFirst(9)), given)
    }
    if let result = try call(number: name, given) { return result }
    let last = name.split(separator: ".").last.map(String.init) ?? name
    if name.hasPrefix("torch.nn.init.") || name.hasPrefix("nn.init.") {
      if case .plain(let array)? = given.positional.first { unknownNumbers.insert(array) }
      return given.positional.first ?? .none
    }
    switch name {
    case "torch.nn.Parameter", "torch.nn.parameter.Parameter":
      let value = given.value("data", at: 0) ?? .none
      return .bound(value, "nn.Parameter")
    case "torch.autograd.Variable", "torch.autograd.variable.Variable":
      return given.positional.first ?? .none
    case "torch.nn.utils.weight_norm", "torch.nn.utils.parametrizations.weight_norm",
      "torch.jit.script", "torch.compile", "copy.deepcopy", "copy.copy", "torch.nn.DataParallel":
      return try copied(name, given.positional.first ?? .none)
    case "collections.OrderedDict", "typing.OrderedDict": return try ordered(given)
    case "dataclasses.field", "pydantic.Field":
      if let value = given.value("default", at: 0) { return value }
      if let factory = given.value("default_factory") { return try call(factory, .init()) }
      return .none
    case "argparse.ArgumentParser": return try parser()
    case "torch.cuda.is_available", "torch.backends.mps.is_available", "torch.is_grad_enabled",
      "torch.jit.is_scripting", "torch.jit.is_tracing", "torch.onnx.is_in_onnx_export":
      return .flag(false)
    case "torch.device": return .text("cpu")
    case "torch.finfo", "numpy.finfo": return unknown("the bounds of a type")
    case "torch.no_grad", "torch.inference_mode", "torch.set_grad_enabled",
      "torch.cuda.amp.autocast", "torch.autocast", "torch.manual_seed", "warnings.warn",
      "torch.enable_grad", "torch.autograd.set_detect_anomaly", "time.time",
      "torch._assert", "torch.cuda.empty_cache":
      return .none
    default: break
    }
    if name.contains("rnn.pack_padded_sequence") || name.hasSuffix(".pack_padded_sequence") {
      return try pack(given)
    }
    if name.hasSuffix(".pad_packed_sequence") { return try unpack(given) }
    if name.hasPrefix("logging.") || name.hasPrefix("logger.") { return .none }
    if let own = SourceProvided.className(name), files.givenCount < files.trees.count,
      let provided = scope(of: files.givenCount).values[own]
    {
      return try call(provided, given)
    }
    if let kind = SourceModules.kind(name) {
      guard !isLenient else {
        return .instance(
          SourceConstruction(type: nil, library: name, arguments: given, place: position))
      }
      let object = SourceObject(type: nil, kind: kind, place: position)
      try construct(object, kind, given)
      return .object(object)
    }
    if name.hasPrefix("torch.Tensor.") {
      return try call(
        array: settled(given.positional.first ?? .none).array ?? .nothing, last,
        SourceArguments(positional: Array(given.positional.dropFirst()), keywords: given.keywords))
    }
    let isFunction =
      name.hasPrefix("torch.") && !name.hasPrefix("torch.nn.")
      || name.hasPrefix("torch.nn.functional.")
    if isFunction, !isLenient {
      if given.value("inplace")?.flag == true, let x = given.positional.first,
        let array = try settled(x).array
      {
        let result = try call(torch: last, given)
        try change(array)
        return result
      }
      if last.hasSuffix("_"), GraphFunctions.parameters(last) == nil,
        let x = given.positional.first, let array = try settled(x).array
      {
        let result = try call(torch: String(last.dropLast()), given)
        if phase == .forward { try change(array) } else { unknownNumbers.insert(array) }
        return result
      }
      if phase == .construction, !isKnownFunction(last) { return unknown("'\(name)' is not known") }
      return try call(torch: last, given)
    }
    return unknown("'\(name)' is not known")
  }

  private func isKnownFunction(_ name: String) -> Bool {
    GraphFunctions.parameters(name) != nil || SourceNumbers.unary(name) != nil
      || [
        "prod",
        "tensor", "Tensor", "FloatTensor", "LongTensor", "rand", "randn", "empty", "arange",
        "linspace", "eye", "triu", "tril", "as_tensor", "from_numpy",
      ].contains(name)
  }

  private func copied(_ name: String, _ value: SourceValue) throws(SourceStop) -> SourceValue {
    guard name.hasPrefix("copy."), case .object(let object) = value else { return value }
    return .object(copied(object, depth: 0))
  }

  private func copied(_ object: SourceObject, depth: Int) -> SourceObject {
    let copy = SourceObject(type: object.type, kind: object.kind, place: object.place)
    func value(_ value: SourceValue) -> SourceValue {
      if case .object(let inner) = value, depth < 20 {
        return .object(copied(inner, depth: depth + 1))
      }
      return value
    }
    for name in object.attributeOrder { copy[name] = object[name].map(value) }
    copy.children = object.children.map { ($0.name, value($0.value)) }
    copy.tensors = object.tensors
    return copy
  }

  private mutating func ordered(_ given: SourceArguments) throws(SourceStop) -> SourceValue {
    let result = SourceDictionary()
    if let first = given.positional.first {
      if case .dictionary = first { return first }
      for entry in try elements(first) {
        let pair = try elements(entry)
        guard pair.count == 2 else { throw problem("an entry of a dictionary is no pair") }
        result[try key(pair[0])] = pair[1]
      }
    }
    for keyword in given.keywords { result[.text(keyword.name)] = keyword.value }
    return .dictionary(result)
  }

  // MARK: packed sequences

  private mutating func pack(_ given: SourceArguments) throws(SourceStop) -> SourceValue {
    let isBatchFirst = given.value("batch_first", at: 2)?.flag ?? false
    var x = try operand(given, "input", at: 0)
    if !isBatchFirst {
      if try extents(x).first == .free("batch"), let input = batchInput() {
        throw .learned(.timeMajor(input))
      }
      x = try graph { [x] builder throws(CheckpointError) in try builder.transposed(x, 0, 1) }
    }
    guard let lengths = given.value("lengths", at: 1) else {
      throw problem("a sequence is packed without lengths")
    }
    let array: GraphValue
    if case .argument(let name) = lengths {
      array = try input(name, .lengths)
    } else if let own = lengths.array {
      array = own
    } else {
      throw problem(lengths.unknown?.reason ?? "the lengths are \(lengths.title), not an array")
    }
    return .packed(SourcePacked(data: x, lengths: array))
  }

  private mutating func unpack(_ given: SourceArguments) throws(SourceStop) -> SourceValue {
    guard case .packed(let packed)? = given.value("sequence", at: 0) else {
      throw problem("pad_packed_sequence is called with something that is not packed")
    }
    let isBatchFirst = given.value("batch_first", at: 1)?.flag ?? false
    let value = given.value("padding_value", at: 2)?.plain?.double ?? 0
    guard value == 0 else { throw problem("padding with \(value) is not supported") }
    var data = packed.data
    if !isBatchFirst {
      data = try graph { [data] builder throws(CheckpointError) in
        try builder.transposed(data, 0, 1)
      }
    }
    return .tuple([.plain(data), .plain(packed.lengths)])
  }

  // MARK: numbers

  private mutating func call(
    number name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue? {
    guard name.hasPrefix("math.") || name.hasPrefix("numpy.") || name.hasPrefix("np.") else {
      return nil
    }
    let last = name.split(separator: ".").last.map(String.init) ?? name
    let first = given.positional.first ?? .none
    if last == "prod" {
      var product = Dimension.fixed(1)
      for element in try elements(first) {
        guard let size = element.dimension else { return unknown("a product of unknown numbers") }
        product = product.times(size)
      }
      return .plain(.size(product))
    }
    if ["ceil", "floor"].contains(last), first.integer != nil { return first }
    guard let function = SourceBuiltins.function(last) else { return nil }
    guard let number = first.plain?.double else { return unknown("'\(name)' of an unknown number") }
    let result = function(number)
    if ["ceil", "floor"].contains(last), result.magnitude < 0x1p53 { return .integer(Int(result)) }
    return .plain(.number(result))
  }

  // MARK: argparse

  /// An argument parser: an object that remembers defaults.
  private func parser() throws(SourceStop) -> SourceValue {
    let object = SourceObject(type: nil, kind: nil, place: position)
    return .bound(.object(object), "argparse")
  }
}
