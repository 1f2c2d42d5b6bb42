extension Tensor {
  /// Copies the elements in row-major order, bit for bit, to memory with room for all of them.
  func gather(to target: UnsafeMutableRawPointer) {
    unsafe gather(to: target, steps: Self.rowMajorStrides(of: shape))
  }

  /// Copies the elements bit for bit; `steps` are the strides in the target, in elements.
  func gather(to target: UnsafeMutableRawPointer, steps: [Int]) {
    guard count > 0 else { return }
    let width = elementType.byteCount
    if let join {
      var offset = 0
      for part in join.parts {
        unsafe part.gather(to: target + offset * steps[join.axis] * width, steps: steps)
        offset += part.shape[join.axis]
      }
      return
    }
    let plan = GatherPlan(shape, strides, steps)
    switch width {
    case 1: unsafe plan.run(UInt8.self, bytes, start: start, to: target)
    case 2: unsafe plan.run(UInt16.self, bytes, start: start, to: target)
    case 4: unsafe plan.run(UInt32.self, bytes, start: start, to: target)
    case 8: unsafe plan.run(UInt64.self, bytes, start: start, to: target)
    default: unsafe plan.run(UInt128.self, bytes, start: start, to: target)
    }
  }
}

/// A plan for copying a view's elements to another order.
///
/// The copy goes tile by tile: a tile is read in contiguous runs of the source and written in
/// contiguous runs of the target.
private struct GatherPlan {
  /// A dimension: its extent, and its strides in source and target, in elements.
  struct Axis {
    var extent: Int
    var source: Int
    var target: Int
  }

  /// The longest run that is read at once, in elements.
  static let runLength = 4_096
  /// How many runs make a tile when they are read one by one.
  static let runCount = 64
  /// Extra elements per run, so that the runs of a tile don't share cache lines.
  static let padding = 16
  /// Runs of at least this length are read one by one, straight to the target where possible.
  static let longRun = 4_096

  /// The dimension with the smallest stride in the source.
  private var along = Axis(extent: 1, source: 1, target: 1)
  /// The dimension with the smallest stride in the target, if it is another one than `along`.
  private var across = Axis(extent: 1, source: 0, target: 0)
  private var outer: [Axis] = []

  init(_ shape: [Int], _ strides: [Int], _ steps: [Int]) {
    var axes: [Axis] = []
    for axis in shape.indices.reversed() where shape[axis] != 1 {
      let next = Axis(extent: shape[axis], source: strides[axis], target: steps[axis])
      if let inner = axes.last, next.source == inner.source * inner.extent,
        next.target == inner.target * inner.extent
      {
        axes[axes.count - 1].extent *= next.extent
      } else {
        axes.append(next)
      }
    }
    guard let closest = axes.indices.min(by: { axes[$0].source < axes[$1].source }) else { return }
    along = axes.remove(at: closest)
    if !axes.isEmpty { across = axes.removeFirst() }
    outer = axes
  }

  /// Copies all elements from `bytes`; the first element is at `start`.
  func run<Element: FixedWidthInteger & BitwiseCopyable>(
    _: Element.Type, _ bytes: ByteRegion, start: Int, to target: UnsafeMutableRawPointer
  ) {
    let width = MemoryLayout<Element>.size
    let isStraight = along.source == 1 && along.target == 1
    let isLong = along.extent * width >= Self.longRun || across.extent == 1
    var tile = Tile<Element>(
      isStraight && isLong ? 0 : Self.runCount * (Self.runLength + Self.padding))
    var index = [Int](repeating: 0, count: outer.count)
    var (source, place) = (start, 0)
    while true {
      if isStraight, isLong {
        for row in 0..<across.extent {
          let run = unsafe UnsafeMutableRawBufferPointer(
            start: target + (place + row * across.target) * width, count: along.extent * width)
          unsafe bytes.copy(at: (source + row * across.source) * width, to: run)
        }
      } else {
        unsafe move(bytes, source, to: target + place * width, &tile)
      }
      // The next index of the outer dimensions, the innermost first.
      var axis = 0
      while axis < outer.count {
        index[axis] += 1
        source += outer[axis].source
        place += outer[axis].target
        if index[axis] < outer[axis].extent { break }
        source -= outer[axis].source * outer[axis].extent
        place -= outer[axis].target * outer[axis].extent
        index[axis] = 0
        axis += 1
      }
      if axis == outer.count { return }
    }
  }

