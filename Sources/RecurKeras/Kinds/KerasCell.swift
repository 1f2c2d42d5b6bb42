import RecurContainers
import RecurModel
import RecurTensors

/// What Keras' formats know of one kind of recurrent cell: the room of the kind.
///
/// `KerasCellTable.swift` lists all kinds. A kind that Keras has no class for says in `form` how it is
/// written as another one.
protocol KerasCell: CellKind {
  /// The classes of Keras that become this kind.
  static var classes: [KerasCellClass] { get }

  /// The cell as Keras keeps it: class, options and arrays.
  ///
  /// - Returns: the form; nil when it has none, which was reported.
  /// - Throws: what changing tensors throws.
  func form(_ writer: inout KerasLayerWriter) throws(CheckpointError) -> KerasLayerForm?
}

/// A class by which cells of one kind stand in Keras' configs, by themselves or as a layer.
struct KerasCellClass: Sendable {
  typealias LayerConfig = KerasArchitecture.LayerConfig

  /// The class of the cell by itself: `LSTMCell`.
  var cell: String?
  /// The class of the layer that is this cell over a sequence: `LSTM`.
  var layer: String?
  /// How its arrays are told from those of other classes; empty when shapes don't tell it.
  var shapes: [KerasCellShapes] = []
  /// Makes a cell of options and arrays; nil when that fails, which was reported.
  var read: @Sendable (inout KerasLayerReader) -> RecurrentCell?
  /// The arrays that the options demand; nil when they can't be told.
  var arrays: @Sendable (LayerConfig, inout KerasOptions) -> KerasArrayPlan?
  /// The groups below the cell's own that hold its variables in native weights, in order.
  var groups: @Sendable (LayerConfig) -> [String] = { _ in [""] }
}

/// The shapes by which the arrays of a cell are told: kernel, recurrent kernel and bias.
struct KerasCellShapes: Sendable {
  /// The shapes that a bias may have; `width` is that of the recurrent kernel.
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
  /// An option that the shapes say: `reset_after`.
  var option: (name: String, value: JSONValue)?
  /// What is left open when there is no bias.
  var openWithoutBias: String?

  /// Whether a bias of this shape, or the lack of one, fits.
  func fits(_ shape: [Int]?, width: Int) -> Bool {
    switch bias {
    case .single: shape == nil || shape == [width]
    case .rows: shape == [2, width]
    case .joined: shape == [2 * width]
    }
  }
}
