import RecurContainers
import RecurModel
import RecurTensors

// Reading the JSON of a program; members that no release up to 2.13 needs are ignored.
extension ExportedProgram {
  /// The major versions of the schema whose targets and arguments are known.
  private static let versions = 5...8

  /// Reads a program.
  ///
  /// - Throws: `pytorch.program.unsupported` for what this reader does not know, and
  ///   `pytorch.archive.invalid` for what no program has.
  init(_ json: JSONValue, limits: GraphLimits) throws(CheckpointError) {
    guard let module = json["graph_module"], let graph = module["graph"],
      let signature = module["signature"]
    else { throw Self.invalid("the program has no graph") }
    let version = json["schema_version"]
    guard let major = version?["major"]?.integer, Self.versions ~= major else {
      throw Self.unsupported(
        "the program has the schema \(version?["major"]?.text ?? "of no version")",
        expected: "major version \(Self.versions.lowerBound) to \(Self.versions.upperBound)")
    }
    if let release = json["torch_version"]?.string { producer = "PyTorch \(release)" }
    facts.append(("schema", "\(major).\(version?["minor"]?.integer ?? 0)"))
    for member in json["range_constraints"]?.object?.members.prefix(64) ?? [] {
      let range = member.value
      facts.append(
        (
          "extent \(member.name)",
          "\(range["min_val"]?.integer.map(String.init) ?? "?") to "
            + "\(range["max_val"]?.integer.map(String.init) ?? "?")"
        ))
    }
    for guardCode in json["guards_code"]?.array?.prefix(16) ?? [] {
      if let text = guardCode.string { facts.append(("guard", text)) }
    }
    if let custom = graph["custom_obj_values"]?.object, !custom.members.isEmpty {
      throw Self.unsupported(
        "the program has objects of classes of its own: '\(custom.members[0].name)'")
    }
    try readDescriptions(graph)
    try readSignature(signature, graph)
    guard let list = graph["nodes"]?.array else { throw Self.invalid("the graph has no nodes") }
    guard list.count <= limits.nodes else {
      throw CheckpointError(.limitExceeded, "the graph has more than \(limits.nodes) nodes")
    }
    for (index, node) in list.enumerated() {
      nodes.append(
        try locating(object: "node \(index)") { () throws(CheckpointError) in try Self.node(node) })
    }
  }

  static func invalid(_ message: String) -> CheckpointError {
    CheckpointError(.pytorchArchiveInvalid, message)
  }

  static func unsupported(
    _ message: String, at location: Diagnostic.Location = .init(), expected: String? = nil,
    hint: String? = nil
  ) -> CheckpointError {
    CheckpointError(
      .pytorchProgramUnsupported, message, at: location, expected: expected, hint: hint)
  }

  // MARK: values

  private mutating func readDescriptions(_ graph: JSONValue) throws(CheckpointError) {
    for member in graph["tensor_values"]?.object?.members ?? [] {
      guard let number = member.value["dtype"]?.integer,
        let list = member.value["sizes"]?.array, list.count <= 32
      else { throw Self.invalid("the tensor '\(member.name)' is not described") }
      let type = try TorchTypes.elementType(number: number, at: .init(object: member.name))
      guard member.value["layout"]?.integer ?? 7 == 7 else {
        throw Self.unsupported("'\(member.name)' is a sparse tensor")
      }
      var shape: [Dimension] = []
      for size in list { shape.append(Self.size(size)) }
      descriptions[Name(member.name)] = Description(type: type, shape: shape)
    }
    for member in graph["sym_int_values"]?.object?.members ?? [] {
      sizes[Name(member.name)] = Self.size(member.value)
    }
  }

  /// `{"as_int": 3}` or `{"as_expr": {"expr_str": …}}`.
  private static func size(_ value: JSONValue) -> Dimension {
    if let number = value["as_int"]?.integer { return .fixed(number) }
    let text = value["as_expr"]?["expr_str"]?.string ?? "?"
    // What is not understood is an extent like no other.
    return ExportedExtent.parse(text) ?? .free("\(text)")
  }

  // MARK: the signature

  private mutating func readSignature(
    _ signature: JSONValue, _ graph: JSONValue
  ) throws(CheckpointError) {
    guard let specs = signature["input_specs"]?.array, let out = signature["output_specs"]?.array
    else { throw Self.invalid("the program has no signature") }
    for spec in specs { inputs.append(try Self.input(spec)) }
    for spec in out { results.append(try Self.result(spec)) }
  }

  private static func member(
    _ spec: JSONValue, _ what: String
  ) throws(CheckpointError) -> JSONObject.Member {
    guard let members = spec.object?.members, members.count == 1 else {
      throw invalid("\(what) of the program is described by \(spec.kind)")
    }
    return members[0]
  }

  private static func input(_ spec: JSONValue) throws(CheckpointError) -> Input {
    let member = try member(spec, "an input")
    let body = member.value
    func name(_ key: String) throws(CheckpointError) -> String {
      guard let name = body[key]?.string else { throw invalid("an input has no '\(key)'") }
      return name
    }
    let own = body["arg"]?["name"]?.string
    switch member.name {
    case "parameter":
      return Input(name: own ?? "", kind: .weight(try name("parameter_name")))
    case "buffer":
      let isPersistent = body["persistent"]?.bool ?? true
      return Input(
        name: own ?? "", kind: .buffer(try name("buffer_name"), isPersistent: isPersistent))
    case "tensor_constant":
      return Input(name: own ?? "", kind: .constant(try name("tensor_constant_name")))
    case "user_input":
      guard let tensor = body["arg"]?["as_tensor"]?["name"]?.string else {
        return Input(name: "", kind: .fixed)
      }
      return Input(name: tensor, kind: .argument)
    case "constant_input": return Input(name: "", kind: .fixed)
    default:
      throw unsupported("an input of the program is of the kind '\(member.name)'")
    }
  }

