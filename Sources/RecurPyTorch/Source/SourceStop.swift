package import RecurModel
import RecurSource
package import RecurTensors

/// Why the interpretation of a source stops.
package enum SourceStop: Error {
  /// An error at a place of the source.
  case problem(CheckpointError)
  /// A size of the constructor has to be known to go on; it may be one of these texts.
  case needs(String, SourcePosition, [String] = [])
  /// A fact about the arguments of `forward` that the source tells only here; the model is read again
  /// with it.
  case learned(SourceFact)
}

/// A fact about the arguments of a model.
package enum SourceFact: Hashable {
  /// A free extent has this value.
  case extent(String, Int)
  /// An argument is a batch of whole numbers.
  case whole(String)
  /// An argument has the timesteps in front of the batch.
  case timeMajor(String)
  /// An argument has these axes.
  case axes(String, [Dimension], ElementType)
  /// An argument had these extents in a call, and holds whole numbers or not.
  case form(String, [Int], isWhole: Bool)
  /// Arguments that nothing else is known of have this number of axes.
  case rank(Int)
  /// A buffer is a state that the model keeps from call to call.
  case state(String)
  /// Copies of arrays are values of their own, because arrays are changed in place.
  case copies
  /// An argument is several arrays, with these names.
  case parts(String, [String])
  /// The loop over timesteps at this place is no row of modules: its equations are compared with cells.
  case equations(source: Int, offset: Int32)
}

extension Diagnostic.Code {
  package static let sourceUnsupported = Self(rawValue: "source.unsupported")
  static let sourceMismatch = Self(rawValue: "source.mismatch")
  static let sourceNotKept = Self(rawValue: "source.state-not-kept")
  static let sourceBatch = Self(rawValue: "source.batch-special")
}
