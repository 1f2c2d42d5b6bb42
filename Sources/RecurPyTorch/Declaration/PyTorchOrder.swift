import RecurContainers
import RecurFormats
import RecurStateDicts
import RecurTensors

/// The order in which the modules of a state dict are called, as far as widths and names tell.
struct PyTorchOrder {
  /// The modules in that order.
  private(set) var layers: [PyTorchDeclaration.DeclaredModule]
  /// What had to be assumed, in words.
  private(set) var assumptions: [String] = []
  /// The question, where several orders fit.
  private(set) var open: OpenReading?

  /// Orders `layers`, which stand as the file has them.
  ///
  /// - Parameters:
  ///   - layers: the modules.
  ///   - records: what a pickle says of them.
  ///   - readings: the answer, if there is one.
  init(
    _ layers: [PyTorchDeclaration.DeclaredModule], _ records: [PyTorchModuleRecord],
    _ readings: Readings
  ) {
    self.layers = layers
    if let order = readings.order, let answered = Self.answer(layers, order) {
      self.layers = answered
      return
    }
    guard layers.count > 1, !PyTorchSequence.saysOrder(records) else { return }
    let orders = Self.fitting(layers)
    if !records.isEmpty {
      assumptions.append("modules are called in the order they were registered")
      if let stray = PyTorchSequence.stray(records, layers) {
        open = OpenReading("where '\(stray)' is called", answers: [])
        return
      }
    } else if !Self.follow(layers), Self.isSorted(layers), let first = orders.first {
      // Some containers sort their keys; the widths then tell the order if only one fits. Others have
      // the order of registration, which is that of calls where modules follow each other at all.
      self.layers = first
      if let pair = Self.alike(first) {
        assumptions.append("'\(pair.1)' begins with zeros, and not where '\(pair.0)' ended")
        open = OpenReading(
          "what '\(pair.0)' and '\(pair.1)', which are alike, are given", answers: [])
        return
      }
    }
    guard orders.count > 1, Self.follow(self.layers) else { return }
    let own = self.layers.map(\.title)
    let titles = [own] + orders.map { $0.map(\.title) }.filter { $0 != own }
    if records.isEmpty {
      assumptions.append(
        "modules are called in the order " + own.map { "'\($0)'" }.joined(separator: ", "))
    }
    open = OpenReading(
      "in which order " + own.map { "'\($0)'" }.joined(separator: ", ") + " are called",
      answers: titles.prefix(3).map { Readings(order: $0) })
  }

  /// The modules as an answer orders them; nil when it does not name each of them once.
  static func answer(
    _ layers: [PyTorchDeclaration.DeclaredModule], _ order: [String]
  ) -> [PyTorchDeclaration.DeclaredModule]? {
    guard order.count == layers.count, layers.allSatisfy({ $0.key != nil }) else { return nil }
    let found = order.compactMap { name in layers.first { Name($0.title) == Name(name) } }
    return found.count == layers.count && Set(order.map { Name($0) }).count == order.count
      ? found : nil
  }

  /// Up to four orders in which each module takes the width that the one before it puts out, and
  /// modules that are numbered follow their numbers.
  private static func fitting(
    _ layers: [PyTorchDeclaration.DeclaredModule]
  ) -> [[PyTorchDeclaration.DeclaredModule]] {
    guard layers.allSatisfy({ $0.key != nil }) else { return [] }
    let numbers = layers.map { PyTorchNumber($0.title) }
    guard layers.count <= 8 else { return exchanged(layers, numbers) }
    for keepsNumbers in [true, false] {
      var found: [[PyTorchDeclaration.DeclaredModule]] = []
      func extend(_ chain: [Int], _ rest: [Int]) {
        guard found.count < 4 else { return }
        if rest.isEmpty { found.append(chain.map { layers[$0] }) }
        for index in rest {
          let others = rest.filter { $0 != index }
          if keepsNumbers, others.contains(where: { numbers[$0].precedes(numbers[index]) }) {
            continue
          }
          let next = chain + [index]
          if follow(next.map { layers[$0] }) { extend(next, others) }
        }
      }
      extend([], Array(layers.indices))
      if !found.isEmpty { return found }
    }
    return []
  }

  /// Whether the modules stand as their names do when they are sorted.
  private static func isSorted(_ layers: [PyTorchDeclaration.DeclaredModule]) -> Bool {
    let titles = layers.map(\.title)
    return titles == titles.sorted()
  }

