import RecurModel
import RecurTensors

/// What the reference knows of one kind of cell: its equations, and the gates it shows.
///
/// A kind writes ``observedGates`` and ``step(precision:)``.
protocol ReferenceCell: Sendable {
  /// How many gates it shows an observer, and how many units each has.
  var observedGates: (count: Int, units: Int) { get }

  /// Loads the weights; a layer that computes in 16 bits rounds to them after each operation.
  func step<Scalar: ReferenceScalar>(precision: ElementType) -> CellStep<Scalar>

  // A requirement per scalar, which the extension meets: the compiler then makes machine code for
  // each kind and scalar, where a generic requirement would run on tables.
  func stepInDouble(precision: ElementType) -> CellStep<Double>
  func stepInFloat(precision: ElementType) -> CellStep<Float>
}

extension ReferenceCell {
  func stepInDouble(precision: ElementType) -> CellStep<Double> { step(precision: precision) }
  func stepInFloat(precision: ElementType) -> CellStep<Float> { step(precision: precision) }
}

/// One timestep of a cell whose weights are loaded, in any precision: replaces the states of the cell
/// by those after input `x` and returns the output.
///
/// The states are those of the whole layer, in the order of ``RecurrentCell/stateSizes``.
typealias CellStep<Scalar: ReferenceScalar> =
  @Sendable (
    _ x: [Scalar], _ states: inout [[Scalar]], _ place: CellPosition,
    _ observe: GateObserver<Scalar>?
  ) -> [Scalar]

/// Where a cell stands in its layer.
struct CellPosition {
  /// Which of the layer's states is the first of the cell.
  var state = 0
  /// How many cells are below it.
  var cell = 0
}

/// Is shown the values of gates.
struct GateObserver<Scalar: ReferenceScalar> {
  /// Sees one gate at one timestep: the position of the cell from the bottom, the gate's number in its
  /// `RecurrentGate`, and one value per unit.
  let see: (_ cell: Int, _ gate: Int, _ values: [Scalar]) -> Void

  /// What the equations of one cell call.
  func gates<Gate: RecurrentGate>(of place: CellPosition) -> (Gate, [Scalar]) -> Void {
    { gate, values in see(place.cell, gate.rawValue, values) }
  }
}
