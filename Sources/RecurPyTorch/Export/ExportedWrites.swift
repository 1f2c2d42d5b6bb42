import RecurModel
import RecurTensors

/// Which nodes of a program change values in place, and which buffers they write.
struct ExportedWrites {
  /// What a node does besides computing its result.
  enum Effect {
    case none
    /// It writes a buffer.
    case write
    /// It changes a value that nothing reads afterwards; the operator without the change.
    case inPlace(String)
  }

  /// The buffers that are written, by the names of their values.
  private(set) var buffers: Set<Name> = []
  private var effects: [Int: Effect] = [:]
  private var readNames: Set<Name> = []

  /// - Throws: `pytorch.program.unsupported` for a change of a value that is read afterwards.
  init(_ program: ExportedProgram) throws(CheckpointError) {
    var owners: [Name: Name] = [:]
    func owner(_ name: Name) -> Name {
      var result = name
      while let next = owners[result] { result = next }
      return result
    }
    // The last node that reads a value or a view of it.
    var reads: [Name: Int] = [:]
    for (index, node) in program.nodes.enumerated() {
      if node.sharesMemory, let source = node.firstName {
        let memory = owner(Name(source))
        for output in node.outputNames where owner(Name(output)) != memory {
          owners[Name(output)] = memory
        }
      }
      for name in node.readNames {
        reads[owner(Name(name))] = index
        readNames.insert(Name(name))
      }
    }
    for result in program.results {
      switch result {
      case .output(let argument):
        for name in argument.names {
          reads[owner(Name(name))] = program.nodes.count
          readNames.insert(Name(name))
        }
      case .buffer(_, let value):
        reads[owner(Name(value))] = program.nodes.count
        readNames.insert(Name(value))
      }
    }
    let inputs = Dictionary(
      program.inputs.map { (Name($0.name), $0.kind) }, uniquingKeysWith: { one, _ in one })
    for (index, node) in program.nodes.enumerated() {
      guard let function = node.functionOfChange, let target = node.firstName else { continue }
      let memory = owner(Name(target))
      if case .buffer? = inputs[memory], function.hasPrefix("torch.ops.aten.copy.") {
        buffers.insert(memory)
        effects[index] = .write
        continue
      }
      guard inputs[memory] == nil, reads[memory] ?? 0 <= index else {
        throw CheckpointError(
          .pytorchProgramUnsupported,
          "'\(node.target)' changes '\(target)' in place, which "
            + (inputs[memory] == nil ? "is read afterwards" : "belongs to the program's caller"),
          at: .init(object: node.firstOutput ?? node.target),
          hint: "export a program that does not change its values in place")
      }
      effects[index] = .inPlace(function)
    }
  }

  /// Whether a node or a result reads a value.
  func isRead(_ name: Name) -> Bool { readNames.contains(name) }

  /// The effect of a node.
  func effect(of node: Int) -> Effect { effects[node] ?? .none }
}

extension ExportedProgram.Node {
  /// Operators whose result is a view of their first argument, or may be one.
  private static let views: Set = [
    "slice", "select", "alias", "view", "reshape", "transpose", "permute", "unsqueeze", "squeeze",
    "expand", "detach", "t", "narrow", "split", "split_with_sizes", "chunk", "unbind", "flatten",
    "unflatten", "contiguous", "to", "view_as", "expand_as", "_unsafe_view", "dropout",
  ]

  private var words: [Substring] {
    target.hasPrefix("torch.ops.aten.")
      ? target.dropFirst("torch.ops.aten.".count).split(separator: ".") : []
  }

  /// Whether the result shares memory with the first argument.
  var sharesMemory: Bool { words.first.map { Self.views.contains(String($0)) } ?? false }

  /// For an operator that changes its first argument, the operator that does not; nil for others.
  var functionOfChange: String? {
    guard let name = words.first, name.hasSuffix("_"), !name.hasSuffix("__"), name != "detach_"
    else { return nil }
    return "torch.ops.aten." + ([name.dropLast()] + words.dropFirst()).joined(separator: ".")
  }

  /// The names of all results.
  var outputNames: [String] {
    outputs.flatMap { output in
      switch output {
      case .one(let name): [name]
      case .list(let names): names
      case .nothing: [String]()
      }
    }
  }

  /// The names of all values that the node reads.
  var readNames: [String] { arguments.flatMap { $0.value.names } }

  /// The name of the first argument.
  var firstName: String? {
    guard case .name(let name)? = arguments.first?.value else { return nil }
    return name
  }
}

extension ExportedProgram.Argument {
  /// The names of values in the argument.
  var names: [String] {
    switch self {
    case .name(let name): [name]
    case .constant: []
    case .list(let elements): elements.flatMap(\.names)
    }
  }
}
