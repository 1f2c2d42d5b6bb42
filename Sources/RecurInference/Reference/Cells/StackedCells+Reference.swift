import RecurModel
import RecurTensors

extension StackedCells: ReferenceCell {
  var observedGates: (count: Int, units: Int) { (0, 0) }

  func step<Scalar: ReferenceScalar>(precision: ElementType) -> CellStep<Scalar> {
    let steps = cells.map { cell in
      (
        step: Scalar.step(of: cell.reference, precision: precision),
        states: cell.stateSizes.count, cells: cell.cells.count
      )
    }
    return { x, rows, states, place, observe in
      var (place, output) = (place, x)
      for cell in steps {
        output = cell.step(output, rows, &states, place, observe)
        place.state += cell.states
        place.cell += cell.cells
      }
      return output
    }
  }
}
