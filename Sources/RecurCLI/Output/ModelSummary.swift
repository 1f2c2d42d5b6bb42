import Recur
import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors

/// The tables and lines of `recur summary`: every layer's shapes, masks, parameters and states.
struct ModelSummary {
  private let model: Model
  private let shapes: ModelShapes
  /// The conventions of all frameworks, that of the model first.
  private let conventions: [any Convention]

  init(_ model: Model, _ shapes: ModelShapes, _ convention: any Convention) {
    self.model = model
    self.shapes = shapes
    conventions =
      [convention] + FormatRegistry.all.conventions.filter { $0.id != convention.id }
  }

  private var parameterCount: Int {
    model.weightedNodes.reduce(0) { $0 + $1.layer.parameterCount }
  }

  var lines: [String] {
    var table = Table()
    let isMasked = model.nodes.contains { $0.mask != nil }
    let isSourced = model.nodes.contains { $0.sourcePlace != nil }
    func add(_ cells: [String], mask: String, source: String) {
      table.add(
        row:
          Array(cells.dropLast()) + (isMasked ? [mask] : []) + cells.suffix(1)
          + (isSourced ? [source] : []))
    }
    add(["node", "layer", "output shapes", "parameters"], mask: "mask", source: "source")
    for node in model.nodes {
      add(
        [
          escaped(node.name), node.layer.title,
          shapes[node.name].map(text).joined(separator: " "), "\(node.layer.parameterCount)",
        ], mask: node.mask.map { escaped($0.node) } ?? "",
        source: node.sourcePlace.map { escaped($0) } ?? "")
    }
    return ["\(escaped(model.name)) (\(model.producer))"] + table.lines
      + ["total \(parameterCount) parameters"] + model.stateShapes(shapes).map(line)
  }

  /// The shapes of the state of a recurrent layer in both frameworks.
  private func line(_ states: StateShapes) -> String {
    func list(_ shape: (StateShapes.State) -> [Dimension]?) -> String {
      let all = states.states.compactMap { state in shape(state).map { (state.name, text($0)) } }
      guard let first = all.first else { return "" }
      return all.allSatisfy { $0.1 == first.1 }
        ? all.map(\.0).joined(separator: " and ") + " " + first.1
        : all.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
    let parts =
      (states.layers > 1 ? ["each of \(states.layers) layers"] : [])
      + (states.directions > 1 ? ["each direction"] : [])
    let name = "state of \(escaped(states.layer)): "
    if states.isCell { return name + list { states.plain($0) } + ", one row per sequence" }
    let known = conventions.filter { states.hasStackedForm || !$0.stacksStates }
    let forms = known.map { convention in
      list { convention.shape(of: $0, in: states) } + " in \(convention.name)"
        + (parts.isEmpty || convention.stacksStates
          ? "" : " for " + parts.joined(separator: " and "))
    }
    let missing = conventions.filter { !states.hasStackedForm && $0.stacksStates }
    return name + forms.joined(separator: ", ")
      + missing.map { "; \($0.name) has no such layer" }.joined()
  }

  /// A note for every recurrent layer whose last timestep alone is used, because users often take
  /// its shape for wrong.
  var lastOnly: [Diagnostic] {
    let used = Set(model.nodes.flatMap { $0.inputs + $0.initialState } + model.outputs)
    return model.returnedShapes(shapes).compactMap { returned in
      guard let now = returned.current, !now.returnsSequence,
        let node = model.nodes.first(where: { Name($0.layerName) == Name(returned.layer) }),
        used.contains(Model.Value(node.name)),
        let constructor = conventions[0].returningSequences(node.layer),
        let all = returned.combinations.first(where: { $0.returnsSequence && !$0.returnsState }),
        let states = returned.combinations.first(where: { !$0.returnsSequence && $0.returnsState })
      else { return nil }
      return Diagnostic(
        .shapeOutput, .note,
        "\(node.layer.title) '\(returned.layer)' puts out its last timestep only: "
          + "return_sequences is false", at: node.location,
        expected: "\(text(all.outputs)), if every timestep is wanted", found: text(now.outputs),
        fixes: [
          .init(conventions[0].tool, constructor),
          .init(
            .recur,
            "recur run \(shellPath(node.location.file ?? "MODEL")) --input x.npy --return-sequences"
          ),
        ],
        notes: [
          "return_state=True gives \(states.outputs.count) arrays: \(text(states.outputs))"
            + (node.layer.isPair
              ? ": the states of the forward layer, then of the backward one" : "")
        ])
    }
  }

  var members: [(String, JSONValue)] {
    [
      ("model", .string(model.name)), ("nodes", .array(model.nodes.map(json))),
      ("parameters", .integer(parameterCount)),
      ("states", .array(model.stateShapes(shapes).map(json))),
      ("returns", .array(model.returnedShapes(shapes).map(json))),
    ]
  }

  private func json(_ node: Model.Node) -> JSONValue {
    [
      "name": .string(node.name), "layer": .string(node.layer.title),
      "outputs": .array(shapes[node.name].map(json)),
      "mask": node.mask.map { .string($0.node) } ?? .null,
      "parameters": .integer(node.layer.parameterCount),
      "source": node.sourcePlace.map { .string($0) } ?? .null,
    ]
  }

  private func json(_ states: StateShapes) -> JSONValue {
    [
      "layer": .string(states.layer), "layers": .integer(states.layers),
      "directions": .integer(states.directions),
      "states": .array(
        states.states.map { state in
          [
            "name": .string(state.name), "keras": json(states.plain(state)),
            "pytorch": states.stacked(state).map(json) ?? .null,
          ]
        }),
    ]
  }

  private func json(_ returned: ReturnedShapes) -> JSONValue {
    [
      "layer": .string(returned.layer),
      "combinations": .array(
        returned.combinations.map { combination in
          [
            "return_sequences": .bool(combination.returnsSequence),
            "return_state": .bool(combination.returnsState),
            "outputs": .array(combination.outputs.map(json)),
            "current": .bool(combination.isCurrent),
          ]
        }),
    ]
  }

  private func json(_ shape: [Dimension]) -> JSONValue {
    .array(shape.map { $0.value.map { .integer($0) } ?? .string($0.description) })
  }

  private func text(_ shapes: [[Dimension]]) -> String {
    shapes.map { RecurModel.text($0) }.joined(separator: " ")
  }

  private func text(_ shape: [Dimension]) -> String { RecurModel.text(shape) }
}

extension Layer {
  fileprivate var isPair: Bool { if case .bidirectional = self { true } else { false } }
}

extension Diagnostic.Code {
  static let shapeOutput = Self(rawValue: "shape.output")
}

extension Model.Node {
  /// The line and column of the Python source that calls the layer: `model.py:12:9`; nil for a model that was
  /// read from no source.
  fileprivate var sourcePlace: String? {
    guard let file = location.file, file.hasSuffix(".py") || file.hasSuffix(".ipynb") else {
      return nil
    }
    return location.object.map { "\(file):\($0)" } ?? file
  }
}
