/// The recurrent classes of Keras, as the shapes of their arrays tell them apart.
struct KerasCellKind {
  let className: String
  let units: Int
  let inputSize: Int
  let hasBias: Bool
  let resetsAfter: Bool

  /// The class whose arrays have these shapes, and whether every gate has its own (Keras 1).
  static func of(_ shapes: [[Int]]) -> (kind: KerasCellKind, isPerGate: Bool)? {
    let perGate = [12: "LSTM", 9: "GRU"]
    if let className = perGate[shapes.count], shapes[0].count == 2 {
      let (inputSize, units) = (shapes[0][0], shapes[0][1])
      let fits = shapes.enumerated().allSatisfy { index, shape in
        shape == [[inputSize, units], [units, units], [units]][index % 3]
      }
      return fits
        ? (KerasCellKind(className, units, inputSize, hasBias: true, resetsAfter: false), true)
        : nil
    }
    guard (2...3).contains(shapes.count), shapes[0].count == 2, shapes[1].count == 2 else {
      return nil
    }
    let (inputSize, width, units) = (shapes[0][0], shapes[0][1], shapes[1][0])
    guard units > 0, shapes[1][1] == width, width % units == 0 else { return nil }
    let bias = shapes.count == 3 ? shapes[2] : nil
    let found: (className: String, resetsAfter: Bool)?
    switch (width / units, bias) {
    case (1, nil), (1, [width]): found = ("SimpleRNN", false)
    case (3, nil), (3, [width]): found = ("GRU", false)
    case (3, [2, width]): found = ("GRU", true)
    case (3, [2 * width]): found = ("CuDNNGRU", true)
    case (4, nil), (4, [width]): found = ("LSTM", false)
    case (4, [2 * width]): found = ("CuDNNLSTM", false)
    default: found = nil
    }
    return found.map {
      (
        KerasCellKind(
          $0.className, units, inputSize, hasBias: bias != nil, resetsAfter: $0.resetsAfter), false
      )
    }
  }

  private init(
    _ className: String, _ units: Int, _ inputSize: Int, hasBias: Bool, resetsAfter: Bool
  ) {
    self.className = className
    self.units = units
    self.inputSize = inputSize
    self.hasBias = hasBias
    self.resetsAfter = resetsAfter
  }

  /// What it is, in words.
  func title(_ shapes: [[Int]]) -> String {
    let isAmbiguous = className == "GRU" && !hasBias
    return "\(className), \(units) units, input size \(inputSize)"
      + (isAmbiguous ? ", reset gate before or after the product" : "")
  }
}
