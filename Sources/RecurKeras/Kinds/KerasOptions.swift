import RecurContainers
import RecurModel
package import RecurTensors

/// The `config` of one layer while it is read, with a record of the options that were read.
///
/// Every option must be read, or be known not to change inference. Any other option is refused by
/// name.
struct KerasOptions {
  let className: String
  let layerName: String
  private let config: JSONObject
  private let location: Diagnostic.Location
  private var unread: Set<Name>
  private(set) var findings: [Diagnostic] = []
  /// The policy of the outer layer, for a layer without a policy of its own.
  var inherited: (compute: ElementType, variable: ElementType) = (.float32, .float32)

  init(_ config: JSONObject, className: String, layerName: String, at location: Diagnostic.Location)
  {
    self.config = config
    self.className = className
    self.layerName = layerName
    self.location = location
    unread = Set(config.names.map { Name($0) })
  }

  /// The options of a layer.
  init(_ config: KerasArchitecture.LayerConfig) {
    self.init(
      config.options, className: config.className, layerName: config.name, at: config.location)
  }

  /// Options about training, storage or speed, which don't change the numbers at inference.
  static let harmless: Set<String> = [
    "name", "trainable", "dtype", "batch_input_shape", "batch_shape", "input_shape", "build_config",
    "kernel_initializer", "recurrent_initializer", "bias_initializer", "embeddings_initializer",
    "alpha_initializer", "beta_initializer", "gamma_initializer", "moving_mean_initializer",
    "moving_variance_initializer", "alpha_regularizer", "beta_regularizer", "gamma_regularizer",
    "alpha_constraint", "beta_constraint", "gamma_constraint", "momentum", "virtual_batch_size",
    "synchronized", "renorm_clipping", "renorm_momentum", "fused", "use_cudnn",
    "unit_forget_bias", "kernel_regularizer", "recurrent_regularizer", "bias_regularizer",
    "embeddings_regularizer", "activity_regularizer", "kernel_constraint", "recurrent_constraint",
    "bias_constraint", "embeddings_constraint", "seed", "implementation", "unroll", "input_dtype",
    "input_dim", "input_length", "autocast",
    // Options of Keras 1.
    "init", "inner_init", "forget_bias_init", "consume_less", "W_regularizer", "U_regularizer",
    "b_regularizer", "W_constraint", "U_constraint", "b_constraint", "beta_init", "gamma_init",
    "gamma_regularizer",
  ]

  mutating func bool(_ name: String, default value: Bool) -> Bool {
    guard let found = take(name) else { return value }
    if let bool = found.bool { return bool }
    refuse(name, found, "a Boolean belongs there")
    return value
  }

  /// A required positive whole number.
  mutating func size(_ name: String) -> Int? {
    guard let found = take(name) else {
      findings.append(missing(name))
      return nil
    }
    if let size = found.integer, size > 0, size < 1 << 31 { return size }
    refuse(name, found, "a whole number from 1 to 2147483647 belongs there")
    return nil
  }

  mutating func number(_ name: String, default value: Double) -> Double {
    guard let found = take(name) else { return value }
    if let number = found.double { return number }
    refuse(name, found, "a number belongs there")
    return value
  }

  /// A number, or nil for null or none.
  mutating func optionalNumber(_ name: String) -> Double? {
    guard let found = take(name), !found.isNull else { return nil }
    if let number = found.double { return number }
    refuse(name, found, "a number or null belongs there")
    return nil
  }

  /// One whole number of at least `least`, or a list of `count` such numbers.
  mutating func sizes(
    _ name: String, count: Int = 1, least: Int = 1, default value: Int? = nil
  ) -> [Int]? {
    guard let found = take(name), !found.isNull else {
      if value == nil { findings.append(missing(name)) }
      return value.map { [Int](repeating: $0, count: count) }
    }
    let numbers =
      found.integer.map { [Int](repeating: $0, count: count) }
      ?? found.array?.compactMap(\.integer) ?? []
    let isWhole = numbers.count == count && (found.array?.count ?? count) == count
    guard isWhole, numbers.allSatisfy({ $0 >= least && $0 < 1 << 31 }) else {
      refuse(
        name, found,
        count == 1 ? "a whole number belongs there" : "\(count) whole numbers belong there")
      return nil
    }
    return numbers
  }

  /// One of several words; the first word is the default.
  mutating func choice(_ name: String, _ words: String...) -> String { choice(name, words) }

  /// One of several words; the first word is the default.
  mutating func choice(_ name: String, _ words: [String]) -> String {
    guard let found = take(name), !found.isNull else { return words[0] }
    if let text = found.string, words.contains(text) { return text }
    refuse(name, found, "only \(words.joined(separator: ", ")) are supported")
    return words[0]
  }

  /// Whether there is an option of this name; asking does not read it.
  func isGiven(_ name: String) -> Bool { config[name] != nil }

  /// The value of an option, of any type.
  mutating func value(_ name: String) -> JSONValue? { take(name) }

