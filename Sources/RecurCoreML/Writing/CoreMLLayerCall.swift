import RecurFormats
import RecurModel
import RecurTensors

/// One call of a layer that is written.
struct CoreMLLayerCall {
  let node: Model.Node
  var inputs: [MILWritten]
  /// The shapes of the outputs.
  var shapes: [[Dimension]]
  var initialState: [MILWritten]
  /// The type in which the layer computes.
  var type: ElementType

  var x: MILWritten { inputs[0] }
  /// The number of axes of the first input.
  var rank: Int { x.rank }

  /// An axis counted from the first one.
  func axis(_ axis: Int) -> Int { axis < 0 ? axis + rank : axis }

  /// The first input in the type in which the layer computes.
  func floating(_ graph: inout MILGraphWriter) -> MILWritten { graph.cast(x, to: type) }

  /// The operands of an operator, in one type.
  func operands(
    _ all: [Operand], as type: ElementType, _ graph: inout MILGraphWriter
  ) -> [MILWritten] {
    var rest = inputs[...]
    return all.compactMap { operand in
      switch operand {
      case .input: rest.popFirst().map { graph.cast($0, to: type) }
      case .constant(let value): graph.numbers(value.elements, type, shape: value.shape)
      }
    }
  }

  /// The error of something that has no form in Core ML.
  func unrepresentable(_ what: String, hint: String? = nil) -> CheckpointError {
    CheckpointError(
      .modelUnrepresentable, "\(node.layer.title) '\(node.layerName)' \(what)", at: node.location,
      hint: hint)
  }
}

/// A kind of layer that can be written, or refused by name.
protocol CoreMLLayer {
  /// Writes the operations of a call.
  ///
  /// - Returns: the outputs of the layer.
  /// - Throws: `model.unrepresentable` for what has no form in Core ML.
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten]
}

/// A kind of layer that is not written.
struct CoreMLUnwritten: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    throw call.unrepresentable("is not written as operations of Core ML")
  }
}
