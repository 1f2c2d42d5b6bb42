package import RecurModel
package import RecurTensors

/// How a framework other than that of the declarations names and packs the tensors of its modules.
///
/// A dialect tells modules by names and shapes, each gate by its name. The convention that reads state
/// dicts then treats the file as if its own framework had written it.
package protocol TensorDialect: Sendable {
  /// The framework's usual name: `Flax`.
  var framework: String { get }

  /// The modules of `stateDict`; nil when its names are not those of the framework.
  ///
  /// - Throws: `tensor.shape-mismatch`, `tensor.missing` and what else is wrong with modules whose
  ///   names are the framework's, in one error.
  func modules(of stateDict: StateDict) throws(CheckpointError) -> DialectModules?
}

/// The modules of a state dict as a dialect tells them.
package struct DialectModules: Sendable {
  /// The modules in file order.
  package var modules: [DialectModule] = []
  /// Tensors that belong to none of the modules, under names joined by dots.
  package var others = TensorTable()
  /// What was changed or left out.
  package var diagnostics: [Diagnostic] = []

  package init() {}
}

/// One module: its path, and what it computes with its weights.
package struct DialectModule: Sendable {
  /// What a module computes.
  package enum Content: Sendable {
    /// A cell over the timesteps of a sequence.
    case recurrent(RecurrentCell)
    /// Two cells over the timesteps, the second one from the last to the first; outputs side by side.
    case bidirectional(RecurrentCell, RecurrentCell)
    /// A weight `[outputs, inputs]`, or for a convolution `[outputs, inputs of a group, window…]`, and a
    /// bias `[outputs]`.
    case product(weight: Tensor, bias: Tensor?)
    /// A table `[entries, width]`.
    case table(Tensor)
    /// A scale and a shift along the last axis, each `[width]`; moments for those that keep them.
    case normalization(scale: Tensor?, shift: Tensor?, moments: Moments?)
  }

  /// The mean and the variance that a normalization keeps, `[width]` each.
  package struct Moments: Sendable {
    package var mean: Tensor
    package var variance: Tensor

    package init(mean: Tensor, variance: Tensor) {
      self.mean = mean
      self.variance = variance
    }
  }

  /// Its path, joined by dots; empty for a module by itself.
  package var key: String
  package var content: Content
  /// What is added to the variance of a normalization when nothing else is said; nil for the number of
  /// the declarations' framework.
  package var epsilon: Double?
  /// Whether the tensors leave open which function a cell without gates applies.
  package var isFunctionOpen = false
  /// What was done to tensors besides exchanging axes and gates, and what was assumed.
  package var remarks: [String] = []

  package init(_ key: String, _ content: Content) {
    self.key = key
    self.content = content
  }
}
