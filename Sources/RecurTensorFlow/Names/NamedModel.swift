import RecurContainers
import RecurFormats
import RecurKeras
import RecurModel
import RecurTensors

/// A model of variables that have names and no objects: cells told by their scopes, without what connects
/// them.
struct NamedModel {
  private let table: TensorTable
  private let cells: NamedCells
  private let declaration: NamedDeclaration?

  /// Looks for cells in `table`, with the graph if one stands beside the variables, and with a declaration
  /// of the layers if one is given.
  ///
  /// - Throws: `keras.architecture.needed` for an architecture of another kind; what is wrong with the
  ///   declaration, with the graph, or with the arrays of a cell.
  init(
    _ table: TensorTable, graph: GraphMessage?, architecture: FileProbe? = nil,
    limits: DecodeLimits = .init()
  ) throws(CheckpointError) {
    self.table = table
    var biases =
      try graph.map { graph throws(CheckpointError) in try ForgetBiases(graph) }
      ?? ForgetBiases()
    declaration = try architecture.flatMap { probe throws(CheckpointError) in
      try NamedDeclaration(probe, limits)
    }
    if let architecture, declaration == nil {
      throw CheckpointError(
        .tensorFlowDeclaration, "the architecture is none of variables with names",
        at: .init(file: architecture.path),
        expected: "{\"layers\": [{\"type\": \"LSTM\", \"scope\": \"rnn/lstm_cell\"}]}",
        reason: "the checkpoint was written by TensorFlow 1, and holds no layers of Keras")
    }
    for (scope, value) in try declaration?.forgetBiases() ?? [] {
      biases.declare(value, in: scope)
    }
    var limits =
      try graph.map { graph throws(CheckpointError) in try CellLimits(graph) } ?? CellLimits()
    for (scope, own) in try declaration?.limits() ?? [] { limits.declare(own, in: scope) }
    cells = try NamedCells(table, biases, limits)
  }

  /// The declared layers as a model; without a declaration everything as nodes that are not connected.
  ///
  /// - Throws: what making layers of arrays throws.
  func decoded(_ probe: FileProbe) throws(CheckpointError) -> DecodedModel {
    guard let declaration else { return try listed(probe) }
    let (model, used) = try declaration.model(of: cells.found, table)
    var own = model
    for index in own.nodes.indices where own.nodes[index].location.file == nil {
      own.nodes[index].location.file = probe.path
    }
    let left = table.names.filter { !used.contains(Name($0)) }
    let unused = left.filter { !NamedCells.isLeftover($0) }.map { name in
      Diagnostic(
        .tensorUnused, .warning, "no layer of the declaration uses the variable '\(name)'",
        at: table[name]?.location ?? .init())
    }
    let assumed = cells.assumed.filter { scope in
      cells.found.contains { $0.scope == scope && used.contains(Name($0.names[0])) }
    }
    var decoded = DecodedModel(
      model: own,
      diagnostics: (unused + trainingState(left) + forgetBias(assumed))
        .map { $0.located(file: probe.path) }, convention: TensorFlowConvention())
    decoded.basis.declared = [declaration.path]
    decoded.coverage.tensorCount = table.names.count
    return decoded
  }

  /// The graph as a model; where it is none, or cells are declared, the model of ``decoded(_:)``.
  ///
  /// The cells that names tell are not asked for where the graph is a model.
  ///
  /// - Throws: what making layers of arrays throws, and what keeps a graph from being a model whose
  ///   outputs or values are chosen.
  static func decoded(
    _ probe: FileProbe, _ options: DecodeOptions, running graph: GraphModel?,
    otherwise named: () throws(CheckpointError) -> NamedModel
  ) throws(CheckpointError) -> DecodedModel {
    guard options.architecture == nil, let graph else {
      guard options.outputs == nil, options.settings.isEmpty else {
        let own = options.outputs?.first.map { "output '\($0)'" }
        throw CheckpointError(
          .fileOptionUnused,
          "no graph with the \(own ?? "value '\(options.settings[0].name)'") is read beside the "
            + "variables", at: .init(file: probe.path),
          hint: own == nil ? "name the outputs of the graph that the value is for" : nil)
      }
      return try named().decoded(probe)
    }
    let (model, reason) = try graph.decoded(probe, options)
    if let model { return model }
    var listed = try named().decoded(probe)
    if let reason { listed.diagnostics.insert(reason.located(file: probe.path), at: 0) }
    return listed
  }

