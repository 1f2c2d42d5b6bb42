import RecurContainers
import RecurModel
import RecurTensors

/// What a declared module says of the names and the form of its tensors.
struct DeclaredForm {
  private enum Orientation: String, CaseIterable {
    case outputsByInputs = "outputs-by-inputs"
    case inputsByOutputs = "inputs-by-outputs"
  }

  /// The options of forms that a recurrent module takes, for those who read the others.
  static func options(of kind: PyTorchRecurrentKind) -> [String] {
    ["orientation"] + (kind.gateCount > 1 ? ["order"] : [])
      + (kind.forgetGate == nil ? [] : ["forget_bias"])
  }

  /// The module without these options.
  private(set) var layer: PyTorchDeclaration.DeclaredModule
  /// The parameters that have another name in the file: `weight_ih_l0`, `enc_w_ih`.
  private(set) var names: [(parameter: String, source: String)] = []
  /// Whether there is one bias where torch adds two.
  private(set) var hasOneBias = false
  private(set) var findings: [Diagnostic] = []
  private(set) var saysSomething = false
  private var orientation = Orientation.outputsByInputs
  /// For each gate in torch's order, where the file has it; nil when it is torch's order.
  private var places: [Int]?
  /// What is added to the bias of the forget gate.
  private(set) var forgetBias: Double?
  private let parameters: [String]
  private let kind: PyTorchRecurrentKind?

  init(_ layer: PyTorchDeclaration.DeclaredModule) {
    self.layer = layer
    kind = layer.recurrentKind
    parameters = layer.torchClass?.parameters ?? []
    guard !parameters.isEmpty else { return }
    self.layer.options = JSONObject()
    for member in layer.options.members where !read(member.name, member.value) {
      _ = self.layer.options.append(member.name, member.value)
    }
  }

  /// Takes an option of names or forms; false for any other.
  private mutating func read(_ name: String, _ value: JSONValue) -> Bool {
    switch (name, value) {
    case ("bias", .string(let word)) where kind != nil:
      guard word == "one" || word == "two" else {
        return refuse(name, value, "it is true, false, \"one\" or \"two\"")
      }
      hasOneBias = word == "one"
    case ("orientation", _):
      guard let known = value.string.flatMap(Orientation.init) else {
        let words = Orientation.allCases.map { "\"\($0.rawValue)\"" }
        return refuse(name, value, "it is " + words.joined(separator: " or "))
      }
      orientation = known
    case ("order", _):
      guard let kind, kind.gateCount > 1 else { return false }
      guard let found = value.string.flatMap({ Self.places(of: $0, kind.letters) }) else {
        let letters = kind.letters.map { String($0.prefix(1)) }.joined(separator: ", ")
        return refuse(name, value, "it has each of the gates \(letters) once")
      }
      places = found == Array(0..<kind.gateCount) ? nil : found
    case ("forget_bias", _):
      guard let kind, kind.forgetGate != nil else { return false }
      guard let number = value.double, number.isFinite else {
        return refuse(name, value, "it is a number")
      }
      forgetBias = number
    case (_, .string(let source)) where parameter(name) != nil:
      names.append((parameter(name) ?? name, source))
    default: return false
    }
    saysSomething = true
    return true
  }

  private mutating func refuse(_ name: String, _ value: JSONValue, _ reason: String) -> Bool {
    findings.append(
      Diagnostic(
        .pytorchOptionUnsupported, .error,
        "\(layer.type) has \"\(name)\": \(value.text), which is not supported: \(reason)",
        at: layer.location))
    saysSomething = true
    return true
  }

  /// The parameter of an option: `weight_ih_l0` of `weight_ih`; nil for an option that is none.
  private func parameter(_ option: String) -> String? {
    guard kind != nil else { return parameters.contains(option) ? option : nil }
    guard RecurrentParameter.names(option) else { return nil }
    let isShort = RecurrentParameter.allCases.contains { $0.rawValue == option }
    return isShort && !layer.isCell ? option + RecurrentParameter.suffix(layer: 0) : option
  }

  /// Whether a module of this class may have a tensor of this name.
  func isParameter(_ name: String) -> Bool {
    kind == nil ? parameters.contains(name) : RecurrentParameter.names(name)
  }

  /// For each gate in torch's order, the position of one of its letters in `order`.
  private static func places(of order: String, _ letters: [String]) -> [Int]? {
    let order = Array(order)
    let found = letters.compactMap { gate in order.firstIndex { gate.contains($0) } }
    return order.count == letters.count && Set(found).count == letters.count ? found : nil
  }

