import RecurModel
import RecurTensors

// No class of torch.nn stacks cells within a timestep; generated code has a class that does.
extension StackedCells: PyTorchCell {
  static let torchKind: PyTorchRecurrentKind? = nil
  static let helpers = [PyTorchHelper("KerasStack", stack)]

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    for index in cells.indices {
      try visitor.visit(&cells[index], keys.part("cells.\(index)", suffix: ""))
    }
  }

  var form: PyTorchCellForm {
    let parts = cells.map(\.pytorch.form)
    let leaves = parts.flatMap(\.leaves)
    return PyTorchCellForm(
      kind: "stack", ownClass: "KerasStack", parts: parts,
      stateVariables: leaves.enumerated().flatMap { index, form in
        form.stateVariables.map { "\($0)\(index)" }
      })
  }

  private static let stack = """
    class KerasStack(nn.Module):
        \"\"\"Cells one on top of the other within each timestep.\"\"\"

        def __init__(self, *cells, masked_output="previous"):
            super().__init__()
            self.cells = nn.ModuleList(cells)
            self.state_count = sum(cell.state_count for cell in cells)
            self.masked_output = masked_output

        def zero_states(self, x):
            return sum((cell.zero_states(x) for cell in self.cells), ())

        def step(self, x, states):
            after = ()
            for cell in self.cells:
                x, own = cell.step(x, states[:cell.state_count])
                states, after = states[cell.state_count:], after + own
            return x, after

        def forward(self, x, states=None, mask=None):
            states = self.zero_states(x) if states is None else states
            return _over_time(self.step, x, states, mask, self.masked_output)
    """
}
