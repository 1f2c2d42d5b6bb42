extension Explanation {
  /// Codes about sequences of different lengths, streams, and states.
  static let aboutSequences: [Explanation] = [
    Explanation(
      "state.batch",
      meaning: "a state is for another number of sequences than the input",
      cause:
        "The last batch of a data set is smaller, or a state of one sequence is given to many. Keras "
        + "silently repeats a state of one sequence; torch refuses it.",
      fix:
        "Start from zeros, recur run model.h5 --input x.npy --state zeros, or give each sequence its "
        + "own state: h = np.repeat(h, 2, axis=0)"),
    Explanation(
      "state.layers",
      meaning: "a state holds those of more or fewer layers and directions than the module has",
      cause:
        "torch.nn keeps the states of all layers and directions in one array, [layers·directions, "
        + "batch, units]: two layers of two directions have four.",
      fix: "Give one state per layer and direction: h_0 = torch.zeros(4, batch, units)"),
    Explanation(
      "state.rank",
      meaning: "a state has too many axes, or too few",
      cause:
        "Keras states are (batch, units), PyTorch states (layers·directions, batch, units), also with "
        + "batch_first=True.",
      fix: "Add or drop the first axis: h = h[0] for Keras, h_0 = h[None] for PyTorch"),
    Explanation(
      "state.units",
      meaning: "a state is wider or narrower than its layer",
      cause:
        "It belongs to another layer, or the states of two directions, or h and c, were joined.",
      fix: "See the units with 'recur summary model.h5', and split what was joined: h[:, :20]"),
  ]
}
