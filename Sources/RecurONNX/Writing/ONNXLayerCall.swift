import RecurFormats
import RecurModel
import RecurTensors

/// One call of a layer that is written.
struct ONNXLayerCall {
  let node: Model.Node
  var inputs: [ONNXValue]
  /// The inputs before they were rounded to the layer's type.
  var given: [ONNXValue]
  /// The shapes of the inputs.
  var shapes: [[Dimension]]
  /// The mask of timesteps, `[batch, timesteps]`.
  var mask: ONNXValue?
  /// The lengths `[batch]` of which the mask is made, in int32; nil for another mask.
  var lengths: ONNXValue?
  var initialState: [ONNXValue]
  /// The type in which the layer computes.
  var type: ElementType
  /// The type of the first output.
  var outputType: ElementType

  var x: ONNXValue { inputs[0] }
  /// The number of axes of the first input.
  var rank: Int { shapes[0].count }

  /// An axis counted from the first one, for a value of `rank` axes.
  func axis(_ axis: Int, rank: Int? = nil) -> Int { axis < 0 ? axis + (rank ?? self.rank) : axis }

  /// The first input in the type in which the layer computes.
  func floating(_ graph: inout ONNXGraphWriter) -> ONNXValue { graph.cast(x, to: type) }

  /// The operands of an operator, in one type.
  func operands(
    _ all: [Operand], as type: ElementType, _ graph: inout ONNXGraphWriter
  ) -> [ONNXValue] {
    var rest = inputs[...]
    return all.compactMap { operand in
      switch operand {
      case .input: rest.popFirst().map { graph.cast($0, to: type) }
      case .constant(let value): graph.numbers(value.elements, type, shape: value.shape)
      }
    }
  }

  /// Refuses to compute with windows in a type in which ONNX Runtime has no operator for them.
  func checkWindows() throws(CheckpointError) {
    guard type != .float64 else {
      throw unrepresentable("computes in float64, in which ONNX Runtime moves no windows")
    }
  }

  /// The error of something that has no form in ONNX.
  func unrepresentable(_ what: String, hint: String? = nil) -> CheckpointError {
    CheckpointError(
      .modelUnrepresentable, "\(node.layer.title) '\(node.layerName)' \(what)", at: node.location,
      hint: hint)
  }
}

/// A kind of layer that can be written, or refused by name.
protocol ONNXLayer {
  /// Writes the operators of a call.
  ///
  /// - Returns: the outputs of the layer; those whose types differ from the layer's are cast by the
  ///   caller.
  /// - Throws: `model.unrepresentable` for what has no form in ONNX.
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue]
}
