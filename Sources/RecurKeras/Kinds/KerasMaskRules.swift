/// The differences between versions of Keras in what they do to the masks of tensors.
///
/// Sources: `compute_mask` of every layer in keras/src/layers and tf_keras/src/layers, and
/// `Layer.__call__`. Each rule was reproduced with Keras 3.15 and tf_keras 2.21. The room of each
/// kind of layer says what the layer does to masks.
struct KerasMaskRules: Sendable {
  let isKeras3: Bool
  /// Whether a merging layer counts a timestep that counts in any input, and changes the values of
  /// masked timesteps (from Keras 3.4 on, `_apply_merge_op_and_or_mask`).
  let joinsByAny: Bool

  /// The rules of today's Keras 3, or of tf.keras 2.
  init(isKeras3: Bool) { (self.isKeras3, joinsByAny) = (isKeras3, isKeras3) }

  /// The rules of a version.
  init(_ version: KerasVersion) {
    (isKeras3, joinsByAny) = (version.isKeras3, version.joinsMasksByAny)
  }

  /// Whether the mask of the input reaches a layer that is called with an initial state.
  ///
  /// Keras 3 hands on a mask only if the sequence is the only tensor of the call
  /// (keras/src/layers/layer.py, "Populate mask argument(s)"). With an initial state every timestep
  /// counts.
  func reaches(withInitialState: Bool) -> Bool { !(isKeras3 && withInitialState) }
}

/// The effect of a layer on the masks of its inputs.
struct KerasMasks: Hashable, Sendable {
  /// The use of masks in a call.
  enum Use: Hashable, Sendable {
    /// The call takes no mask.
    case ignored
    /// The call takes a mask, which changes nothing at inference.
    case taken
    /// The call takes a mask for the layer inside, which needs it.
    case handedInside
    /// The call takes a mask, and masked timesteps change the output.
    case needed
    /// Under these masks Keras would compute something else, or fail.
    case harmful
  }

  /// The mask of the first output, made of the masks of the inputs.
  enum Outcome: Hashable, Sendable {
    /// No mask.
    case none
    /// The mask of the first input.
    case passed
    /// The mask of the first input, after a type conversion by an operation of Keras 3.
    case converted
    /// The layer's own second output.
    case own
    /// A timestep counts if it counts in any input.
    case any
    /// A timestep counts if it counts in all inputs that have a mask.
    case all
    /// The masks one behind the other, along the timesteps; all timesteps of an input without a
    /// mask count.
    case concatenated
    /// The masks side by side, along the features: a timestep counts if it counts in any input, and
    /// always if an input has no mask.
    case joined
  }

  /// The use of the masks in a call.
  var use: Use
  /// The mask of the first output.
  var outcome: Outcome
  /// The number of outputs that have this mask.
  var outputCount = 1

  /// The output has no mask.
  static let lost = KerasMasks(use: .ignored, outcome: .none)
  /// The output has the mask of the first input.
  static let passed = KerasMasks(use: .ignored, outcome: .passed)
}

extension KerasLayer {
  /// The mask of the first output.
  ///
  /// - Parameters:
  ///   - rules: the rules of a version.
  ///   - present: for each input, whether it has a mask.
  /// - Returns: the mask; nil when the inputs lack the masks that it is made of.
  func maskOutcome(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks.Outcome {
    let outcome = masks(rules, present: present).outcome
    return switch outcome {
    case .none, .own: outcome
    case .passed, .converted: present.first == true ? outcome : .none
    case .any, .all, .concatenated, .joined: present.contains(true) ? outcome : .none
    }
  }
}
