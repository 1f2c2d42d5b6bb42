import RecurModel

/// The windows of a layer over up to three axes, as copies of contiguous numbers.
struct WindowGather: Sendable {
  private let places: WindowPlaces
  /// The channel count of the input.
  private let channels: Int
  /// The channels that are read.
  private let first: Int
  private let used: Int

  /// The windows over an input with these extents and channels, of which some are read.
  init(_ windows: [Window], over extents: [Int], channels: Int, reading used: Range<Int>) {
    places = WindowPlaces(windows, over: extents)
    self.channels = channels
    (first, self.used) = (used.lowerBound, used.count)
  }

  /// The number of windows of one sequence.
  var count: Int { places.count }
  /// The number of positions of one sequence.
  var positions: Int { places.positions }

  private var depth: WindowPlaces.Axis { places.depth }
  private var height: WindowPlaces.Axis { places.height }
  private var width: WindowPlaces.Axis { places.width }

  /// The number of elements of a window.
  var size: Int { depth.size * height.size * width.size }
  /// Whether the windows are the positions themselves, in order.
  var isIdentity: Bool {
    [depth, height, width].allSatisfy { $0.size == 1 && $0.stride == 1 && $0.count == $0.extent }
      && used == channels
  }

  /// Copies the numbers of one window: element by element, the channels next to each other.
  ///
  /// - Parameters:
  ///   - window: the number of the window, over all sequences.
  ///   - x: the input.
  ///   - target: as many numbers as a window has.
  func copy(_ window: Int, of x: FloatBuffer, into target: FloatBuffer) {
    let (row, own) = window.quotientAndRemainder(dividingBy: count)
    let (plane, w) = own.quotientAndRemainder(dividingBy: width.count)
    let (d, h) = plane.quotientAndRemainder(dividingBy: height.count)
    let run = width.size * used
    var place = 0
    for i in 0..<depth.size {
      for j in 0..<height.size {
        let line = target.part(place, run)
        place += run
        guard let z = depth.position(d, i), let y = height.position(h, j) else {
          line.fill(0)
          continue
        }
        let start = ((row * depth.extent + z) * height.extent + y) * width.extent
        copyLine(w, of: x, from: start, into: line)
      }
    }
  }

  /// Copies the elements of a window along the last axis, for the line that begins at `start`.
  private func copyLine(_ window: Int, of x: FloatBuffer, from start: Int, into line: FloatBuffer) {
    let begin = window * width.stride - width.before
    if used == channels, width.dilation == 1 {
      let low = min(max(-begin, 0), width.size)
      let high = max(min(width.size, width.extent - begin), low)
      if low > 0 { line.part(0, low * used).fill(0) }
      if high < width.size { line.suffix(from: high * used).fill(0) }
      guard high > low else { return }
      line.part(low * used, (high - low) * used)
        .copy(x.part((start + begin + low) * channels, (high - low) * used))
      return
    }
    for element in 0..<width.size {
      let part = line.part(element * used, used)
      if let position = width.position(window, element) {
        part.copy(x.part((start + position) * channels + first, used))
      } else {
        part.fill(0)
      }
    }
  }
}

extension WorkspacePlanner {
  /// The number of numbers that a tile of windows holds: half of a usual second-level cache.
  private static let tileSize = 1 << 17

  /// Plans the product of a matrix with every window; windows are gathered tile by tile.
  ///
  /// - Parameters:
  ///   - matrix: the kernel, one column per number of a window.
  ///   - gather: the windows.
  ///   - x: the input.
  ///   - batch: the number of sequences.
  ///   - y: the first result.
  ///   - stride: the distance between neighbouring results, in numbers.
  mutating func multiply(
    _ matrix: PackedMatrix, _ gather: WindowGather, _ x: FloatBuffer, batch: Int,
    into y: FloatBuffer, stride: Int
  ) {
    let rows = batch * gather.count
    guard !gather.isIdentity else {
      return multiply(matrix, x, stride: matrix.inputs, into: y, stride: stride, rows: rows)
    }
    let length = max(min(rows, Self.tileSize / max(matrix.inputs, 1)), 1)
    func task(_ range: Range<Int>, _ tile: FloatBuffer) -> ParallelTask {
      ParallelTask {
        var first = range.lowerBound
        while first < range.upperBound {
          let count = min(length, range.upperBound - first)
          for index in 0..<count {
            gather.copy(
              first + index, of: x, into: tile.part(index * matrix.inputs, matrix.inputs))
          }
          matrix.apply(
            to: tile, stride: matrix.inputs, into: y.suffix(from: first * stride), stride: stride,
            rows: count)
          first += count
        }
      }
    }
    let tile = temporary(length * matrix.inputs)
    guard isWorthSharing(matrix, rows: rows) else {
      return act(sharing: [], solo: [task(0..<rows, tile)])
    }
    var shared: [ParallelTask] = []
    for (index, range) in WorkSharing.parts(of: rows, threads).enumerated() {
      shared.append(task(range, index == 0 ? tile : temporary(length * matrix.inputs)))
    }
    act(sharing: shared, solo: [task(0..<rows, tile)])
  }
}
