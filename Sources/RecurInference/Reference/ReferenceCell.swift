import RecurModel
import RecurTensors

/// The reference's description of one kind of cell: its equations and its observable gates.
///
/// Each kind implements ``observedGates`` and ``step(precision:)``.
protocol ReferenceCell: Sendable {
  /// The number of gates shown to an observer, and the unit count of each gate.
  var observedGates: (count: Int, units: Int) { get }

  /// Loads the weights; a layer in 16 bits rounds to 16 bits after each operation.
  func step<Scalar: ReferenceScalar>(precision: ElementType) -> CellStep<Scalar>

  // One requirement per number type, implemented in the extension: the compiler then specializes
  // the code for each kind and type, where a generic requirement would look up operations at run
  // time.
  func stepInDouble(precision: ElementType) -> CellStep<Double>
  func stepInFloat(precision: ElementType) -> CellStep<Float>
}

extension ReferenceCell {
  func stepInDouble(precision: ElementType) -> CellStep<Double> { step(precision: precision) }
  func stepInFloat(precision: ElementType) -> CellStep<Float> { step(precision: precision) }
}

/// One timestep of a cell with loaded weights, for some rows of a batch: replaces the cell's states by the
/// states after input `x`, `[rows, inputSize]`, and returns the output, `[rows, units]`.
///
/// The states are those of the whole layer, `[rows, size]` each, in the order of ``RecurrentCell/stateSizes``.
/// What a row gets depends on that row alone.
typealias CellStep<Scalar: ReferenceScalar> =
  @Sendable (
    _ x: [Scalar], _ rows: Int, _ states: inout [[Scalar]], _ place: CellPosition,
    _ observe: GateObserver<Scalar>?
  ) -> [Scalar]

/// The position of a cell in its layer.
struct CellPosition {
  /// The index of the cell's first state among the layer's states.
  var state = 0
  /// The number of cells below this cell.
  var cell = 0
}

/// Receives the values of gates.
struct GateObserver<Scalar: ReferenceScalar> {
  /// Receives the values of one gate at one timestep, `[rows, units]`; `cell` counts from the bottom,
  /// and `gate` is the raw value in the `RecurrentGate`.
  let see: (_ cell: Int, _ gate: Int, _ values: [Scalar]) -> Void

  /// The function through which the equations of one cell report their gates.
  func gates<Gate: RecurrentGate>(of place: CellPosition) -> (Gate, [Scalar]) -> Void {
    { gate, values in see(place.cell, gate.rawValue, values) }
  }
}
