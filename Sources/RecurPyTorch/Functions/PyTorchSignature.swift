/// The parameters of a torch function, read from the words of torch's documentation:
/// `max_pool1d(self, kernel_size, stride=None, padding=0)`.
///
/// `*sizes` takes all further positional arguments, or one list.
struct PyTorchSignature: Sendable {
  /// One parameter.
  struct Parameter: Sendable {
    /// Its name.
    var name: String
    /// The value that is used when none is given; nil for a parameter that has to be given.
    var standard: PyTorchArgument?
    /// Whether it takes all further positional arguments.
    var isRest = false
  }

  /// The name of the function.
  let name: String
  /// Its parameters, in order.
  let parameters: [Parameter]

  /// Reads a signature; a mistake in it shows when the function is called.
  init(_ text: String) {
    let open = text.firstIndex(of: "(") ?? text.endIndex
    name = String(text[..<open])
    parameters = text[open...].dropFirst().dropLast().split(separator: ",").map { part in
      let word = part.filter { $0 != " " }
      let sides = word.split(separator: "=", maxSplits: 1)
      let own = String(sides.first ?? "")
      if own.hasPrefix("*") {
        return Parameter(name: String(own.dropFirst()), standard: nil, isRest: true)
      }
      return Parameter(name: own, standard: sides.count > 1 ? Self.value(sides[1]) : nil)
    }
  }

  private static func value(_ text: Substring) -> PyTorchArgument {
    switch text {
    case "None": .none
    case "True": .bool(true)
    case "False": .bool(false)
    case "()", "[]": .list([])
    default:
      Int(text).map { .integer($0) } ?? Double(text).map { .number($0) } ?? .text(String(text))
    }
  }

  /// The names that torch's functions, its methods and its operators give the same parameter.
  private static let synonyms = [
    "input": "self", "x": "self", "axis": "dim", "axes": "dim", "keepdims": "keepdim",
    "dims": "dim", "arrays": "tensors",
  ]

  /// The value of every parameter.
  ///
  /// - Throws: a problem that names a parameter without a value, or a value without a parameter.
  func bind(
    _ positional: [PyTorchArgument], _ keywords: [(name: String, value: PyTorchArgument)]
  ) throws(PyTorchFunctionProblem) -> [String: PyTorchArgument] {
    var bound: [String: PyTorchArgument] = [:]
    var rest = positional[...]
    for parameter in parameters {
      guard let next = rest.first else { break }
      if parameter.isRest {
        // x.permute(0, 2, 1) and x.permute([0, 2, 1]) are the same.
        bound[parameter.name] = rest.count == 1 && next.list != nil ? next : .list(Array(rest))
        rest = []
      } else {
        bound[parameter.name] = next
        rest = rest.dropFirst()
      }
    }
    guard rest.isEmpty else {
      throw PyTorchFunctionProblem("it takes at most \(parameters.count) arguments")
    }
    for (name, value) in keywords {
      let known = { (wanted: String) in parameters.contains { $0.name == wanted } }
      let own = known(name) ? name : Self.synonyms[name] ?? name
      guard known(own) else {
        if Self.changesNothing.contains(name) || name == "out" && value.isNone { continue }
        throw PyTorchFunctionProblem("its argument '\(name)' is not supported")
      }
      guard bound.updateValue(value, forKey: own) == nil else {
        throw PyTorchFunctionProblem("its argument '\(name)' is given twice")
      }
    }
    for parameter in parameters where bound[parameter.name] == nil {
      guard let standard = parameter.standard ?? (parameter.isRest ? .list([]) : nil) else {
        throw PyTorchFunctionProblem("its argument '\(parameter.name)' is missing")
      }
      bound[parameter.name] = standard
    }
    return bound
  }

  /// Arguments that choose memory or speed, and no number.
  static let changesNothing: Set = [
    "device", "layout", "pin_memory", "memory_format", "requires_grad", "non_blocking", "copy",
    "inplace", "implicit", "cudnn_enabled", "cudnn_enable", "momentum", "scale_grad_by_freq",
    "sparse", "generator",
  ]
}

/// The reason why a call of a torch function can't become nodes of a model.
package struct PyTorchFunctionProblem: Error {
  /// The reason, as a clause: "its argument 'dim' is missing".
  package var reason: String

  /// Makes a problem.
  package init(_ reason: String) { self.reason = reason }
}
