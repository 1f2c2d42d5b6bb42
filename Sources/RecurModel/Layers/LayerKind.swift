/// What the model knows of one kind of layer: the room of the kind.
///
/// A kind answers every question itself; there are no answers by default. What the kind computes, and
/// how formats write it, is said in the files of the same name in other targets.
package protocol LayerKind: Sendable {
  /// This layer as a case of the list of all kinds.
  var asLayer: Layer { get }
  /// A short name for tables: `LSTM(4)`.
  var title: String { get }
  /// What a call of the layer takes and puts out.
  var ports: LayerPorts { get }
  /// Facts that consumers ask of every kind.
  var traits: LayerTraits { get }

  /// Shows every weight to a visitor, which may replace it; always in the same order.
  ///
  /// - Throws: what the visitor throws.
  mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure)

  /// The shapes of all outputs for inputs of these shapes, the batch first.
  ///
  /// - Parameters:
  ///   - inputs: as many as the ports demand.
  ///   - name: the name of the layer, for extents that stay free.
  /// - Returns: one shape per output.
  /// - Throws: what the layer takes, if it can't take these.
  func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]]

  /// The multiplications and additions in the products of one call; see
  /// ``Model/productOperations(_:)``.
  ///
  /// - Parameters:
  ///   - inputs: the shapes of what it takes, the batch first.
  ///   - outputs: the shapes of what it puts out.
  /// - Returns: the number; nil where it is unknown or exceeds an `Int`.
  func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int?

  /// Between which numbers the features of the first output lie, given those of the first input.
  ///
  /// A layer with a state says so for a first state of zeros.
  /// - Returns: a range per feature; nil when nothing is known.
  func outputRange(_ x: FeatureRange?) -> FeatureRange?
}

/// A kind that runs cells over a sequence: it has one recurrent layer in it, or two.
package protocol RecurrentLayerKind: LayerKind {
  /// The recurrent layers, that of the forward direction first.
  ///
  /// A setter is given as many as the getter gave.
  var recurrents: [Recurrent] { get set }
}

/// Between which numbers every element of a value lies, whatever the model is given; by feature.
package typealias FeatureRange = [ClosedRange<Double>]
