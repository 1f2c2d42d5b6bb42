import RecurFormats
import RecurModel
public import RecurTensors

extension Checkpoint {
  /// How many tensors of the file were understood.
  public struct Coverage: Hashable, Sendable {
    /// Those that layers of a known kind use.
    public let covered: Int
    /// Those of the file.
    public let total: Int
  }

  /// How many of the file's tensors belong to layers that are known.
  ///
  /// Those of opaque layers do not count, and those that no layer uses.
  public var coverage: Coverage {
    var known: Set<Source> = []
    var opaque: Set<Source> = []
    for node in model.nodes {
      let sources = node.layer.tensors.map { Source($0.tensor) }
      if case .opaque = node.layer { opaque.formUnion(sources) } else { known.formUnion(sources) }
    }
    let carried = Set(opaque.compactMap(\.object))
    let unused = diagnostics.count { finding in
      finding.code == .tensorUnused
        && !(finding.location.object.map { carried.contains($0) } ?? false)
    }
    let uncovered = opaque.subtracting(known).count + unused + fileCoverage.besideCount
    let total = max(fileCoverage.tensorCount ?? known.count + uncovered, uncovered)
    return Coverage(covered: total - uncovered, total: total)
  }

  /// Whether the model can be run, so that more than its shapes and numbers may be checked.
  public var canRun: Bool { model.canRun }

  /// The error that the file can't be judged, because code of its author computes a part of the model;
  /// nil for any other file.
  ///
  /// Such a file is read, and its tensors are carried; what it computes is not known.
  public var withoutCode: Diagnostic? {
    let opaque: [(layer: OpaqueLayer, name: String)] = model.nodes.compactMap { node in
      guard model.isConnected, case .opaque(let layer) = node.layer, layer.cause != .unknownShape
      else { return nil }
      return (layer, node.layerName)
    }
    var classes = opaque.map { "'\($0.name)' is of class '\($0.layer.className)'" }
    if let name = fileCoverage.classWithoutCode {
      classes.append("the model is of class '\(name)'")
    }
    guard let first = classes.first else { return nil }
    return Diagnostic(
      .modelWithoutCode, .error,
      "\(first), "
        + (opaque.first?.layer.cause == .bytecode
          ? "whose Python bytecode is never run" : "whose code is not in the file")
        + ": nothing can be said about the outputs",
      at: .init(file: path), notes: classes.count > 1 ? classes : []
    ).advising("'\(.inspection)' lists what the file holds, and its tensors can be converted")
  }

  /// A warning that nothing recurrent was recognized, when nothing else says what the file computes.
  ///
  /// Nil for a file that says its architecture, and for one with a recurrent layer.
  public var nothingRecognized: Diagnostic? {
    guard !model.hasRecurrentLayer, !model.canRun || fileCoverage.isInferred else { return nil }
    let (covered, total) = (coverage.covered, coverage.total)
    let others = model.nodes.flatMap { node in node.layer.tensors.map(\.tensor.location) }
      .compactMap(\.object)
    return Diagnostic(
      .modelNothingRecognized, .warning,
      "no recurrent module was recognized in the file, and nothing of it was computed",
      at: .init(file: path), expected: "tensors named as an LSTM, a GRU or an RNN names them",
      found: "\(counted(total, "tensor"))"
        + (others.isEmpty ? "" : ": " + others.prefix(4).map { "'\($0)'" }.joined(separator: ", "))
        + (others.count > 4 ? ", …" : ""),
      notes: ["\(covered) of \(total) belong to layers that are known by their names and shapes"]
    ).advising(
      covered == 0
        ? .namesToDeclare
        : "if the file is to hold a recurrent model, declare it: \(.declaration) writes what was "
          + "recognized, to edit and to give back with \(.architecture)")
  }
}

/// Where the numbers of a tensor come from; views of one tensor come from one place.
private struct Source: Hashable {
  let object: String?
  let bytes: Range<UInt64>?

  init(_ tensor: Tensor) {
    object = tensor.location.object
    bytes = object == nil ? tensor.location.bytes : nil
  }
}

extension Diagnostic.Code {
  /// Code that is not in the file computes a part of the model, so nothing says what it computes.
  public static let modelWithoutCode = Self(rawValue: "model.without-code")
  /// The file holds no recurrent module that was recognized, and nothing was computed.
  public static let modelNothingRecognized = Self(rawValue: "model.nothing-recognized")
}
