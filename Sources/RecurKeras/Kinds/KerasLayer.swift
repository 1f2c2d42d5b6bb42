import RecurModel
import RecurTensors

/// What Keras' formats know of one kind of layer: the room of the kind.
///
/// A kind is read and written side by side, in the file of the same name. `KerasTable.swift` lists all
/// kinds. What only some kinds can do is said by the protocols below.
protocol KerasLayer: LayerKind {
  /// The classes of Keras that become this kind.
  static var classes: [KerasClass] { get }

  /// The layer as Keras keeps it: class, options and arrays.
  ///
  /// - Parameters:
  ///   - name: the name of the layer.
  ///   - writer: what is written, for whom, and what was found.
  /// - Returns: the form; nil when it has none, which was reported.
  /// - Throws: what changing tensors throws.
  func form(
    named name: String, _ writer: inout KerasLayerWriter
  ) throws(CheckpointError) -> KerasLayerForm?

  /// What Keras does to the masks of the layer's inputs.
  ///
  /// - Parameters:
  ///   - rules: the rules of a version.
  ///   - present: for each input, whether it has a mask.
  /// - Returns: what becomes of the masks.
  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks
}

/// A kind whose nodes need more than the inputs and the mask of a call, or can't be read under some.
protocol KerasCallReading: KerasLayer {
  /// Completes the node of a call.
  func read(_ call: inout KerasNodeReader)
}

/// A kind whose second output is a mask made of its input.
protocol KerasMaskMaking: KerasLayer {
  /// How the mask is made; nil when the layer makes none.
  var comparison: KerasMaskComparison? { get }
}

/// A kind that computes masks by itself, or masks of masks.
protocol KerasMaskComputing: KerasLayer {
  /// When a node of the kind computes nothing but masks.
  var maskSource: KerasMaskSource { get }
  /// How a node that computes nothing but masks is written.
  var maskWriting: KerasMaskWriting { get }

  /// What the output is as a mask; nil for what is told by its value alone.
  func mask(of inputs: [Model.Value], _ masks: KerasMaskReader) -> KerasMask?

  /// The mask in which a timestep counts where any feature of the output is true; nil when it is none
  /// of those that Keras 3 computes for merged inputs (keras/src/layers/merging/concatenate.py).
  func featureMask(of inputs: [Model.Value], _ masks: KerasMaskReader) -> KerasMask?
}

/// A kind whose last inputs are masks, which Keras is given in a list.
protocol KerasMaskListing: KerasLayer {
  /// Takes the masks off the inputs.
  ///
  /// - Returns: one mask or nil for each input that may have one.
  func takeMasks(_ inputs: inout [Model.Value]) -> [Model.Value?]
}

/// A kind that operations say together in Keras 3.
protocol KerasPatterned: KerasLayer {
  /// The operations, and the layer that stands for them.
  static var pattern: KerasPattern { get }
}

/// A kind whose nodes are written as several operations, or some of them.
protocol KerasOperationWriting: KerasLayer {
  /// Whether a node is written so.
  func isWrittenAsOperations(_ node: Model.Node) -> Bool

  /// The values that the operations take.
  ///
  /// - Parameters:
  ///   - node: the node.
  ///   - mask: the node that makes its mask.
  ///   - inputShapes: the shapes of its inputs.
  /// - Returns: the values in order.
  /// - Throws: `model.unrepresentable`: why there are no such operations.
  func operands(
    of node: Model.Node, maskedBy mask: Model.Node?, _ inputShapes: [[Dimension]]
  ) throws(CheckpointError) -> [Model.Value]

  /// Writes the operations.
  ///
  /// - Parameters:
  ///   - operands: the written values.
  ///   - writer: takes one operation after the other.
  /// - Returns: the result.
  /// - Throws: `model.unrepresentable`: why they can't be written.
  func write(
    _ operands: [KerasTensorForm], _ writer: inout KerasOperationWriter
  ) throws(CheckpointError) -> KerasTensorForm
}
