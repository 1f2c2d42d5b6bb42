import RecurModel

/// What becomes of the masks that travel with Keras' tensors: what layers do to them silently.
///
/// Sources: `compute_mask` of every layer in keras/src/layers and tf_keras/src/layers, and
/// `Layer.__call__`; each rule was reproduced with Keras 3.15 and tf_keras 2.21.
struct KerasMaskRules: Sendable {
  /// The mask of a layer's first output, in terms of the masks of its inputs.
  enum Outcome: Equatable {
    /// No mask.
    case none
    /// The mask of the first input.
    case passed
    /// The layer's own second output.
    case own
    /// A timestep counts if it counts in any input.
    case any
    /// A timestep counts if it counts in all inputs that have a mask.
    case all
    /// The masks one after the other; an input without one counts throughout.
    case concatenated
  }

  let isKeras3: Bool
  /// Whether merging layers count a timestep that counts in any input, and change the values of
  /// masked timesteps (from Keras 3.4 on, `_apply_merge_op_and_or_mask`).
  let joinsByAny: Bool

  /// The rules of today's Keras 3, or of tf.keras 2.
  init(isKeras3: Bool) { (self.isKeras3, joinsByAny) = (isKeras3, isKeras3) }

  /// The rules of a version.
  init(_ version: KerasVersion) {
    (isKeras3, joinsByAny) = (version.isKeras3, version.joinsMasksByAny)
  }

  /// What happens to the masks of a layer's inputs.
  ///
  /// - Parameters:
  ///   - layer: the layer.
  ///   - present: for each input, whether it has a mask.
  /// - Returns: the mask of the first output.
  func outcome(of layer: Layer, present: [Bool]) -> Outcome {
    let passed: Outcome = present.first == true ? .passed : .none
    switch layer {
    case .masking: return .own
    case .embedding(let embedding): return embedding.masksZero ? .own : .none
    case .recurrent(let recurrent): return recurrent.returnsSequence ? passed : .none
    case .bidirectional(let pair): return pair.forward.returnsSequence ? passed : .none
    case .timeDistributed, .dense, .activation, .parametricReLU, .batchNormalization,
      .layerNormalization, .attention:
      return passed
    // These support masks from Keras 3 on; before, they lose them without a word.
    case .standardization, .scaling: return isKeras3 ? passed : .none
    case .identity(let identity):
      return identity.className == "Identity" && !isKeras3 ? .none : passed
    case .merge(.concatenate(let axis)):
      guard present.contains(true) else { return .none }
      if axis == 1 { return .concatenated }
      // Where Keras 3 lacks one mask, every timestep counts.
      return isKeras3 ? present.contains(false) ? .none : .any : .all
    case .merge(.dot), .merge(.stack): return .none
    case .merge:
      guard present.contains(true) else { return .none }
      return joinsByAny ? present.contains(false) ? .none : .any : .all
    case .input, .convolution, .pooling, .reshaping, .selection, .notEqual, .anyTrue,
      .lengthMask, .opaque:
      return .none
    }
  }

  /// Whether a layer uses the masks of its inputs.
  static func isUsed(by layer: Layer) -> Bool {
    switch layer {
    case .recurrent, .bidirectional, .attention: return true
    case .pooling(let pooling): return pooling.window == nil && pooling.operation == .average
    default: return false
    }
  }

  /// Whether the mask that travels with the input reaches a layer called with an initial state.
  ///
  /// Keras 3 hands on a mask only when the sequence is the call's one tensor (keras/src/layers/
  /// layer.py, "Populate mask argument(s)"): with an initial state every timestep counts.
  func reaches(withInitialState: Bool) -> Bool { !(isKeras3 && withInitialState) }
}
