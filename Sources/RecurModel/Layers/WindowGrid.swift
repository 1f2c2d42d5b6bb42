/// The positions that the windows of a layer read, for an input of known extents.
///
/// Positions and elements of a window are numbered row-major over all axes.
package struct WindowGrid: Sendable {
  /// An element of a window, and the position that it reads.
  package struct Place: Sendable {
    /// The number of the element within its window.
    package var element: Int
    /// The number of the position.
    package var position: Int
  }

  /// The extents of the positions.
  package let extents: [Int]
  /// The number of windows along each axis.
  package let counts: [Int]
  /// For each axis, each window and each element that lies inside: the element and its position.
  private let axes: [[[Place]]]
  private let sizes: [Int]

  /// Lays `windows` over positions; the numbers of windows are `counts`, or follow from the padding.
  package init(_ windows: [Window], over extents: [Int], counts: [Int]? = nil) {
    self.extents = extents
    self.counts = counts ?? zip(windows, extents).map { $0.windows(over: $1).count }
    sizes = windows.map(\.size)
    axes = windows.indices.map { axis in
      let (window, extent) = (windows[axis], extents[axis])
      let before = window.windows(over: extent).before
      return (0..<(counts?[axis] ?? window.windows(over: extent).count)).map { index in
        (0..<window.size).compactMap { element in
          let position = index * window.stride + element * window.dilation - before
          return (0..<extent).contains(position)
            ? Place(element: element, position: position) : nil
        }
      }
    }
  }

  /// The number of windows.
  package var count: Int { counts.reduce(1, *) }
  /// The number of positions.
  package var positionCount: Int { extents.reduce(1, *) }

  /// The elements of one window that lie inside, in order, with their positions.
  package func places(of window: Int) -> [Place] {
    var (rest, indices) = (window, [Int](repeating: 0, count: counts.count))
    for axis in counts.indices.reversed() {
      (rest, indices[axis]) = rest.quotientAndRemainder(dividingBy: counts[axis])
    }
    var places = [Place(element: 0, position: 0)]
    for axis in counts.indices {
      let own = axes[axis][indices[axis]]
      places = places.flatMap { outer in
        own.map { inner in
          Place(
            element: outer.element * sizes[axis] + inner.element,
            position: outer.position * extents[axis] + inner.position)
        }
      }
    }
    return places
  }
}
