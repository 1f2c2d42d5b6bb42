import RecurInference
public import RecurModel
public import RecurTensors
import RecurVerification

/// A model with its weights stored in another floating-point type, and what that does to them.
public struct Narrowing: Sendable {
  /// The model with every weight rounded once; layers that were to be kept are unchanged.
  public let model: Model
  /// `tensor.overflow` errors, `tensor.underflow` warnings, and a note about lost digits.
  public let findings: [Diagnostic]
  /// The type.
  public let type: ElementType
  /// The objects of the file whose numbers were rounded.
  let rounded: Set<String>
  /// The layers whose weights were rounded.
  let layers: Set<Name>
}

extension Model {
  /// This model with its weights stored as `type`.
  ///
  /// - Parameters:
  ///   - type: float16, bfloat16, float32 or float64.
  ///   - kept: layers whose weights stay as they are, by name, or by the key of their torch module.
  ///   - computes: whether the layers compute in that type too, as layers of Keras do.
  /// - Returns: the model with rounded weights, and what rounding did to them.
  /// - Throws: `model.layer.unknown` for a name in `kept` that no layer with weights has.
  public func narrowed(
    to type: ElementType, keeping kept: [String] = [], computes: Bool = false
  ) throws(CheckpointError) -> Narrowing {
    try checkNames(kept)
    let names = Set(kept.map { Name($0) })
    var copy = self
    var counts: [RoundingCount] = []
    var seen: Set<Name> = []
    for index in copy.nodes.indices where copy.nodes[index].layer.parameterCount > 0 {
      let node = copy.nodes[index]
      let isKept =
        names.contains(Name(node.layerName))
        || node.place.map { names.contains(Name($0.key)) } == true
      guard !isKept else { continue }
      let isFirst = seen.insert(Name(node.layerName)).inserted
      if isFirst { counts += RoundingCount.counts(of: node, type) }
      copy.nodes[index].layer = try node.layer.mappingTensors {
        (tensor: Tensor) throws(CheckpointError) -> Tensor in
        tensor.elementType.isFloatingPoint ? try tensor.rounded(to: type) : tensor
      }
      if computes { copy.nodes[index].precision = type }
    }
    let findings =
      counts.compactMap(\.overflow) + counts.compactMap(\.underflow)
      + RoundingCount.lostDigits(counts, type)
    return Narrowing(
      model: copy, findings: findings, type: type, rounded: Set(counts.map(\.object)), layers: seen)
  }

  private func checkNames(_ kept: [String]) throws(CheckpointError) {
    let layers = weightedNodes
    let known = layers.map(\.layerName) + layers.compactMap { $0.place?.key }
    let findings = kept.filter { name in !known.contains { Name($0) == Name(name) } }.map { name in
      Diagnostic(
        .modelLayerUnknown, .error, "no layer with weights is called '\(name)'",
        expected: "one of " + layers.prefix(12).map { "'\($0.layerName)'" }.joined(separator: ", ")
          + (layers.count > 12 ? ", … (\(layers.count))" : ""),
        found: "'\(name)'",
        hint: suggestion(for: name, among: known).map { "did you mean '\($0)'?" })
    }
    if let error = CheckpointError(findings: findings) { throw error }
  }
}

/// What rounding does to the numbers of one stored tensor.
private struct RoundingCount {
  let layer: String
  let object: String
  let type: ElementType
  let location: Diagnostic.Location
  var total = 0
  var overflowing = 0
  var vanishing = 0
  var losing = 0
  var largest = 0.0
  var smallest = Double.infinity

  /// The stored tensors of a layer; gates that are views of one tensor count as this one tensor.
  static func counts(of node: Model.Node, _ type: ElementType) -> [RoundingCount] {
    var counts: [RoundingCount] = []
    var positions: [Name: Int] = [:]
    let normal = type.smallestNormal
    for (role, tensor) in node.layer.tensors
    where tensor.elementType.isFloatingPoint && tensor.elementType != type {
      let object = tensor.location.object ?? "\(role) of '\(node.layerName)'"
      let position = positions[Name(object)] ?? counts.count
      if position == counts.count {
        positions[Name(object)] = position
        counts.append(
          RoundingCount(
            layer: node.place.map { $0.key.isEmpty ? node.layerName : $0.key } ?? node.layerName,
            object: object, type: type, location: tensor.location.inMemory))
      }
      for part in tensor.inStorageOrder().split(elements: TensorBlocks.scannedElements) {
        counts[position].add(part.doubles(), normal: normal)
      }
    }
    return counts
  }

