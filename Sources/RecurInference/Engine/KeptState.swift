/// The states of one layer between two calls, in the memory of a ``Workspace``.
struct KeptState: Sendable {
  /// `[rows, size]` each.
  let values: [FloatBuffer]
  /// The last output, `[rows, width]`, where that is kept.
  let output: FloatBuffer?
  /// The number of sequences.
  let rows: Int
  /// 1 if a call left something here, else 0.
  let mark: FloatBuffer

  /// The states of every layer, one after the other.
  ///
  /// - Parameters:
  ///   - places: the layers.
  ///   - rows: how many sequences each has.
  ///   - memory: a mark per layer, and then the states; see ``count(_:rows:)``.
  /// - Returns: one per layer.
  static func all(
    _ places: [ProgramGraph.KeptStates], rows: [Int], in memory: FloatBuffer
  ) -> [KeptState] {
    var position = places.count
    return places.indices.map { index in
      let place = places[index]
      var parts: [FloatBuffer] = []
      for width in place.widths {
        parts.append(memory.part(position, rows[index] * width))
        position += rows[index] * width
      }
      return KeptState(
        values: Array(parts.prefix(place.sizes.count)),
        output: place.outputWidth == nil ? nil : parts.last, rows: rows[index],
        mark: memory.part(index, 1))
    }
  }

  /// The numbers that the states of some layers take, without their marks.
  static func count(_ places: [ProgramGraph.KeptStates], rows: [Int]) -> Int {
    zip(places, rows).reduce(0) { $0 + $1.1 * $1.0.widths.reduce(0, +) }
  }

  /// Whether a call left something here; what is here otherwise means nothing.
  var isSet: Bool {
    get { mark[0] != 0 }
    nonmutating set { mark[0] = newValue ? 1 : 0 }
  }

  /// Whether every state is zero.
  var isZero: Bool { values.allSatisfy(\.isZero) }

  /// Takes over a state that fits.
  func load(_ layer: RecurrentState.LayerState) {
    for (buffer, rows) in zip(values, layer.values) { buffer.copy(rows) }
    if let kept = layer.output { output?.copy(kept) } else { output?.fill(0) }
    isSet = true
  }

  /// The state as a value.
  var layer: RecurrentState.LayerState {
    var layer = RecurrentState.LayerState(values: values.map { $0.rows(rows) })
    layer.output = output?.rows(rows)
    return layer
  }
}

extension FloatBuffer {
  /// Replaces the numbers by those of rows of as many.
  fileprivate func copy(_ rows: [[Double]]) {
    var position = 0
    for row in rows {
      for number in row {
        self[position] = Float(number)
        position += 1
      }
    }
  }

  /// The numbers as `count` rows.
  fileprivate func rows(_ count: Int) -> [[Double]] {
    let width = self.count / max(count, 1)
    return (0..<count).map { row in (0..<width).map { Double(self[row * width + $0]) } }
  }
}