  /// Refuses the value of an option for a reason that the room of the layer gives.
  mutating func refuse(_ name: String, because why: String) {
    refuse(name, config[name] ?? .null, why)
  }

  /// A required activation; null is linear.
  ///
  /// No default is assumed, because defaults differ between versions.
  mutating func activation(_ name: String, _ version: KerasVersion) -> Activation {
    guard let found = take(name) else {
      findings.append(missing(name))
      return .linear
    }
    if found.isNull { return .linear }
    if let activation = activationLayer(found, version) { return activation }
    // A function is a name, or an object that holds the name.
    let text = found.string ?? found["config"]?.string
    guard let text else {
      refuse(name, found, "the name of an activation belongs there")
      return .linear
    }
    if let activation = kerasActivation(text, version) { return activation }
    let names = kerasActivationNames.map(\.name) + ["hard_sigmoid"]
    findings.append(
      Diagnostic(
        .kerasOptionUnsupported, .error,
        "\(className) '\(layerName)' has \"\(name)\": \"\(text)\"; the activation is unknown",
        at: place(name), hint: suggestion(for: text, among: names).map { "did you mean '\($0)'?" },
        notes: ["known activations: \(names.sorted().joined(separator: ", "))"]))
    return .linear
  }

  /// An activation given as a layer: `LeakyReLU(0.1)` where others write "relu".
  private mutating func activationLayer(
    _ value: JSONValue, _ version: KerasVersion
  ) -> Activation? {
    guard let className = value["class_name"]?.string, let options = value["config"]?.object,
      let read = Layer.kerasClasses[className]?.activation
    else { return nil }
    var inner = KerasOptions(
      options, className: className, layerName: options["name"]?.string ?? className, at: location)
    let activation = read(&inner, version, nil)
    inner.finish()
    findings += inner.findings
    return activation
  }

  /// The precision of the layer: the compute type and the variable type of its policy.
  mutating func policy() -> (compute: ElementType, variable: ElementType) {
    guard let found = config["dtype"], !found.isNull else { return inherited }
    // Keras 2 writes a name or a Policy, Keras 3 a DTypePolicy.
    let isPolicy = ["Policy", "DTypePolicy"].contains(found["class_name"]?.string)
    guard let text = found.string ?? (isPolicy ? found["config"]?["name"]?.string : nil) else {
      refuse("dtype", found, "a floating-point type or a mixed policy belongs there")
      return inherited
    }
    switch text {
    case "float32", "float64", "float16", "bfloat16":
      let type = ElementType(rawValue: text) ?? .float32
      return (type, type)
    case "mixed_float16": return (.float16, .float32)
    case "mixed_bfloat16": return (.bfloat16, .float32)
    // Keras 2.0 says here what the tokens are (keras/layers/embeddings.py, `Embedding.__init__`).
    // Layers that look text up say what they read.
    case "int32", "int64", "string":
      guard Layer.kerasClasses[className]?.takesTokens == true else { fallthrough }
      return inherited
    default:
      refuse("dtype", .string(text), "a floating-point type or a mixed policy belongs there")
      return inherited
    }
  }

  /// Refuses every value of an option but one.
  mutating func only(_ name: String, _ allowed: JSONValue...) {
    guard let found = take(name), !allowed.contains(found) else { return }
    refuse(
      name, found,
      "only \(allowed.map(\.text).joined(separator: " or ")) is supported")
  }

  /// Options that have no effect at inference in this class of layer.
  mutating func ignore(_ names: String...) { for name in names { _ = take(name) } }

  /// Options of a layer that does nothing at inference.
  mutating func ignoreAll() { unread = [] }

  /// Refuses every option that was not read.
  mutating func finish() {
    for name in config.names where unread.contains(Name(name)) && !Self.harmless.contains(name) {
      refuse(name, because: "the option is unknown")
    }
  }

  private mutating func take(_ name: String) -> JSONValue? {
    unread.remove(Name(name))
    return config[name]
  }

  private mutating func refuse(_ name: String, _ value: JSONValue, _ why: String) {
    let finding = Diagnostic(
      .kerasOptionUnsupported, .error,
      "\(className) '\(layerName)' has \"\(name)\": \(value.text); \(why)", at: place(name))
    // An option may be asked for more than once.
    if !findings.contains(finding) { findings.append(finding) }
  }

  private func missing(_ name: String) -> Diagnostic {
    Diagnostic(
      .kerasConfigInvalid, .error, "\(className) '\(layerName)' has no \"\(name)\"",
      at: place(name))
  }

  private func place(_ name: String) -> Diagnostic.Location {
    var place = location
    place.object = (location.object ?? "") + ".config.\(name)"
    return place
  }
}

extension Diagnostic.Code {
  package static let kerasOptionUnsupported = Self(rawValue: "keras.option.unsupported")
  package static let kerasLayerUnsupported = Self(rawValue: "keras.layer.unsupported")
  package static let kerasConfigInvalid = Self(rawValue: "keras.config.invalid")
}
