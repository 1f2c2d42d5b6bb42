import RecurModel

/// The windows over up to three axes, and the elements of each that lie inside the input.
///
/// Missing axes count as leading axes of extent 1.
struct WindowPlaces: Sendable {
  /// The windows along one axis: the extent, the number of windows and the window.
  struct Axis: Sendable {
    var extent = 1
    var count = 1
    var size = 1
    var stride = 1
    var dilation = 1
    var before = 0

    /// The elements of a window that lie inside, and the position of element 0.
    func elements(_ window: Int) -> (inside: Range<Int>, start: Int) {
      let start = window * stride - before
      let first = start >= 0 ? 0 : (-start + dilation - 1) / dilation
      let room = extent - 1 - start
      let end = room < 0 ? 0 : min(size, room / dilation + 1)
      return (first..<max(first, end), start)
    }

    /// The position that an element of a window reads; nil outside.
    func position(_ window: Int, _ element: Int) -> Int? {
      let position = window * stride + element * dilation - before
      return position >= 0 && position < extent ? position : nil
    }
  }

  let depth: Axis
  let height: Axis
  let width: Axis

  /// Lays windows over these extents; the numbers of windows are `counts`, or follow from the
  /// padding.
  init(_ windows: [Window], over extents: [Int], counts: [Int]? = nil) {
    var axes: [Axis] = []
    for (axis, window) in windows.enumerated() {
      let (before, count) = window.windows(over: extents[axis])
      axes.append(
        Axis(
          extent: extents[axis], count: counts?[axis] ?? count, size: window.size,
          stride: window.stride, dilation: window.dilation, before: before))
    }
    while axes.count < 3 { axes.insert(Axis(), at: 0) }
    (depth, height, width) = (axes[0], axes[1], axes[2])
  }

  /// The number of windows of one sequence.
  var count: Int { depth.count * height.count * width.count }
  /// The number of positions of one sequence.
  var positions: Int { depth.extent * height.extent * width.extent }

  /// Calls `body` with the position and the number of each element of a window that lies inside, in
  /// order.
  @inline(__always)
  func forEach(of window: Int, _ body: (_ position: Int, _ element: Int) -> Void) {
    let (plane, w) = window.quotientAndRemainder(dividingBy: width.count)
    let (d, h) = plane.quotientAndRemainder(dividingBy: height.count)
    let (inDepth, z) = depth.elements(d)
    let (inHeight, y) = height.elements(h)
    let (inWidth, x) = width.elements(w)
    for i in inDepth {
      for j in inHeight {
        let line =
          ((z + i * depth.dilation) * height.extent + y + j * height.dilation) * width.extent
        let elements = (i * height.size + j) * width.size
        for k in inWidth { body(line + x + k * width.dilation, elements + k) }
      }
    }
  }
}