  private static func result(_ spec: JSONValue) throws(CheckpointError) -> Result {
    let member = try member(spec, "an output")
    switch member.name {
    case "user_output":
      guard let argument = member.value["arg"] else { throw invalid("an output has no value") }
      return .output(try self.argument(argument))
    case "buffer_mutation":
      guard let value = member.value["arg"]?["name"]?.string,
        let buffer = member.value["buffer_name"]?.string
      else { throw invalid("a mutated buffer has no name") }
      return .buffer(name: buffer, value: value)
    case "user_input_mutation":
      throw unsupported(
        "the program changes its input '\(member.value["user_input_name"]?.string ?? "")'")
    default:
      throw unsupported("an output of the program is of the kind '\(member.name)'")
    }
  }

  // MARK: nodes

  private static func node(_ json: JSONValue) throws(CheckpointError) -> Node {
    guard let target = json["target"]?.string, let list = json["inputs"]?.array else {
      throw invalid("a node has no target")
    }
    var arguments: [(name: String, value: Argument)] = []
    for input in list {
      guard let name = input["name"]?.string, let value = input["arg"] else {
        throw invalid("an argument of '\(target)' has no name")
      }
      arguments.append((name, try argument(value)))
    }
    var outputs: [Output] = []
    for output in json["outputs"]?.array ?? [] { outputs.append(try self.output(output)) }
    return Node(
      target: target, arguments: arguments, outputs: outputs,
      module: module(json["metadata"]?["nn_module_stack"]?.string ?? ""))
  }

  private static func output(_ json: JSONValue) throws(CheckpointError) -> Output {
    if let name = json["as_tensor"]?["name"]?.string { return .one(name) }
    if let list = json["as_tensors"]?.array {
      let names = list.compactMap { $0["name"]?.string }
      guard names.count == list.count else { throw invalid("a result of a list has no name") }
      return .list(names)
    }
    for kind in ["as_sym_int", "as_sym_bool", "as_sym_float"] {
      if let name = json[kind]?["as_name"]?.string { return .one(name) }
    }
    return .nothing
  }

  /// The innermost module in `KEY,path,class;KEY,path,class`.
  private static func module(_ stack: String) -> String {
    guard let last = stack.split(separator: ";").last else { return "" }
    let parts = last.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].hasPrefix("_empty") else { return "" }
    return String(parts[1])
  }

  private static func argument(
    _ json: JSONValue, depth: Int = 0
  ) throws(CheckpointError) -> Argument {
    guard let members = json.object?.members, members.count == 1, depth < 4 else {
      throw invalid("an argument is described by \(json.kind)")
    }
    let (kind, value) = (members[0].name, members[0].value)
    func list(_ read: (JSONValue) throws(CheckpointError) -> Argument) throws(CheckpointError)
      -> Argument
    {
      guard let elements = value.array else { throw invalid("'\(kind)' is no list") }
      var result: [Argument] = []
      for element in elements { result.append(try read(element)) }
      return .list(result)
    }
    switch kind {
    case "as_tensor": return try named(value)
    case "as_tensors": return try list(named)
    case "as_optional_tensors":
      return try list { element throws(CheckpointError) in
        try argument(element, depth: depth + 1)
      }
    case "as_int", "as_float", "as_bool", "as_string": return .constant(try plain(value))
    case "as_ints", "as_floats", "as_bools", "as_strings":
      return try list { element throws(CheckpointError) in .constant(try plain(element)) }
    case "as_sym_int", "as_sym_float", "as_sym_bool": return try symbolic(value)
    case "as_sym_ints", "as_sym_floats", "as_sym_bools": return try list(symbolic)
    case "as_none": return .constant(.nothing)
    case "as_scalar_type":
      return .constant(
        .type(try TorchTypes.elementType(number: value.integer ?? -1, at: .init())))
    // Where and how values lie in memory changes no number.
    case "as_device": return .constant(.nothing)
    case "as_layout" where value.integer == 7: return .constant(.nothing)
    case "as_memory_format" where [1, 4].contains(value.integer): return .constant(.nothing)
    default: throw unsupported("an argument is of the kind '\(kind)'")
    }
  }

  private static func named(_ value: JSONValue) throws(CheckpointError) -> Argument {
    guard let name = value["name"]?.string else { throw invalid("a tensor has no name") }
    return .name(name)
  }

  private static func symbolic(_ value: JSONValue) throws(CheckpointError) -> Argument {
    if let name = value["as_name"]?.string { return .name(name) }
    guard let member = value.object?.members.first else { throw invalid("a size is \(value.kind)") }
    return .constant(try plain(member.value))
  }

  private static func plain(_ value: JSONValue) throws(CheckpointError) -> GraphValue {
    switch value {
    case .bool(let flag): return .flag(flag)
    case .integer(let number): return .integer(number)
    case .number(let number): return .number(number)
    // Numbers that JSON has no words for.
    case .string("Infinity"): return .number(.infinity)
    case .string("-Infinity"): return .number(-.infinity)
    case .string("NaN"): return .number(.nan)
    case .string(let text): return .text(text)
    case .null: return .nothing
    case .array, .object: throw invalid("a number is \(value.kind)")
    }
  }
}

extension Diagnostic.Code {
  /// A part of an exported program that is not known.
  static let pytorchProgramUnsupported = Self(rawValue: "pytorch.program.unsupported")
}
