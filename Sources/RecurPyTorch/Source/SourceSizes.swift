import RecurModel
import RecurSource
import RecurTensors

/// The sizes that the tensors of a state dict say, compared with those that a source says.
struct SourceSizes {
  /// A difference between a source and the tensors.
  struct Difference {
    let key: String
    let expected: String
    let found: String
    let place: SourcePosition
    /// The extents that differ; nil where the number of axes does.
    var extents: (wanted: Int, found: Int)?
  }

  let tensors: TensorTable
  /// The open sizes that tensors decide.
  private(set) var solved: [String: SourceValue] = [:]
  /// The keys that belong to modules.
  private(set) var used: Set<String> = []
  /// The keys that modules need and the state dict lacks, with the place of the module.
  private(set) var missing: [(key: String, place: SourcePosition)] = []
  private(set) var differences: [Difference] = []
  private var seen: Set<ObjectIdentifier> = []
  private var place = SourcePosition(source: 0, span: .init(0, 0))

  init(_ tensors: TensorTable) { self.tensors = tensors }

  /// Compares a module and all modules in it.
  mutating func match(_ object: SourceObject, depth: Int = 0) {
    guard let path = object.path, depth < 64, seen.insert(ObjectIdentifier(object)).inserted else {
      return
    }
    place = object.place
    if let kind = object.kind { kind.match(&self, object, path) }
    for name in object.attributeOrder where object.tensors[name] == true {
      place = object.place
      match(path, name, object[name]?.array?.known?.shape.map { .plain(.size($0)) })
    }
    for child in object.modules { match(child.value, depth: depth + 1) }
  }

  /// Compares a tensor with its extents; nil stands for any extent, or for any shape.
  mutating func match(_ path: String, _ name: String, _ extents: [SourceValue?]?) {
    let key = StateDictKeys.joined(path, name)
    guard let tensor = tensors[key] else {
      missing.append((key, place))
      return
    }
    used.insert(key)
    guard let extents else { return }
    guard extents.count == tensor.shape.count else {
      differences.append(
        Difference(
          key: key, expected: "\(extents.count) axes", found: tuple(tensor.shape), place: place))
      return
    }
    for (extent, found) in zip(extents, tensor.shape) {
      guard let wanted = extent?.dimension else { continue }
      unify(wanted, found, key, tensor)
    }
  }

  private mutating func unify(_ wanted: Dimension, _ found: Int, _ key: String, _ tensor: Tensor) {
    if let value = wanted.value {
      guard value != found else { return }
      differences.append(
        Difference(
          key: key, expected: "an axis of \(value)", found: tuple(tensor.shape), place: place,
          extents: (value, found)))
      return
    }
    guard let solution = wanted.solved(for: found), solution.name.first == Dimension.openMark
    else { return }
    solve(String(solution.name.dropFirst()), .integer(solution.value))
  }

  mutating func solve(_ name: String, _ value: SourceValue) {
    if solved[name] == nil { solved[name] = value }
  }

  /// Compares a bias; whether there is one may be open.
  mutating func matchBias(_ path: String, _ object: SourceObject, _ extents: [SourceValue?]) {
    if hasBias(path, object, "bias") { match(path, "bias", extents) }
  }

  /// Whether a module has a bias: it says so, or the tensors do.
  mutating func hasBias(_ path: String, _ object: SourceObject, _ name: String) -> Bool {
    decide(object["bias"], tensors[StateDictKeys.joined(path, name)] != nil)
  }

  /// A Boolean option, which the tensors decide when it is open.
  mutating func decide(_ option: SourceValue?, _ isPresent: Bool) -> Bool {
    switch option {
    case .plain(.flag(let value))?: return value
    case .plain(.size(.fixed(let value)))?: return value != 0
    case .plain(.nothing)?: return false
    default:
      if let name = option?.openName { solve(name, .flag(isPresent)) }
      return isPresent
    }
  }

  // MARK: sizes computed of others

  func list(_ value: SourceValue?, count: Int = 1) -> [SourceValue?] {
    switch value {
    case .tuple(let values)?: values
    case .list(let list)?: list.elements
    case let value?: [SourceValue?](repeating: value, count: count)
    case nil: [SourceValue?](repeating: nil, count: count)
    }
  }

