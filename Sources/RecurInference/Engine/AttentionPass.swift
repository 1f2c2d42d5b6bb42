import RecurModel

/// Attention of the queries of one head of one sequence to all timesteps.
struct AttentionPass: Sendable {
  /// The formula of the scores.
  enum Score: Sendable {
    /// factor · (q · k).
    case product(factor: Float)
    /// Σ weights ⊙ tanh(factor · (q + k)).
    case additive(factor: Float, weights: FloatBuffer)
  }

  /// A buffer, and the distance between neighbouring queries or timesteps.
  struct Side: Sendable {
    let buffer: FloatBuffer
    let row: Int
  }

  /// The offsets of one head of one sequence, and the number of the sequence.
  struct Place: Sendable {
    let query: Int
    let key: Int
    let value: Int
    let target: Int
    let sequence: Int
  }

  let score: Score
  let queries: Int
  let timesteps: Int
  /// The width of queries and keys.
  let size: Int
  /// The width of values.
  let width: Int
  let query: Side
  let key: Side
  let value: Side
  let target: Side
  /// Changes the scores of a query by the masks; returns whether the query has a result.
  ///
  /// The arguments are the scores, the number of the sequence and of the query.
  let masking: @Sendable (FloatBuffer, Int, Int) -> Bool
  let kernels: Kernels

  /// The number of queries whose scores are computed at once.
  private var tile: Int { min(queries, max((1 << 16) / max(timesteps, 1), 1)) }

  /// The numbers of the keys in another order, and those of the sums of a query and all keys.
  private var keySize: Int {
    switch score {
    case .product: kernels.panelSize(timesteps, size)
    case .additive: 2 * timesteps * size
    }
  }

  /// The memory that a thread needs.
  var scratch: Int { keySize + tile * timesteps }

  /// The cost of a query, in multiplications.
  var products: Int {
    if case .additive = score { timesteps * (8 * size + width) } else { timesteps * (size + width) }
  }

  /// Computes the results of some queries.
  func run(_ place: Place, _ range: Range<Int>, _ memory: FloatBuffer) {
    let (own, scores) = (memory.part(0, keySize), memory.suffix(from: keySize))
    let keys = key.buffer.suffix(from: place.key)
    switch score {
    case .product:
      kernels.pack(keys, units: timesteps, stride: key.row, inputs: size, into: own)
    case .additive:
      for t in 0..<timesteps {
        for i in 0..<size { own[i * timesteps + t] = keys[t * key.row + i] }
      }
    }
    var first = range.lowerBound
    while first < range.upperBound {
      let count = min(tile, range.upperBound - first)
      let asked = query.buffer.suffix(from: place.query + first * query.row)
      find(scores, asked, own, count)
      for index in 0..<count {
        let line = scores.part(index * timesteps, timesteps)
        if masking(line, place.sequence, first + index) {
          kernels.softmax(line)
        } else {
          line.fill(0)
        }
      }
      kernels.multiply(
        scores, row: timesteps, value.buffer.suffix(from: place.value), row: value.row,
        into: target.buffer.suffix(from: place.target + first * target.row), row: target.row,
        rows: count, columns: width, depth: timesteps)
      first += count
    }
  }

  /// The scores of `count` queries.
  private func find(_ scores: FloatBuffer, _ asked: FloatBuffer, _ keys: FloatBuffer, _ count: Int)
  {
    switch score {
    case .product(let factor):
      kernels.multiply(
        asked, row: query.row, panels: keys, into: scores, row: timesteps, rows: count,
        units: timesteps, inputs: size)
      let all = scores.part(0, count * timesteps)
      if factor != 1 { for index in all.indices { all[index] *= factor } }
    case .additive(let factor, let weights):
      let sums = keys.suffix(from: size * timesteps)
      for index in 0..<count {
        for i in 0..<size {
          let q = asked[index * query.row + i]
          for t in i * timesteps..<(i + 1) * timesteps { sums[t] = factor * (q + keys[t]) }
        }
        kernels.tanh(sums)
        kernels.multiply(
          weights, row: size, sums, row: timesteps, into: scores.suffix(from: index * timesteps),
          row: timesteps, rows: 1, columns: timesteps, depth: size)
      }
    }
  }
}

extension WorkspacePlanner {
  /// Plans attention; threads share the queries of all heads and sequences.
  mutating func attend(_ pass: AttentionPass, at places: [AttentionPass.Place]) {
    shareRows(
      of: places.count, rows: pass.queries, products: pass.products, scratch: pass.scratch
    ) { number, range, memory in pass.run(places[number], range, memory) }
  }
}