  /// Copies the elements at one index of the outer dimensions, tile by tile.
  private func move<Element: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: ByteRegion, _ source: Int, to target: UnsafeMutableRawPointer,
    _ tile: inout Tile<Element>
  ) {
    let width = MemoryLayout<Element>.size
    let length = max(1, min(along.extent, Self.runLength / max(along.source, 1)))
    let reach = (length - 1) * along.source + 1
    // Runs with small gaps between them are read together with the gaps.
    let isWhole = across.source <= 8 * reach && reach * width < Self.longRun
    let (pitch, count) =
      isWhole
      ? (across.source, max(1, (tile.capacity - reach) / max(across.source, 1)))
      : (reach + Self.padding, Self.runCount)
    for first in stride(from: 0, to: along.extent, by: length) {
      let length = min(length, along.extent - first)
      let reach = (length - 1) * along.source + 1
      for row in stride(from: 0, to: across.extent, by: count) {
        let rows = min(count, across.extent - row)
        let from = source + first * along.source + row * across.source
        if isWhole {
          tile.read(bytes, from, (rows - 1) * pitch + reach, to: 0)
        } else {
          for line in 0..<rows {
            tile.read(bytes, from + line * across.source, reach, to: line * pitch)
          }
        }
        let place = first * along.target + row * across.target
        unsafe tile.write(
          Axis(extent: length, source: along.source, target: along.target),
          Axis(extent: rows, source: pitch, target: across.target), to: target + place * width)
      }
    }
  }
}

/// A buffer for the part of a matrix that is being reordered.
@safe private struct Tile<Element: FixedWidthInteger & BitwiseCopyable>: ~Copyable {
  private let memory: UnsafeMutableBufferPointer<Element>

  /// The number of elements that fit.
  let capacity: Int

  init(_ capacity: Int) {
    self.capacity = capacity
    unsafe memory = .allocate(capacity: max(capacity, 1))
  }

  deinit { unsafe memory.deallocate() }

  /// Reads `count` elements of `bytes`, from element index `first` on, to index `place` of the
  /// tile.
  mutating func read(_ bytes: ByteRegion, _ first: Int, _ count: Int, to place: Int) {
    precondition(place >= 0 && count >= 0 && place + count <= capacity)
    let part = unsafe UnsafeMutableBufferPointer(rebasing: memory[place..<place + count])
    unsafe bytes.copy(
      at: first * MemoryLayout<Element>.size, to: UnsafeMutableRawBufferPointer(part))
  }

  /// Writes the elements of two dimensions to `target`; the inner loop runs over the dimension with
  /// the smaller stride in `target`.
  func write(_ one: GatherPlan.Axis, _ other: GatherPlan.Axis, to target: UnsafeMutableRawPointer) {
    let (inner, outer) =
      one.target <= other.target || other.extent == 1 ? (one, other) : (other, one)
    guard let source = unsafe memory.baseAddress else { return }
    let width = MemoryLayout<Element>.size
    var done = 0
    if Element.self == UInt32.self, inner.target == 1, outer.source == 1 {
      done = outer.extent & ~3
      for row in stride(from: 0, to: done, by: 4) {
        unsafe turn(
          UnsafeRawPointer(source + row), step: inner.source * width, count: inner.extent,
          to: target + row * outer.target * width, step: outer.target * width)
      }
    }
    for row in done..<outer.extent {
      var from = unsafe source + row * outer.source
      var to = unsafe target + row * outer.target * width
      for _ in 0..<inner.extent {
        unsafe to.storeBytes(of: from.pointee, as: Element.self)
        unsafe from += inner.source
        unsafe to += inner.target * width
      }
    }
  }
}

/// Transposes `count` rows of four 32-bit elements.
///
/// The rows are `step` bytes apart in `source`; the four resulting rows are `targetStep` bytes
/// apart in `target`.
private func turn(
  _ source: UnsafeRawPointer, step: Int, count: Int, to target: UnsafeMutableRawPointer,
  step targetStep: Int
) {
  typealias Four = SIMD4<UInt32>
  var column = 0
  while column + 4 <= count {
    let from = unsafe source + column * step
    let a = unsafe from.loadUnaligned(as: Four.self)
    let b = unsafe from.loadUnaligned(fromByteOffset: step, as: Four.self)
    let c = unsafe from.loadUnaligned(fromByteOffset: 2 * step, as: Four.self)
    let d = unsafe from.loadUnaligned(fromByteOffset: 3 * step, as: Four.self)
    let to = unsafe target + column * 4
    unsafe to.storeBytes(of: Four(a[0], b[0], c[0], d[0]), as: Four.self)
    unsafe to.storeBytes(of: Four(a[1], b[1], c[1], d[1]), toByteOffset: targetStep, as: Four.self)
    unsafe to.storeBytes(
      of: Four(a[2], b[2], c[2], d[2]), toByteOffset: 2 * targetStep, as: Four.self)
    unsafe to.storeBytes(
      of: Four(a[3], b[3], c[3], d[3]), toByteOffset: 3 * targetStep, as: Four.self)
    column += 4
  }
  while column < count {
    for row in 0..<4 {
      let element = unsafe source.loadUnaligned(
        fromByteOffset: column * step + row * 4, as: UInt32.self)
      unsafe (target + row * targetStep + column * 4).storeBytes(of: element, as: UInt32.self)
    }
    column += 1
  }
}
