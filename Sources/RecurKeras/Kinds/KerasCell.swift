import RecurContainers
import RecurModel
import RecurTensors

/// The room of one kind of recurrent cell: everything that Keras' formats know of the kind.
///
/// `KerasCellTable.swift` lists all kinds. A kind without a class in Keras has a `form` that writes
/// it as another kind.
protocol KerasCell: CellKind {
  /// The classes of Keras that are read as this kind.
  static var classes: [KerasCellClass] { get }

  /// The cell in the form of Keras: class, options and arrays.
  ///
  /// - Returns: the form; nil when the cell has none, which is reported as a finding.
  /// - Throws: errors of changing tensors.
  func form(_ writer: inout KerasLayerWriter) throws(CheckpointError) -> KerasLayerForm?
}

/// A class of Keras for cells of one kind, as a cell by itself and as a layer.
struct KerasCellClass: Sendable {
  typealias LayerConfig = KerasArchitecture.LayerConfig

  /// The class of the cell by itself: `LSTMCell`.
  var cell: String?
  /// The class of the layer that applies the cell to a sequence: `LSTM`.
  var layer: String?
  /// The shapes that tell its arrays from those of other classes; empty when shapes can't tell.
  var shapes: [KerasCellShapes] = []
  /// Makes a cell of options and arrays; nil for an error, which is reported as a finding.
  var read: @Sendable (inout KerasLayerReader) -> RecurrentCell?
  /// The arrays that the options ask for; nil when the options don't say it.
  var arrays: @Sendable (LayerConfig, inout KerasOptions) -> KerasArrayPlan?
  /// The groups in native weights that hold its variables, below the group of the cell, in order.
  var groups: @Sendable (LayerConfig) -> [String] = { _ in [""] }
}

/// The shapes that tell the arrays of a class of cells: kernel, recurrent kernel and bias.
struct KerasCellShapes: Sendable {
  /// The shapes of a bias; `width` is the width of the recurrent kernel.
  enum Bias: Sendable {
    /// `[width]`, or no bias.
    case single
    /// `[2, width]`.
    case rows
    /// `[2·width]`.
    case joined
  }

  /// The number of gates side by side.
  var gates: Int
  /// The shape of the bias.
  var bias: Bias
  /// Whether every gate may have arrays of its own (Keras 1).
  var mayBePerGate = false
  /// An option that follows from the shapes: `reset_after`.
  var option: (name: String, value: JSONValue)?
  /// The option that the shapes don't tell when there is no bias.
  var openWithoutBias: String?

  /// Whether a bias may have this shape; nil is no bias.
  func fits(_ shape: [Int]?, width: Int) -> Bool {
    switch bias {
    case .single: shape == nil || shape == [width]
    case .rows: shape == [2, width]
    case .joined: shape == [2 * width]
    }
  }
}
