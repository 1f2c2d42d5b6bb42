import RecurContainers
import RecurTensors

/// The architecture that a state dict lacks: modules in the words of torch's constructors, in the
/// order of calls, with the arguments and the results of the model.
///
///     {"inputs": ["x", "lengths"],
///      "layers": [{"type": "nn.LSTM", "key": "lstm", "input_size": 3, "hidden_size": 4,
///                  "batch_first": true, "select": "last"},
///                 {"type": "nn.Linear", "key": "fc", "in_features": 4, "out_features": 2}],
///      "outputs": ["fc", "lstm.h_n"]}
///
/// A module is given the result of the module before it, or what its `inputs` name. Functions of torch
/// stand beside modules: `{"type": "torch.cat", "inputs": ["lstm", "conv"], "dim": -1}`.
struct PyTorchDeclaration: Sendable {
  /// One module.
  struct DeclaredModule: Sendable {
    /// Its class: `nn.LSTM`; empty where it still has to be said.
    var type: String
    /// The prefix of its tensors without the last dot; empty for a module that was saved by itself,
    /// nil for a module without tensors.
    var key: String?
    /// All other options, in file order.
    var options: JSONObject
    /// The place of the module in the file.
    var location: Diagnostic.Location
    /// The name of its result; nil for its key, or the name of its class.
    var name: String?
    /// What it is given, in order: names of results and of arguments, and numbers; nil for the result
    /// of the module before it.
    var inputs: [JSONValue]?

    /// Whether it still has to be said what is applied here.
    var isOpen: Bool { type.isEmpty }

    /// The name of the mask of its timesteps.
    var mask: String? { options["mask"]?.string }
  }

  /// The arguments of the model; nil for those that its modules take.
  var inputs: [String]? {
    didSet { forms = forms.filter { form in inputs?.contains(form.name) ?? false } }
  }
  /// The arguments whose shape or type is declared.
  private(set) var forms: [DeclaredInput] = []
  /// The modules; each is called with the output of the one before it.
  var layers: [DeclaredModule]
  /// The results of the model; nil for the output of the last module.
  var outputs: [String]?
  /// Whether it still has to be said in which order the modules are called.
  var isOrderOpen = false

  init(
    inputs: [String]? = nil, layers: [DeclaredModule], outputs: [String]? = nil,
    forms: [DeclaredInput] = []
  ) {
    self.inputs = inputs
    self.forms = forms
    self.layers = layers
    self.outputs = outputs
  }

  /// Whether modules say what they are given.
  var isGraph: Bool { layers.contains { $0.inputs != nil || $0.mask != nil } }

  /// Whether JSON looks like a declaration, and not like the config of another framework.
  static func recognizes(_ value: JSONValue) -> Bool {
    guard let layers = value["layers"]?.array else { return false }
    return layers.contains { $0["type"]?.string != nil }
      && layers.allSatisfy { $0["type"].map { $0.string != nil || $0.isNull } ?? false }
  }

  /// Reads a declaration.
  ///
  /// - Throws: `pytorch.declaration.invalid`, with all errors in one.
  init(_ value: JSONValue, at location: Diagnostic.Location) throws(CheckpointError) {
    var findings: [Diagnostic] = []
    func report(_ message: String, _ place: Diagnostic.Location, hint: String? = nil) {
      findings.append(
        Diagnostic(.pytorchDeclarationInvalid, .error, message, at: place, hint: hint))
    }
    layers = []
    for member in value.object?.members ?? []
    where !["inputs", "layers", "outputs", "order"].contains(member.name) {
      report(
        "'\(member.name)' is unknown; a declaration has 'inputs', 'layers' and 'outputs'", location)
    }
    func names(_ member: String) -> [String]? {
      guard let list = value[member], !list.isNull else { return nil }
      let names = list.array?.compactMap(\.string)
      if names == nil || names?.isEmpty == true || names?.count != list.array?.count {
        report("'\(member)' is no list of names", location)
      }
      return names
    }
    if let list = value["inputs"], !list.isNull {
      let read = list.array?.compactMap(DeclaredInput.init) ?? []
      if read.isEmpty || read.count != list.array?.count {
        report(
          "'inputs' is no list of names", location,
          hint:
            "an input whose shape no module tells is {\"name\": \"x\", \"shape\": [null, 10, 3]}")
      }
      inputs = read.map(\.name)
      forms = read.filter { $0.shape != nil || $0.type != nil }
    }
    outputs = names("outputs")
    if let order = value["order"] {
      isOrderOpen = order.isNull
      if !order.isNull, order.string != Self.asListed {
        report("'order' is \(order.text); it can be \"\(Self.asListed)\" only", location)
      }
    }
    guard let list = value["layers"]?.array, !list.isEmpty else {
      throw CheckpointError(
        .pytorchDeclarationInvalid, "a declaration needs 'layers', a list of at least one module",
        at: location,
        found: value.object.map { firstNames($0.names) } ?? value.kind
      ).advising("'\(.declaration)' writes one to edit")
    }
    for (index, entry) in list.enumerated() {
      var place = location
      place.object = (location.object.map { "\($0): " } ?? "") + "layers[\(index)]"
      guard let object = entry.object,
        let type = object["type"].flatMap({ $0.isNull ? "" : $0.string })
      else {
        report("the layer has no 'type'", place, hint: "write \"type\": \"nn.LSTM\", for example")
        continue
      }
      if let key = object["key"], key.string == nil {
        report("'key' is \(key.kind), not the prefix of the module's tensors", place)
      }
      var options = JSONObject()
      if let name = object["name"], name.string == nil {
        report("'name' is \(name.kind), not a name", place)
      }
      if let given = object["inputs"], given.array == nil, given.string == nil {
        report("'inputs' is \(given.kind), not a list of names", place)
      }
      for member in object.members
      where !["type", "key", "name", "inputs"].contains(member.name) {
        _ = options.append(member.name, member.value)
      }
      layers.append(
        DeclaredModule(
          type: type, key: object["key"]?.string, options: options, location: place,
          name: object["name"]?.string,
          inputs: object["inputs"].flatMap { $0.array ?? ($0.string == nil ? nil : [$0]) }))
    }
    if let error = CheckpointError(findings: findings) { throw error }
  }

  /// What says that modules are called in the order in which they stand.
  static let asListed = "as listed"

  /// The declaration as text, with one module per line.
  var text: String {
    func list(_ names: [String]) -> String { JSONValue.array(names.map { .string($0) }).text }
    let lines = layers.map { layer -> String in
      var object = JSONObject()
      _ = object.append("type", layer.isOpen ? .null : .string(layer.type))
      if let key = layer.key { _ = object.append("key", .string(key)) }
      if let name = layer.name { _ = object.append("name", .string(name)) }
      if let inputs = layer.inputs { _ = object.append("inputs", .array(inputs)) }
      for member in layer.options.members { _ = object.append(member.name, member.value) }
      return "    " + JSONValue.object(object).text
    }
    let parts = [
      isOrderOpen ? "  \"order\": null" : nil,
      inputs.map { names in
        let entries = names.map { name in
          (forms.first { $0.name == name } ?? DeclaredInput(name: name)).json
        }
        return "  \"inputs\": \(JSONValue.array(entries).text)"
      },
      "  \"layers\": [\n\(lines.joined(separator: ",\n"))\n  ]",
      outputs.map { "  \"outputs\": \(list($0))" },
    ]
    return "{\n\(parts.compactMap { $0 }.joined(separator: ",\n"))\n}\n"
  }
}

extension Diagnostic.Code {
  static let pytorchDeclarationInvalid = Self(rawValue: "pytorch.declaration.invalid")
}