  private mutating func add(_ values: [Double], normal: Double) {
    for value in values where value.isFinite {
      let rounded = type.rounded(value)
      total += 1
      largest = max(largest, value.magnitude)
      if value != 0 { smallest = min(smallest, value.magnitude) }
      if !rounded.isFinite {
        overflowing += 1
      } else if rounded == 0, value != 0 {
        vanishing += 1
      } else if rounded != value, value.magnitude < normal {
        losing += 1
      }
    }
  }

  /// Numbers that would become infinite.
  var overflow: Diagnostic? {
    guard overflowing > 0 else { return nil }
    return Diagnostic(
      .tensorOverflow, .error,
      "\(overflowing) of \(total) values of '\(object)' do not fit \(type) and would become infinite",
      at: location, expected: "|x| ≤ \(scientific(type.largestFinite, digits: 5))",
      found: "max |x| \(scientific(largest))",
      reason: type == .float16
        ? "float16 has 5 bits of exponent and ends at 65504; bfloat16 has 8 and reaches as far as "
          + "float32" : nil,
      remedies: remedies)
  }

  /// Numbers that would become zero.
  var underflow: Diagnostic? {
    guard vanishing > 0 else { return nil }
    return Diagnostic(
      .tensorUnderflow, .warning,
      "\(vanishing) of \(total) values of '\(object)' become 0 in \(type)",
      at: location, expected: "0 or |x| > \(scientific(type.smallestSubnormal / 2))",
      found: "min |x| \(scientific(smallest))", remedies: remedies)
  }

  /// A note about numbers that stay above 0 but keep fewer digits than the type has, for all
  /// tensors together.
  static func lostDigits(_ counts: [RoundingCount], _ type: ElementType) -> [Diagnostic] {
    let affected = counts.filter { $0.losing > 0 }
    let lost = affected.reduce(0) { $0 + $1.losing }
    let total = counts.reduce(0) { $0 + $1.total }
    guard lost > 0 else { return [] }
    return [
      Diagnostic(
        .tensorUnderflow, .note,
        "\(lost) of \(total) values lie below \(scientific(type.smallestNormal)), where \(type) keeps "
          + "fewer digits", found: "\(affected.count) of \(counts.count) tensors")
    ]
  }

  private var remedies: [Diagnostic.Remedy] {
    (type == .float16 ? [.store(as: .bfloat16)] : [])
      + [.keepWeights(layer: layer, storing: type)]
  }
}

extension ElementType {
  /// The largest finite number of a floating-point type of 16 bits or more.
  fileprivate var largestFinite: Double {
    switch self {
    case .float16: 65504
    case .bfloat16: 0x1.FEp127
    case .float32: Double(Float.greatestFiniteMagnitude)
    default: .greatestFiniteMagnitude
    }
  }

  /// The smallest positive number that has all digits.
  fileprivate var smallestNormal: Double {
    switch self {
    case .float16: 0x1p-14
    case .bfloat16, .float32: 0x1p-126
    default: .leastNormalMagnitude
    }
  }

  /// The smallest positive number.
  fileprivate var smallestSubnormal: Double {
    switch self {
    case .float16: 0x1p-24
    case .bfloat16: 0x1p-133
    case .float32: 0x1p-149
    default: .leastNonzeroMagnitude
    }
  }
}

extension Diagnostic.Code {
  /// Numbers would become infinite in the type that was asked for.
  public static let tensorOverflow = Self(rawValue: "tensor.overflow")
  /// Numbers become 0, or keep fewer digits, in the type that was asked for.
  public static let tensorUnderflow = Self(rawValue: "tensor.underflow")
}