  func product(_ value: SourceValue?, _ factor: Int) -> SourceValue? {
    value?.dimension.map { .plain(.size($0.times(factor))) }
  }

  func quotient(_ value: SourceValue?, _ divisor: SourceValue?) -> SourceValue? {
    guard let own = value?.dimension, let by = divisor?.dimension else { return nil }
    if by == .fixed(1) { return value }
    return own.divided(exactlyBy: by).map { .plain(.size($0)) }
  }

  // MARK: recurrent modules

  mutating func matchRecurrent(_ path: String, _ object: SourceObject, gates: Int) {
    func has(_ name: String) -> Bool { tensors[StateDictKeys.joined(path, name)] != nil }
    var depth = 0
    while depth < 1000, has("weight_ih_l\(depth)") { depth += 1 }
    if let name = object["num_layers"]?.openName { solve(name, .integer(depth)) }
    let isBidirectional = decide(object["bidirectional"], has("weight_ih_l0_reverse"))
    let hasBias = decide(object["bias"], has("bias_ih_l0"))
    let projection = object["proj_size"]?.integer ?? 0
    let units = object["hidden_size"]
    let width = projection > 0 ? SourceValue.integer(projection) : units
    let rows = product(units, gates)
    let layers = object["num_layers"]?.integer ?? depth
    /// Compares a weight that the source has not put another array in place of.
    func matchOwn(_ name: String, _ shape: [SourceValue?]) {
      if object[name] == nil { match(path, name, shape) }
    }
    for layer in 0..<max(0, min(layers, 1000)) {
      for suffix in isBidirectional ? ["", "_reverse"] : [""] {
        let input =
          layer == 0 ? object["input_size"] : product(width, isBidirectional ? 2 : 1)
        matchOwn("weight_ih_l\(layer)\(suffix)", [rows, input])
        matchOwn("weight_hh_l\(layer)\(suffix)", [rows, width])
        if hasBias {
          matchOwn("bias_ih_l\(layer)\(suffix)", [rows])
          matchOwn("bias_hh_l\(layer)\(suffix)", [rows])
        }
        if projection > 0 { matchOwn("weight_hr_l\(layer)\(suffix)", [width, units]) }
      }
    }
    // one layer more in the file than in the source
    if layers < depth || !isBidirectional && has("weight_ih_l0_reverse") {
      differences.append(
        Difference(
          key: StateDictKeys.joined(path, "weight_ih_l\(depth - 1)"),
          expected: counted(layers, "layer") + (isBidirectional ? " of two directions" : ""),
          found: counted(depth, "layer")
            + (has("weight_ih_l0_reverse") ? " of two directions" : ""),
          place: place))
    }
  }
}

extension SourceObject {
  /// The modules in this one, by their names.
  var modules: [(name: String, value: SourceObject)] {
    var result: [(name: String, value: SourceObject)] = []
    for name in attributeOrder {
      if case .object(let child)? = attributes[name], child.isModule {
        result.append((name, child))
      }
    }
    for child in children {
      if case .object(let own) = child.value, own.isModule { result.append((child.name, own)) }
    }
    return result
  }

  /// The member on the way to the tensor `key` that is not known.
  func unknown(at key: String) -> (member: String, unknown: SourceUnknown)? {
    var (object, walked): (SourceObject, [String]) = (self, [])
    for part in key.split(separator: ".").map(String.init) {
      walked.append(part)
      let value = object[part] ?? object.children.first { $0.name == part }?.value
      if case .unknown(let unknown)? = value { return (walked.joined(separator: "."), unknown) }
      guard case .object(let next)? = value else { return nil }
      object = next
    }
    return nil
  }

  /// Gives the module and all modules in it their keys.
  func name(_ key: String, depth: Int = 0) {
    guard path == nil, depth < 64 else { return }
    path = key
    for child in modules {
      child.value.name(StateDictKeys.joined(key, child.name), depth: depth + 1)
    }
  }

  /// The keys of tensors under another key of a module that has two.
  func aliases(_ key: String, depth: Int = 0) -> [String] {
    guard depth < 64 else { return [] }
    if let path, path != key { return [key] }
    return modules.flatMap {
      $0.value.aliases(StateDictKeys.joined(key, $0.name), depth: depth + 1)
    }
  }
}
