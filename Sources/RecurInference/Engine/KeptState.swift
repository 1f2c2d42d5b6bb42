/// The states of one layer between two calls, stored in the memory of a ``Workspace``.
struct KeptState: Sendable {
  /// The states, `[rows, size]` each.
  let values: [FloatBuffer]
  /// The last output, `[rows, width]`; nil where it is not kept.
  let output: FloatBuffer?
  /// The number of sequences.
  let rows: Int
  /// One number: 1 if a call has left a state here, else 0.
  let mark: FloatBuffer

  /// The states of all layers, one after the other.
  ///
  /// - Parameters:
  ///   - places: the layers.
  ///   - rows: the number of sequences of each layer.
  ///   - memory: first one mark per layer, then the states; ``count(_:rows:)`` gives the size of
  ///     the states.
  /// - Returns: one kept state per layer.
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

  /// The size in numbers of the states of some layers, without marks.
  static func count(_ places: [ProgramGraph.KeptStates], rows: [Int]) -> Int {
    zip(places, rows).reduce(0) { $0 + $1.1 * $1.0.widths.reduce(0, +) }
  }

  /// Whether a call has left a state here; otherwise the values have no meaning.
  var isSet: Bool {
    get { mark[0] != 0 }
    nonmutating set { mark[0] = newValue ? 1 : 0 }
  }

  /// Whether every state is zero.
  var isZero: Bool { values.allSatisfy(\.isZero) }

  /// Stores a state of the right size.
  func load(_ layer: RecurrentState.LayerState) {
    for (buffer, rows) in zip(values, layer.values) { buffer.copy(rows) }
    if let kept = layer.output { output?.copy(kept) } else { output?.fill(0) }
    isSet = true
  }

  /// The kept state as a value.
  var layer: RecurrentState.LayerState {
    var layer = RecurrentState.LayerState(values: values.map { $0.rows(rows) })
    layer.output = output?.rows(rows)
    return layer
  }
}

extension FloatBuffer {
  /// Copies the numbers of `rows`, which have this buffer's size in all.
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
