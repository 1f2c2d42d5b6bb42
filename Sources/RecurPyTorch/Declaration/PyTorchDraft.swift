import RecurContainers
import RecurFormats
import RecurTensors

// A declaration to edit: what the tensors leave open is null, and has to be said before the declaration
// holds.
extension PyTorchInference {
  /// The modules, with null for everything that changes the model and that nothing tells.
  var draft: PyTorchDeclaration {
    var layers = modules
    let isOrdered = !open.contains { reading in
      reading.changesModel
        && (reading.answers.isEmpty || reading.answers.contains { $0.order != nil })
    }
    let isOrderOpen = layers.count > 1 && (!isChain || !isOrdered)
    // Between two recurrent modules every timestep is handed on; which two those are is the order's.
    let recurrent = layers.indices.filter { layers[$0].recurrentKind != nil && !layers[$0].isCell }
    for index in isOrderOpen ? recurrent : head == nil ? [] : recurrent.suffix(1) {
      layers[index].options.set("select", .null)
    }
    let isChosen = open.contains { $0.answers.contains { $0.nonlinearity != nil } }
    for index in layers.indices where isChosen && layers[index].options["nonlinearity"] != nil {
      layers[index].options.set("nonlinearity", .null)
    }
    if between.open != nil {
      for place in between.places.reversed() { layers.insert(.open, at: place.index) }
    }
    var draft = PyTorchDeclaration(layers: Self.turned(layers))
    draft.isOrderOpen = isOrderOpen
    return draft
  }

  /// The modules with cells that read sequences as recurrent modules, and with a permute where channels
  /// that are the second axis meet features that are the last one.
  private static func turned(
    _ layers: [PyTorchDeclaration.DeclaredModule]
  ) -> [PyTorchDeclaration.DeclaredModule] {
    var turned: [PyTorchDeclaration.DeclaredModule] = []
    var isSequence = false
    var hasChannelsSecond = false
    for layer in layers {
      var layer = layer
      let isRecurrent = layer.recurrentKind != nil
      if layer.isCell, isSequence { layer = layer.looped }
      if isRecurrent, hasChannelsSecond { turned.append(.exchangingAxes) }
      if layer.outline.hasChannelsSecond, isSequence, !hasChannelsSecond {
        turned.append(.exchangingAxes)
      }
      if isRecurrent { hasChannelsSecond = false }
      if layer.outline.hasChannelsSecond { hasChannelsSecond = true }
      isSequence = isSequence || layer.outline.effect == .addsAxis || isRecurrent && !layer.isCell
      turned.append(layer)
    }
    return turned
  }
}

extension PyTorchDeclaration.DeclaredModule {
  /// A module without tensors of which nothing is known.
  fileprivate static var open: Self {
    Self(type: "", key: nil, options: JSONObject(), location: .init())
  }

  fileprivate static var exchangingAxes: Self {
    var options = JSONObject()
    _ = options.append("dims", [0, 2, 1])
    return Self(type: "permute", key: nil, options: options, location: .init())
  }

  /// The recurrent module that computes what a loop over this cell computes, with the cell's tensors.
  fileprivate var looped: Self {
    guard let kind = recurrentKind, let key else { return self }
    var layer = self
    layer.type = kind.className(isCell: false)
    layer.key = nil
    let hasBias = options["bias"]?.bool != false
    let parameters: [RecurrentParameter] =
      [.kernel, .recurrentKernel] + (hasBias ? [.bias, .recurrentBias] : [])
    for parameter in parameters {
      layer.options.set(
        parameter.rawValue, .string(StateDictKeys.joined(key, parameter.rawValue)))
    }
    layer.options.set("batch_first", true)
    layer.options.set("select", .null)
    return layer
  }
}

extension PyTorchDeclaration {
  /// The options that a draft leaves open, with what they can be.
  private static let openOptions = [
    "select":
      "what the next module reads: \"last\", \"output\" for every timestep, \"h_n\", \"mean\"",
    "nonlinearity": "\"tanh\" or \"relu\"",
    "padding": "the zeros before and behind each axis: 0 for none",
  ]

  /// Whether something still has to be said.
  var hasOpenParts: Bool { !openParts.isEmpty }

  /// Refuses what still has to be said.
  ///
  /// - Throws: `pytorch.declaration.invalid`, for everything that is null.
  func checkFilledIn() throws(CheckpointError) {
    if let error = CheckpointError(findings: openParts) { throw error }
  }

  private var openParts: [Diagnostic] {
    func open(_ message: String, _ place: Diagnostic.Location, _ hint: String) -> Diagnostic {
      Diagnostic(.pytorchDeclarationInvalid, .error, message, at: place, hint: hint)
    }
    var file = layers.first?.location ?? .init()
    file.object = nil
    var findings: [Diagnostic] = []
    if isOrderOpen {
      findings.append(
        open(
          "'order' is null: the file does not say in which order the modules are called", file,
          "put them in that order, leave out what is not called, and write "
            + "\"order\": \"\(Self.asListed)\""))
    }
    for (index, layer) in layers.enumerated() {
      guard !layer.isOpen else {
        let around = [index - 1, index + 1].filter(layers.indices.contains).map {
          "'\(layers[$0].title)'"
        }
        findings.append(
          open(
            "'type' is null: the file does not say what is applied between "
              + around.joined(separator: " and "), layer.location,
            "write \"type\": \"nn.ReLU\" for example, or leave the line out if nothing is"))
        continue
      }
      for (name, words) in Self.openOptions.sorted(by: { $0.key < $1.key })
      where layer.options[name]?.isNull == true {
        findings.append(
          open(
            "'\(name)' of '\(layer.title)' is null: the file does not say it", layer.location,
            "write " + words))
      }
    }
    return findings
  }
}
