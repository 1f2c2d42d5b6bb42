import RecurContainers
import RecurModel
import RecurTensors

/// The cells of TensorFlow 1 among variables, told by the names in their scopes and by shapes
/// (tensorflow/python/ops/rnn_cell_impl.py, tensorflow/contrib/rnn).
///
/// A kernel is one matrix over x and h, one above the other.
struct NamedCells {
  /// What a scope holds.
  struct ScopedCell {
    /// The scope: `rnn/multi_rnn_cell/cell_0/lstm_cell`.
    let scope: String
    let layer: Layer
    /// The kind in words.
    let title: String
    /// The variables, by name.
    let names: [String]
  }

  private let table: TensorTable
  private let forgetBiases: ForgetBiases
  private let limits: CellLimits
  private(set) var found: [ScopedCell] = []
  private(set) var findings: [Diagnostic] = []
  /// The scopes of LSTM cells whose forget bias nothing says.
  private(set) var assumed: [String] = []
  private var used: Set<Name> = []

  /// Looks for cells in `table`.
  ///
  /// - Throws: `tensor.shape-mismatch` for arrays of a cell that do not fit each other.
  init(
    _ table: TensorTable, _ forgetBiases: ForgetBiases, _ limits: CellLimits
  ) throws(CheckpointError) {
    self.table = table
    self.forgetBiases = forgetBiases
    self.limits = limits
    for name in table.names {
      guard let (scope, role) = Self.split(name), !Self.isLeftover(name) else { continue }
      switch role {
      case "gates/kernel", "gates/weights": try addGRU(scope)
      case "kernel", "weights", "Matrix": try addKernel(scope, name)
      case "opaque_kernel":
        findings.append(
          Diagnostic(
            .tensorFlowUnsupported, .warning,
            "'\(name)' is the weights of layers in the form of cuDNN, which says neither their sizes nor "
              + "their order: it is carried", at: table[name]?.location ?? .init(),
            hint: "save the layers with their own saver, which writes the weights of every cell"))
      default: continue
      }
    }
  }

  /// The variables that belong to no cell.
  var others: [String] { table.names.filter { !used.contains(Name($0)) } }

  /// Whether a variable is the state of an optimizer, or a counter.
  static func isLeftover(_ name: String) -> Bool {
    let last = name.split(separator: "/").last.map(String.init) ?? name
    return [
      "Adam", "Adam_1", "RMSProp", "RMSProp_1", "Momentum", "Adadelta", "Adadelta_1", "Adagrad",
      "Ftrl", "Ftrl_1", "ExponentialMovingAverage", "beta1_power", "beta2_power", "global_step",
    ].contains(last)
  }

