/// A state that a cell carries from timestep to timestep.
package struct CellState: Hashable, Sendable {
  /// The name of the state: `h` or `c`.
  ///
  /// In a stack, the number of the cell is in front: `1.h`. With two directions, the direction is in
  /// front: `backward.c`.
  package var name: String
  /// The width of the state.
  package var size: Int
}
