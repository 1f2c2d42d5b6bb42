/// A state that a cell carries from timestep to timestep.
package struct CellState: Hashable, Sendable {
  /// `h` or `c`; behind the number of the cell in a stack, `1.h`, and behind the direction where there
  /// are two: `backward.c`.
  package var name: String
  /// Its width.
  package var size: Int
}