  private func listed(_ probe: FileProbe) throws(CheckpointError) -> DecodedModel {
    let (ofKeras, rest) = kerasGroups
    var nodes = cells.found.map { found in
      Model.Node(
        name: found.scope, layerName: found.scope, layer: found.layer, inputs: [],
        location: table[found.names[0]]?.location ?? .init())
    }
    let keras = try KerasStoredModel.layers(ofKeras)
    nodes += keras.nodes
    var left: [String] = []
    for name in rest {
      guard let tensor = table[name], !NamedCells.isLeftover(name) else {
        left.append(name)
        continue
      }
      nodes.append(
        Model.Node(
          name: name, layerName: name,
          layer: .opaque(
            OpaqueLayer(className: "unknown", tensors: [(name, tensor)], outputCount: 1)),
          inputs: [], location: tensor.location))
    }
    var model = Model(
      name: "variables", producer: "TensorFlow 1", nodes: nodes, inputs: [], outputs: [])
    model.isConnected = false
    var decoded = DecodedModel(
      model: try model.validated(),
      diagnostics: (diagnostics(left) + keras.findings).map { $0.located(file: probe.path) },
      convention: TensorFlowConvention())
    decoded.coverage.tensorCount = table.names.count
    return decoded
  }

  /// The variables of layers of tf.keras, and all others that belong to no cell.
  private var kerasGroups: (groups: [(name: String, arrays: [KerasArray])], rest: [String]) {
    var groups: [(name: String, arrays: [KerasArray])] = []
    var rest = cells.others
    for name in cells.others where name.hasSuffix("/recurrent_kernel") {
      let scope = String(name.dropLast(17))
      let names = ["kernel", "recurrent_kernel", "bias"].map { "\(scope)/\($0)" }
      let arrays = names.compactMap { name in
        table[name].map { KerasArray(name: name, tensor: $0) }
      }
      guard arrays.count >= 2, arrays[0].name == names[0] else { continue }
      groups.append((scope, arrays))
      rest.removeAll { names.contains($0) }
    }
    return (groups, rest)
  }

  /// What is said of the variables.
  private func diagnostics(_ left: [String]) -> [Diagnostic] {
    var findings = cells.findings
    if !cells.found.isEmpty {
      findings.append(
        Diagnostic(
          .tensorFlowNamesInferred, .note,
          "the file names its variables and holds no layers; cells are told by scopes and shapes",
          notes: cells.found.map { "'\($0.scope)': \($0.title)" }
            + [
              "which cell reads which, and functions other than tanh and the sigmoid, are in no name"
            ]
        ))
    }
    return findings + forgetBias(cells.assumed) + trainingState(left)
  }

  private func forgetBias(_ scopes: [String]) -> [Diagnostic] {
    guard !scopes.isEmpty else { return [] }
    return [
      Diagnostic(
        .tensorFlowForgetBias, .warning,
        "what TensorFlow adds to the forget gates of "
          + "\(scopes.map { "'\($0)'" }.joined(separator: ", ")) is no variable and in no graph beside "
          + "the checkpoint: 1 is assumed",
        hint: "keep the graph, x.meta, beside the checkpoint, or declare it: \"forget_bias\": 0.0")
    ]
  }

  private func trainingState(_ left: [String]) -> [Diagnostic] {
    let others = left.filter { NamedCells.isLeftover($0) }
    guard let first = others.first else { return [] }
    return [
      Diagnostic(
        .tensorFlowTrainingState, .note,
        "the state of the training (\(others.count) variables) is not needed to run the model and was "
          + "not loaded", at: .init(object: first))
    ]
  }

  /// The cells, for inspection.
  var layers: [Inspection.DeclaredLayer] {
    cells.found.map { found in
      Inspection.DeclaredLayer(
        name: found.scope, className: found.layer.title, detail: found.title, isSupported: true)
    }
  }

  /// What is said when the variables are listed.
  func notes(_ probe: FileProbe) -> [Diagnostic] {
    diagnostics(cells.others).map { $0.located(file: probe.path) }
  }
}

extension Diagnostic.Code {
  static let tensorFlowNamesInferred = Self(rawValue: "tensorflow.names.inferred")
  static let tensorFlowForgetBias = Self(rawValue: "tensorflow.forget-bias.assumed")
  static let tensorFlowTrainingState = Self(rawValue: "tensorflow.training-state")
}
