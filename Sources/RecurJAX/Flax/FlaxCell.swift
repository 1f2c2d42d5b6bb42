import RecurFormats
import RecurModel
import RecurStateDicts
import RecurTensors

/// A recurrent cell of Flax, told by the names of its parts.
///
/// A cell of linen has one matrix for each gate, `[inputs, units]`, and each is a part of its own; the cells
/// of nnx have the gates of a product side by side, except for LSTMCell.
enum FlaxCell {
  /// `LSTMCell` and `OptimizedLSTMCell`; nnx writes `if_` for `if`.
  case lstm(forget: String)
  /// `GRUCell` of linen.
  case gru
  /// `MGUCell`.
  case minimal
  /// `SimpleCell` of linen.
  case simple
  /// A cell of nnx with this number of gates in one matrix.
  case joined(gateCount: Int)
  /// `ConvLSTMCell`.
  case convolutional

  /// The cell at `key`; nil when the parts there are no cell's.
  init?(at key: String, in tree: NameTree) {
    guard let group = tree[key], group.tensors.isEmpty else { return nil }
    let parts = Set(group.parts)
    let own = parts.filter { tree.part($0, of: key)?["kernel"] != nil }
    guard own == parts else { return nil }
    let gates = ["ii", "ig", "io", "hi", "hf", "hg", "ho"]
    if !parts.isDisjoint(with: ["ii", "io", "hi", "ho"]), parts.isSubset(of: gates + ["if", "if_"])
    {
      self = .lstm(forget: parts.contains("if_") ? "if_" : "if")
    } else if !parts.isDisjoint(with: ["ir", "iz", "hr", "hz"]),
      parts.isSubset(of: Self.gruParts)
    {
      self = .gru
    } else if parts == ["if", "in", "hf", "hn"] {
      self = .minimal
    } else if parts == ["i", "h"] {
      self = .simple
    } else if parts == ["ih", "hh"] {
      self = .convolutional
    } else if parts == ["dense_i", "dense_h"],
      let kernel = tree.part("dense_h", of: key)?["kernel"], kernel.rank == 2,
      kernel.shape[0] > 0, kernel.shape[1] % kernel.shape[0] == 0,
      [1, 3, 4].contains(kernel.shape[1] / kernel.shape[0])
    {
      self = .joined(gateCount: kernel.shape[1] / kernel.shape[0])
    } else {
      return nil
    }
  }

  private static let gruParts: Set<String> = ["ir", "iz", "in", "hr", "hz", "hn"]

  private var className: String {
    switch self {
    case .lstm: "LSTMCell"
    case .gru: "GRUCell"
    case .minimal: "MGUCell"
    case .simple: "SimpleCell"
    case .joined(4): "OptimizedLSTMCell of nnx"
    case .joined(3): "GRUCell of nnx"
    case .joined: "SimpleCell of nnx"
    case .convolutional: "ConvLSTMCell"
    }
  }

  /// The module at `group`; nil with findings when its tensors do not fit.
  func module(
    _ group: NameTree.Group, _ tree: NameTree, _ findings: inout [Diagnostic]
  ) throws(CheckpointError) -> DialectModule? {
    var reader = FlaxCellReader("Flax' \(className)", group, tree)
    defer { findings += reader.findings }
    var isSimple = false
    let cell: RecurrentCell?
    switch self {
    case .lstm(let forget): cell = try reader.lstm(forget)
    case .gru: cell = try reader.gru()
    case .minimal: cell = try reader.minimal()
    case .simple:
      cell = try reader.simple()
      isSimple = true
    case .joined(4): cell = try reader.joinedLSTM()
    case .joined(3): cell = try reader.joinedGRU()
    case .joined:
      cell = try reader.joinedSimple()
      isSimple = true
    case .convolutional:
      reader.refuse("computes with convolutions, which is not read")
      cell = nil
    }
    guard let cell, reader.findings.isEmpty else { return nil }
    var module = DialectModule(group.key, .recurrent(cell))
    module.isFunctionOpen = isSimple
    if case .minimal = self {
      module.remarks.append("the gate f of MGUCell is both gates r and z of a GRU")
    }
    if isSimple { module.remarks.append("assumed: residual=False, which no tensor tells") }
    return module
  }
}
