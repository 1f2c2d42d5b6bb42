import Synchronization

/// The states of one layer between two calls, in the memory of a ``Workspace``.
final class KeptState: Sendable {
  /// `[rows, size]` each.
  let values: [FloatBuffer]
  /// The last output, `[rows, width]`, where that is kept.
  let output: FloatBuffer?
  /// The number of sequences.
  let rows: Int
  private let mark = Atomic<Bool>(false)
  private let memory: [FloatMemory]

  init(_ place: ProgramGraph.Place, rows: Int) {
    memory = (place.sizes + [place.outputWidth].compactMap { $0 }).map {
      FloatMemory(count: rows * $0)
    }
    values = memory.prefix(place.sizes.count).map(\.buffer)
    output = place.outputWidth == nil ? nil : memory.last?.buffer
    self.rows = rows
  }

  /// Whether a call left something here; what is here otherwise means nothing.
  var isSet: Bool {
    get { mark.load(ordering: .relaxed) }
    set { mark.store(newValue, ordering: .relaxed) }
  }

  /// The numbers of everything that is kept.
  var count: Int { memory.reduce(0) { $0 + $1.count } }

  /// Whether every state is zero.
  var isZero: Bool { values.allSatisfy(\.isZero) }

  /// Takes over everything from numbers one after the other, from `position` on.
  func load(_ numbers: FloatBuffer, _ position: inout Int) {
    for part in memory {
      part.buffer.copy(numbers.part(position, part.count))
      position += part.count
    }
  }

  /// Writes everything one after the other, from `position` on.
  func store(_ numbers: FloatBuffer, _ position: inout Int) {
    for part in memory {
      numbers.part(position, part.count).copy(part.buffer)
      position += part.count
    }
  }

  /// Takes over a state that fits.
  func load(_ layer: RecurrentState.Layer) {
    for (buffer, rows) in zip(values, layer.values) { buffer.copy(rows) }
    if let kept = layer.output { output?.copy(kept) } else { output?.fill(0) }
    isSet = true
  }

  /// The state as a value.
  var layer: RecurrentState.Layer {
    var layer = RecurrentState.Layer(values: values.map { $0.rows(rows) })
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