  // MARK: tensors

  /// The number of rows that matrices have in torch's orientation, as the recurrent kernel, a bias or
  /// a declared size tells it; nil when nothing does.
  func rows(_ tensors: [String: Tensor]) -> Int? {
    guard let kind else {
      guard parameters == Self.rowsAndBias else { return nil }
      return layer.size("out_features") ?? tensors["bias"].flatMap { $0.rank == 1 ? $0.count : nil }
    }
    for (parameter, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      let isKernel = parameter.hasPrefix(RecurrentParameter.recurrentKernel.rawValue)
      guard isKernel, tensor.rank == 2, let low = tensor.shape.min(), let high = tensor.shape.max(),
        low > 0, kind.gateCount > 1, high == kind.gateCount * low
      else { continue }
      return high
    }
    return tensors.filter { parameter, tensor in
      parameter.hasPrefix("bias") && tensor.rank == 1
    }.map(\.value.shape[0]).min()
  }

  /// An error about a matrix that lies the other way than it is declared.
  func transposed(
    _ tensor: Tensor, _ source: String, _ parameter: String, rows: Int?
  ) -> Diagnostic? {
    guard tensor.rank == 2, let rows, isGateMatrix(parameter) || isMatrixOfRows(parameter) else {
      return nil
    }
    let (own, other) =
      orientation == .outputsByInputs
      ? (tensor.shape[0], tensor.shape[1]) : (tensor.shape[1], tensor.shape[0])
    guard own != rows, other == rows else { return nil }
    let meant: Orientation =
      orientation == .outputsByInputs ? .inputsByOutputs : .outputsByInputs
    return Diagnostic(
      .tensorShapeMismatch, .error,
      "'\(source)', declared as '\(parameter)', is transposed: its \(kind == nil ? "outputs" : "gates") "
        + "lie along " + (orientation == .outputsByInputs ? "columns" : "rows"),
      at: tensor.location, expected: tuple([tensor.shape[1], tensor.shape[0]]),
      found: tuple(tensor.shape), hint: "declare \"orientation\": \"\(meant.rawValue)\"")
  }

  /// The parameters of a module with a matrix that has a row for each output.
  private static let rowsAndBias = ["weight", "bias"]

  private func isMatrixOfRows(_ parameter: String) -> Bool {
    kind == nil && parameters == Self.rowsAndBias && parameter == Self.rowsAndBias[0]
  }

  private func isGateMatrix(_ parameter: String) -> Bool {
    kind != nil
      && [RecurrentParameter.kernel, .recurrentKernel].contains { parameter.hasPrefix($0.rawValue) }
  }

  /// The tensor as torch would keep it, and what was done; nil when nothing was.
  func restated(
    _ tensor: Tensor, _ parameter: String
  ) throws(CheckpointError) -> (Tensor, change: String?) {
    var (result, changes) = (tensor, [String]())
    if orientation == .inputsByOutputs, tensor.rank == 2 {
      result = result.transposed().located(at: tensor.location)
      changes.append("transposed")
    }
    let isProjection = parameter.hasPrefix(RecurrentParameter.projection.rawValue)
    guard let kind, !isProjection, (1...2).contains(result.rank),
      result.shape[0] % kind.gateCount == 0
    else { return (result, changes.isEmpty ? nil : changes.joined(separator: ", ")) }
    let units = result.shape[0] / kind.gateCount
    if let places {
      let blocks = places.map { result.slice(axis: 0, $0 * units..<($0 + 1) * units) }
      result = try Tensor.joined(blocks, axis: 0).located(at: tensor.location)
      changes.append("gates put in torch's order")
    }
    let isAdded =
      parameter.hasPrefix(RecurrentParameter.bias.rawValue)
      || hasOneBias && parameter.hasPrefix(RecurrentParameter.recurrentBias.rawValue)
    if let forgetBias, let gate = kind.forgetGate, isAdded, result.rank == 1 {
      var values = result.doubles()
      for index in gate * units..<(gate + 1) * units { values[index] += forgetBias }
      result = try result.replacingNumbers(values).located(at: tensor.location)
      changes.append("\(forgetBias) added to the forget gate, rounded once")
    }
    return (result, changes.isEmpty ? nil : changes.joined(separator: ", "))
  }
}