  /// Two recurrent modules of the same sizes with something else between them: the states of one may
  /// be where the other begins, as in an encoder and a decoder.
  private static func alike(
    _ layers: [PyTorchDeclaration.DeclaredModule]
  ) -> (String, String)? {
    func sizes(_ layer: PyTorchDeclaration.DeclaredModule) -> [JSONValue?] {
      [.string(layer.typeName)]
        + ["hidden_size", "num_layers", "bidirectional", "proj_size"].map { layer.options[$0] }
    }
    for (index, layer) in layers.enumerated() where layer.recurrentKind != nil {
      let other = layers.dropFirst(index + 2).first { sizes($0) == sizes(layer) }
      if let other, layers[index + 1].recurrentKind == nil { return (layer.title, other.title) }
    }
    return nil
  }

  /// The order of the file, and another one in which two neighbours are exchanged.
  private static func exchanged(
    _ layers: [PyTorchDeclaration.DeclaredModule], _ numbers: [PyTorchNumber]
  ) -> [[PyTorchDeclaration.DeclaredModule]] {
    for index in layers.indices.dropLast() where !numbers[index].precedes(numbers[index + 1]) {
      var other = layers
      other.swapAt(index, index + 1)
      if follow(other) { return [layers, other] }
    }
    return [layers]
  }

  /// A module that takes channels before timesteps, and the recurrent one before it, which puts them out
  /// last; nil where there are none.
  static func channels(
    _ layers: [PyTorchDeclaration.DeclaredModule]
  ) -> (before: String, after: String)? {
    for (one, other) in zip(layers, layers.dropFirst())
    where one.recurrentKind != nil && !one.isCell && other.typeName == "nn.BatchNorm1d" {
      return (one.title, other.title)
    }
    return nil
  }

  /// Whether each module takes the width that the one before it puts out.
  static func follow(_ layers: [PyTorchDeclaration.DeclaredModule]) -> Bool {
    var width: Int?
    var isSequence = false
    for (index, layer) in layers.enumerated() {
      // What has no tensors keeps the width; whether a Flatten or a GLU fits shows when it is built.
      let outline = layer.outline
      if layer.key == nil, outline.effect != .joinsAxes { continue }
      guard let gives = outline.gives else { return false }
      // A table of rows is looked up by tokens, which only the caller gives.
      if outline.effect == .addsAxis, index > 0 { return false }
      if let width, width != outline.takes { return false }
      // A cell takes one timestep, and nothing says which.
      if layer.isCell, isSequence { return false }
      isSequence = isSequence || layer.recurrentKind != nil && !layer.isCell
      width = gives
    }
    return true
  }
}

/// The number at the end of a module's name: `fc2`, `net.0`.
private struct PyTorchNumber {
  private let stem: String
  private let number: Int?

  init(_ title: String) {
    let digits = title.reversed().prefix { $0.isNumber && $0.isASCII }
    stem = String(title.dropLast(digits.count))
    number = Int(String(digits.reversed()))
  }

  /// Whether both are numbered alike and this one is the earlier.
  func precedes(_ other: PyTorchNumber) -> Bool {
    guard stem == other.stem, let number, let later = other.number else { return false }
    return number < later
  }
}

/// Containers that call their modules in the order of their registration.
enum PyTorchSequence {
  /// Whether all modules stand in one `nn.Sequential`.
  static func saysOrder(_ records: [PyTorchModuleRecord]) -> Bool {
    let sequences = sequences(records)
    let parents = records.filter { !$0.key.isEmpty && $0.declaredType != "nn.Sequential" }.map {
      parent($0.key)
    }
    guard let first = parents.first, parents.allSatisfy({ sequences.contains(Name($0)) }) else {
      return false
    }
    return sequences.contains(Name("")) || parents.allSatisfy { $0 == first }
  }

  /// A module without tensors that changes numbers and stands in no `nn.Sequential`, so that code says
  /// where it is called.
  static func stray(
    _ records: [PyTorchModuleRecord], _ layers: [PyTorchDeclaration.DeclaredModule]
  ) -> String? {
    let sequences = sequences(records)
    let keys = Set(layers.compactMap { $0.key.map { Name($0) } })
    return records.first { record in
      guard !keys.contains(Name(record.key)), let layer = record.declaration, !layer.isIdle else {
        return false
      }
      return !sequences.contains(Name(parent(record.key)))
    }?.key
  }

  private static func sequences(_ records: [PyTorchModuleRecord]) -> Set<Name> {
    Set(records.filter { $0.declaredType == "nn.Sequential" }.map { Name($0.key) })
  }

  private static func parent(_ key: String) -> String {
    key.lastIndex(of: ".").map { String(key[..<$0]) } ?? ""
  }
}
