import RecurModel
import RecurTensors

/// The room of one kind of layer: everything that Keras' formats know of the kind.
///
/// Reading and writing of a kind stand side by side, in the file with the name of the kind.
/// `KerasTable.swift` lists all kinds. The protocols below say what only some kinds can do.
protocol KerasLayer: LayerKind {
  /// The classes of Keras that are read as this kind.
  static var classes: [KerasClass] { get }

  /// The layer in the form of Keras: class, options and arrays.
  ///
  /// - Parameters:
  ///   - name: the name of the layer.
  ///   - writer: the target, and the findings.
  /// - Returns: the form; nil when the layer has none, which is reported as a finding.
  /// - Throws: errors of changing tensors.
  func form(
    named name: String, _ writer: inout KerasLayerWriter
  ) throws(CheckpointError) -> KerasLayerForm?

  /// The effect of the layer on the masks of its inputs.
  ///
  /// - Parameters:
  ///   - rules: the rules of a version.
  ///   - present: for each input, whether it has a mask.
  /// - Returns: the use and the result of the masks.
  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks
}

/// A kind with calls that say more than inputs and a mask, or that are refused under some masks.
protocol KerasCallReading: KerasLayer {
  /// Completes the node of a call, or refuses the call.
  func read(_ call: inout KerasNodeReader)
}

/// A kind whose second output is a mask made of its input.
protocol KerasMaskMaking: KerasLayer {
  /// The comparison that makes the mask; nil when the layer makes no mask.
  var comparison: KerasMaskComparison? { get }
}

/// A kind that can compute masks from values or from other masks.
protocol KerasMaskComputing: KerasLayer {
  /// The condition under which a node of the kind computes nothing but masks.
  var maskSource: KerasMaskSource { get }
  /// The way to write a node that computes nothing but masks.
  var maskWriting: KerasMaskWriting { get }

  /// The output as a mask; nil when the output has no simpler description than its own value.
  func mask(of inputs: [Model.Value], _ masks: KerasMaskReader) -> KerasMask?

  /// The mask of timesteps in which any feature of the output is true; nil for masks that Keras 3
  /// does not compute for merged inputs (keras/src/layers/merging/concatenate.py).
  func featureMask(of inputs: [Model.Value], _ masks: KerasMaskReader) -> KerasMask?
}

/// A kind whose last inputs are masks, which a call in Keras takes as a list.
protocol KerasMaskListing: KerasLayer {
  /// Removes the masks from the inputs.
  ///
  /// - Returns: one mask or nil for each input that may have one.
  func takeMasks(_ inputs: inout [Model.Value]) -> [Model.Value?]
}

/// A kind that Keras 3 has only as a group of operations.
protocol KerasPatterned: KerasLayer {
  /// The group of operations, and the layer that stands for it.
  static var pattern: KerasPattern { get }
}

/// A kind with nodes that are written as several operations.
protocol KerasOperationWriting: KerasLayer {
  /// Whether a node is written as operations.
  func isWrittenAsOperations(_ node: Model.Node) -> Bool

  /// The values from which the operations begin.
  ///
  /// - Parameters:
  ///   - node: the node.
  ///   - mask: the node that makes the mask of the node.
  ///   - inputShapes: the shapes of its inputs.
  /// - Returns: the values in order.
  /// - Throws: `model.unrepresentable` with the reason when there are no such operations.
  func operands(
    of node: Model.Node, maskedBy mask: Model.Node?, _ inputShapes: [[Dimension]]
  ) throws(CheckpointError) -> [Model.Value]

  /// Writes the operations.
  ///
  /// - Parameters:
  ///   - operands: the written values.
  ///   - writer: takes one operation after the other.
  /// - Returns: the result.
  /// - Throws: `model.unrepresentable` with the reason when the operations can't be written.
  func write(
    _ operands: [KerasTensorForm], _ writer: inout KerasOperationWriter
  ) throws(CheckpointError) -> KerasTensorForm
}
