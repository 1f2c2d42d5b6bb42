/// All that the model knows of one kind of layer.
///
/// Every kind answers every question; there are no default implementations. Other targets describe
/// in files of the same name how the kind is computed and how formats store it.
package protocol LayerKind: Sendable {
  /// This layer as a case of ``Layer``, the list of all kinds.
  var asLayer: Layer { get }
  /// A short name for tables: `LSTM(4)`.
  var title: String { get }
  /// The inputs and outputs of a call of the layer.
  var ports: LayerPorts { get }
  /// Properties that several consumers need of every kind.
  var traits: LayerTraits { get }

  /// Passes every weight to a visitor, which may replace the weight; the order never changes.
  ///
  /// - Throws: what the visitor throws.
  mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure)

  /// The shapes of all outputs for inputs of these shapes, with the batch first.
  ///
  /// - Parameters:
  ///   - inputs: the shapes of the inputs; their number is one that the ports allow.
  ///   - name: the name of the layer, used in the names of free extents.
  /// - Returns: one shape per output.
  /// - Throws: the input shape that the layer takes, when it can't take `inputs`.
  func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]]

  /// The multiplications and additions in the products of one call; see
  /// ``Model/productOperations(_:)``.
  ///
  /// - Parameters:
  ///   - inputs: the shapes of the inputs, with the batch first.
  ///   - outputs: the shapes of the outputs.
  /// - Returns: the number of operations; nil when it is unknown or exceeds an `Int`.
  func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int?

  /// The value range of each feature of the first output, for the given ranges of the first input.
  ///
  /// A layer with a state answers for an initial state of zeros.
  ///
  /// - Returns: one range per feature; nil when the ranges are unknown.
  func outputRange(_ x: FeatureRange?) -> FeatureRange?
}

/// A kind that runs cells over a sequence: the layer contains one or two recurrent layers.
package protocol RecurrentLayerKind: LayerKind {
  /// The recurrent layers; the forward direction is first.
  ///
  /// The setter expects as many layers as the getter returns.
  var recurrents: [Recurrent] { get set }
}

/// The range of every feature of a value, valid for every input of the model.
package typealias FeatureRange = [ClosedRange<Double>]
