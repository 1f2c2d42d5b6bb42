/// How versions of Keras differ in what becomes of the masks that travel with tensors.
///
/// Sources: `compute_mask` of every layer in keras/src/layers and tf_keras/src/layers, and
/// `Layer.__call__`; each rule was reproduced with Keras 3.15 and tf_keras 2.21. What a layer does to
/// masks is said in the room of its kind.
struct KerasMaskRules: Sendable {
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

  /// Whether the mask that travels with the input reaches a layer called with an initial state.
  ///
  /// Keras 3 hands on a mask only when the sequence is the call's one tensor (keras/src/layers/
  /// layer.py, "Populate mask argument(s)"): with an initial state every timestep counts.
  func reaches(withInitialState: Bool) -> Bool { !(isKeras3 && withInitialState) }
}

/// What a layer does to the masks of its inputs.
struct KerasMasks: Hashable, Sendable {
  /// What a call does with the masks it is given.
  enum Use: Hashable, Sendable {
    /// It takes none.
    case ignored
    /// It takes one, which changes nothing at inference.
    case taken
    /// It takes one and hands it to the layer inside it, which needs it.
    case handedInside
    /// The timesteps that don't count change what it puts out.
    case needed
    /// Keras would compute something else under these masks, or fail.
    case harmful
  }

  /// The mask of the first output, in terms of the masks of the inputs.
  enum Outcome: Hashable, Sendable {
    /// No mask.
    case none
    /// The mask of the first input.
    case passed
    /// The mask of the first input, which Keras 3 converts by an operation.
    case converted
    /// The layer's own second output.
    case own
    /// A timestep counts if it counts in any input.
    case any
    /// A timestep counts if it counts in all inputs that have a mask.
    case all
    /// The masks one after the other; an input without one counts throughout.
    case concatenated
    /// The masks side by side; a timestep counts if it counts in any input, and an input without a mask
    /// counts throughout.
    case joined
  }

  /// What a call does with the masks.
  var use: Use
  /// The mask of the first output.
  var outcome: Outcome
  /// The number of outputs that have this mask.
  var outputCount = 1

  /// Masks end here.
  static let lost = KerasMasks(use: .ignored, outcome: .none)
  /// The mask of the first input is that of the output.
  static let passed = KerasMasks(use: .ignored, outcome: .passed)
}

extension KerasLayer {
  /// The mask of the first output.
  ///
  /// - Parameters:
  ///   - rules: the rules of a version.
  ///   - present: for each input, whether it has a mask.
  /// - Returns: the mask; none where the inputs have not what it is made of.
  func maskOutcome(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks.Outcome {
    let outcome = masks(rules, present: present).outcome
    return switch outcome {
    case .none, .own: outcome
    case .passed, .converted: present.first == true ? outcome : .none
    case .any, .all, .concatenated, .joined: present.contains(true) ? outcome : .none
    }
  }
}