  /// The scope of a variable, and what it is in it.
  private static func split(_ name: String) -> (scope: String, role: String)? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 1 else { return nil }
    let isGates = parts.count > 2 && parts[parts.count - 2] == "gates"
    let count = isGates ? 2 : 1
    return (
      parts.dropLast(count).joined(separator: "/"), parts.suffix(count).joined(separator: "/")
    )
  }

  /// The last part of a scope without the number that makes it unique.
  private static func kind(_ scope: String) -> String {
    var last = scope.split(separator: "/").last.map { $0.lowercased() } ?? ""
    if last == "linear" { last = scope.split(separator: "/").dropLast().last?.lowercased() ?? "" }
    while let digit = last.last, digit.isNumber || digit == "_" { last.removeLast() }
    return last
  }

  private func variable(_ scope: String, _ roles: String...) -> (name: String, tensor: Tensor)? {
    for role in roles {
      if let tensor = table["\(scope)/\(role)"], tensor.elementType.isFloatingPoint {
        return ("\(scope)/\(role)", tensor)
      }
    }
    return nil
  }

  private mutating func add(
    _ scope: String, _ layer: Layer, _ title: String, _ names: [String?]
  ) {
    let own = names.compactMap { $0 }
    for name in own { used.insert(Name(name)) }
    found.append(ScopedCell(scope: scope, layer: layer, title: title, names: own))
  }

  private static func recurrent(_ cell: RecurrentCell, _ scope: String) -> Layer {
    let isBackward = scope.split(separator: "/").contains("bw")
    return .recurrent(
      Recurrent(
        cell: cell, returnsSequence: true, returnsState: false,
        direction: isBackward ? .backward : .forward, isStateful: false, keptStateWins: false,
        maskedOutput: .zero))
  }

  // MARK: one kernel

  private mutating func addKernel(_ scope: String, _ name: String) throws(CheckpointError) {
    guard let kernel = table[name], kernel.rank == 2, kernel.elementType.isFloatingPoint,
      variable(scope, "recurrent_kernel") == nil
    else { return }
    let bias = variable(scope, "bias", "biases", "Bias")
    let kind = Self.kind(scope)
    if variable(scope, "input/gamma") != nil, variable(scope, "transform/gamma") != nil {
      findings.append(
        Diagnostic(
          .tensorFlowUnsupported, .warning,
          "'\(scope)' is an LSTM that normalizes its gates, which is not read: its variables are carried",
          at: kernel.location))
      return
    }
    let projection = variable(scope, "projection/kernel", "projection/weights")
    let peepholes = ["w_i_diag", "w_f_diag", "w_o_diag"].map { variable(scope, $0) }
    let isLSTM = kind.contains("lstm") || projection != nil || peepholes[0] != nil
    let units = kernel.shape[1] / 4
    let width = projection?.tensor.shape.last ?? units
    if isLSTM, kernel.shape[1] % 4 == 0, units > 0, kernel.shape[0] > width {
      try addLSTM(scope, name, kernel, bias, projection, peepholes)
    } else if kind.contains("rnn_cell"), kernel.shape[0] > kernel.shape[1],
      let bias, bias.tensor.shape == [kernel.shape[1]]
    {
      let rows = kernel.shape[0] - kernel.shape[1]
      let cell = SimpleRNN(
        inputSize: rows, units: kernel.shape[1],
        weights: RecurrentWeights(
          kernel: try TensorFlowLayouts.single.unpack(kernel.slice(axis: 0, 0..<rows)),
          recurrentKernel: try TensorFlowLayouts.single.unpack(
            kernel.slice(axis: 0, rows..<kernel.shape[0])),
          bias: .single(try TensorFlowLayouts.single.unpack(bias.tensor))), activation: .tanh)
      add(
        scope, Self.recurrent(.simpleRNN(cell), scope),
        "simple RNN, \(kernel.shape[1]) units, input size \(rows)", [name, bias.name])
    } else if !isLSTM, let bias, bias.tensor.shape == [kernel.shape[1]] {
      let dense = Dense(kernel: kernel.transposed(), bias: bias.tensor, activation: .linear)
      add(
        scope, .dense(dense),
        "Dense, \(kernel.shape[1]) units, input size \(kernel.shape[0])", [name, bias.name])
    }
  }

  private mutating func addLSTM(
    _ scope: String, _ name: String, _ kernel: Tensor, _ bias: (name: String, tensor: Tensor)?,
    _ projection: (name: String, tensor: Tensor)?, _ peepholes: [(name: String, tensor: Tensor)?]
  ) throws(CheckpointError) {
    let units = kernel.shape[1] / 4
    let width = projection?.tensor.shape.last ?? units
    let inputSize = kernel.shape[0] - width
    func fits(_ found: (name: String, tensor: Tensor)?, _ shape: [Int]) throws(CheckpointError) {
      guard let found, found.tensor.shape != shape else { return }
      throw CheckpointError(
        .tensorShapeMismatch, "'\(found.name)' does not fit the kernel of its cell",
        at: found.tensor.location, expected: tuple(shape), found: tuple(found.tensor.shape))
    }
    try fits(bias, [4 * units])
    try fits(projection, [units, width])
    for peephole in peepholes { try fits(peephole, [units]) }
    // Compatible with cuDNN: nothing is added to the forget gate.
    let isPlain = scope.contains("cudnn_compatible_lstm_cell")
    let said = forgetBiases.value(of: bias?.name ?? name, in: scope)
    let added = said ?? (isPlain ? 0 : 1)
    if said == nil, !isPlain { assumed.append(scope) }
    var cell = try FusedCells.lstm(
      kernel: kernel, bias: bias?.tensor, added: added, projection: projection?.tensor)
    if let input = peepholes[0], let forget = peepholes[1], let output = peepholes[2] {
      cell.peepholes = .init(input: input.tensor, forget: forget.tensor, output: output.tensor)
    }
    let own = limits.limits(in: scope)
    (cell.cellLimit, cell.projectionLimit) = (own.cell, own.projection)
    add(
      scope, Self.recurrent(.lstm(cell), scope),
      "LSTM, \(units) units, input size \(inputSize)"
        + (projection == nil ? "" : ", projected to \(width)")
        + (cell.peepholes == nil ? "" : ", with peepholes") + ", forget bias \(short(added))"
        + (own.cell.map { ", cell within ±\(short($0))" } ?? "")
        + (own.projection.map { ", projection within ±\(short($0))" } ?? ""),
      [name, bias?.name, projection?.name] + peepholes.map { $0?.name })
  }

  // MARK: gates and a candidate

  private mutating func addGRU(_ scope: String) throws(CheckpointError) {
    guard let gates = variable(scope, "gates/kernel", "gates/weights"), gates.tensor.rank == 2,
      let gateBias = variable(scope, "gates/bias", "gates/biases"), gates.tensor.shape[1] % 2 == 0
    else { return }
    let units = gates.tensor.shape[1] / 2
    let rows = gates.tensor.shape[0] - units
    guard units > 0, rows > 0, gateBias.tensor.shape == [2 * units] else { return }
    func part(_ tensor: Tensor, _ first: Int, _ count: Int, axis: Int) -> Tensor {
      tensor.slice(axis: axis, first..<first + count)
    }
    /// r and u of the gates beside the candidate.
    func map(_ reset: Tensor, _ update: Tensor, _ candidate: Tensor) -> GateMap<GRUGate, Tensor> {
      GateMap { gate in
        switch gate {
        case .reset: reset
        case .update: update
        case .candidate: candidate
        }
      }
    }
    func matrices(_ first: Int, _ count: Int) -> (reset: Tensor, update: Tensor) {
      let own = part(gates.tensor, first, count, axis: 0).transposed()
      return (part(own, 0, units, axis: 0), part(own, units, units, axis: 0))
    }
    let (inputs, states) = (matrices(0, rows), matrices(rows, units))
    let (resetBias, updateBias) = (
      part(gateBias.tensor, 0, units, axis: 0), part(gateBias.tensor, units, units, axis: 0)
    )
    let cell: GRU
    var names: [String?] = [gates.name, gateBias.name]
    if let candidate = variable(scope, "candidate/kernel", "candidate/weights"),
      let bias = variable(scope, "candidate/bias", "candidate/biases"),
      candidate.tensor.shape == [rows + units, units], bias.tensor.shape == [units]
    {
      names += [candidate.name, bias.name]
      let own = candidate.tensor.transposed()
      cell = GRU(
        inputSize: rows, units: units,
        weights: RecurrentWeights(
          kernel: map(inputs.reset, inputs.update, part(own, 0, rows, axis: 1)),
          recurrentKernel: map(states.reset, states.update, part(own, rows, units, axis: 1)),
          bias: .single(map(resetBias, updateBias, bias.tensor))),
        activation: .tanh, recurrentActivation: .sigmoid, resetPlacement: .beforeProduct)
    } else if let x = variable(scope, "candidate/input_projection/kernel"),
      let h = variable(scope, "candidate/hidden_projection/kernel"),
      let xBias = variable(scope, "candidate/input_projection/bias"),
      let hBias = variable(scope, "candidate/hidden_projection/bias"),
      x.tensor.shape == [rows, units], h.tensor.shape == [units, units],
      xBias.tensor.shape == [units], hBias.tensor.shape == [units]
    {
      names += [x.name, h.name, xBias.name, hBias.name]
      let zeros = try Tensor.numbers(
        [Double](repeating: 0, count: units), gateBias.tensor.elementType, shape: [units])
      cell = GRU(
        inputSize: rows, units: units,
        weights: RecurrentWeights(
          kernel: map(inputs.reset, inputs.update, x.tensor.transposed()),
          recurrentKernel: map(states.reset, states.update, h.tensor.transposed()),
          bias: .split(
            input: map(resetBias, updateBias, xBias.tensor),
            recurrent: map(zeros, zeros, hBias.tensor))),
        activation: .tanh, recurrentActivation: .sigmoid, resetPlacement: .afterProduct)
    } else {
      return
    }
    add(
      scope, Self.recurrent(.gru(cell), scope), "GRU, \(units) units, input size \(rows)", names)
  }
}
