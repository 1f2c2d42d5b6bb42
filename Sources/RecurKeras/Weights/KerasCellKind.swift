import RecurContainers
import RecurModel
import RecurTensors

/// A recurrent layer, recognised by the shapes of its arrays.
struct KerasCellKind {
  let className: String
  let units: Int
  let inputSize: Int
  private let hasBias: Bool
  private let shapes: KerasCellShapes

  /// The layer with arrays of these shapes; in Keras 1 every gate may have arrays of its own.
  init?(_ arrays: [[Int]]) {
    guard let found = Self.perGate(arrays) ?? Self.joined(arrays) else { return nil }
    self = found
  }

  private init(
    _ className: String, _ units: Int, _ inputSize: Int, hasBias: Bool, _ shapes: KerasCellShapes
  ) {
    self.className = className
    self.units = units
    self.inputSize = inputSize
    self.hasBias = hasBias
    self.shapes = shapes
  }

  /// The shapes of all classes of recurrent layers.
  private static let known = RecurrentCell.kerasClasses.flatMap { cell in
    cell.layer.map { layer in cell.shapes.map { (className: layer, shapes: $0) } } ?? []
  }

  private static func perGate(_ arrays: [[Int]]) -> KerasCellKind? {
    let found = known.first { $0.shapes.mayBePerGate && 3 * $0.shapes.gates == arrays.count }
    guard let found, arrays[0].count == 2 else { return nil }
    let (inputSize, units) = (arrays[0][0], arrays[0][1])
    let fits = arrays.enumerated().allSatisfy { index, shape in
      shape == [[inputSize, units], [units, units], [units]][index % 3]
    }
    guard fits else { return nil }
    return KerasCellKind(found.className, units, inputSize, hasBias: true, found.shapes)
  }

  private static func joined(_ arrays: [[Int]]) -> KerasCellKind? {
    guard (2...3).contains(arrays.count), arrays[0].count == 2, arrays[1].count == 2 else {
      return nil
    }
    let (inputSize, width, units) = (arrays[0][0], arrays[0][1], arrays[1][0])
    guard units > 0, arrays[1][1] == width, width % units == 0 else { return nil }
    let bias = arrays.count == 3 ? arrays[2] : nil
    let found = known.first {
      $0.shapes.gates == width / units && $0.shapes.fits(bias, width: width)
    }
    return found.map {
      KerasCellKind($0.className, units, inputSize, hasBias: bias != nil, $0.shapes)
    }
  }

  /// The option that the shapes tell; nil where a layer without a bias leaves it open.
  var option: (name: String, value: JSONValue)? {
    hasBias || shapes.openWithoutBias == nil ? shapes.option : nil
  }

  /// The layer in words.
  func title(_ arrays: [[Int]]) -> String {
    let open = hasBias ? nil : shapes.openWithoutBias
    return "\(className), \(units) units, input size \(inputSize)" + (open.map { ", \($0)" } ?? "")
  }

  /// A reader for a layer whose config is not known.
  func reader(of arrays: [Tensor], name: String) -> KerasLayerReader {
    var options = JSONObject()
    _ = options.append("units", .integer(units))
    _ = options.append("activation", "tanh")
    _ = options.append("recurrent_activation", "sigmoid")
    _ = options.append("use_bias", .bool(hasBias))
    _ = options.append("return_sequences", true)
    if let option = shapes.option { _ = options.append(option.name, option.value) }
    let config = KerasArchitecture.LayerConfig(
      className: className, name: name, options: options,
      location: arrays.first?.location ?? .init(), isKeras1: false)
    return KerasLayerReader(
      config, arrays: arrays, inputShapes: [], version: KerasVersion.newest)
  }
}
