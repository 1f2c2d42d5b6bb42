import Synchronization

/// The states of one layer between two calls, in the memory of a ``Workspace``.
final class KeptState: Sendable {
  /// `[rows, size]` each.
  let values: [FloatBuffer]
  /// The last output, `[rows, width]`, where that is kept.
  let output: FloatBuffer?
  /// The number of sequences.
  let rows: Int
  private let memory: FloatMemory
  private let mark = Atomic<Bool>(false)

  init(_ place: ProgramGraph.Place, rows: Int) {
    let widths = place.sizes + [place.outputWidth].compactMap { $0 }
    memory = FloatMemory(count: rows * widths.reduce(0, +))
    var parts: [FloatBuffer] = []
    for width in widths {
      let start = parts.reduce(0) { $0 + $1.count }
      parts.append(memory.buffer.part(start, rows * width))
    }
    values = Array(parts.prefix(place.sizes.count))
    output = place.outputWidth == nil ? nil : parts.last
    self.rows = rows
  }

  /// Whether a call left something here; what is here otherwise means nothing.
  var isSet: Bool {
    get { mark.load(ordering: .relaxed) }
    set { mark.store(newValue, ordering: .relaxed) }
  }

  /// Everything that is kept, one after the other.
  var all: FloatBuffer { memory.buffer }

  /// Whether every state is zero.
  var isZero: Bool { values.allSatisfy(\.isZero) }

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
