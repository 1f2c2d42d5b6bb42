extension Explanation {
  /// Python sources that give an architecture.
  static let aboutSources: [Explanation] = [
    Explanation(
      "source.mismatch",
      meaning: "a module has other sizes in the source than in the weights",
      cause:
        "The source is another version of the model, or the sizes with which it was trained were given "
        + "elsewhere: in a configuration, or on a command line.",
      fix:
        "Give the sizes: recur validate model.pt --architecture model.py --set hidden_size=64, or the "
        + "source with which the model was trained.",
      example: #"""
        $ sed 's/nn.GRU(3, 4/nn.GRU(3, 5/' source_models/hostile.py > changed.py
        $ recur validate source_models/hostile.pt --architecture changed.py
        error[source.mismatch]: 'rnn.weight_ih_l0' has another shape than the source gives it
          --> changed.py:27:20
          expected: an axis of 15
          found: (12, 3)
          help: give the sizes that the model was trained with, or another source
        """#),
    Explanation(
      "source.model",
      meaning: "no class of the source fits the weights, or more than one does",
      cause:
        "The weights belong to a class that is not in the source, or the checkpoint holds several models, "
        + "or the source has several classes with the same modules.",
      fix: "Name the class: --architecture model.py:Net, or choose the state dict by --key.",
      example: #"""
        $ recur validate source_models/hostile.pt --architecture source_models/tutorial.py
        error[source.model]: the class 'Net' needs 'fc.weight', which the file does not have
          --> source_models/tutorial.py:20:19
          found: 2 missing tensors
        """#),
    Explanation(
      "source.batch-special",
      meaning: "the source does something of its own for one number of sequences",
      cause:
        "forward() compares the number of sequences with a number, as in `if x.size(0) != self.batch_size`. "
        + "In training programs the states are made anew there.",
      fix:
        "Nothing, if both ways give the same numbers. A golden with that number of sequences tells it.",
      example: #"""
        $ sed 's/y, h = self.rnn(x)/y, h = self.rnn(x[:] if x.size(0) == 7 else x)/' source_models/hostile.py > changed.py
        $ recur validate source_models/hostile.pt --architecture changed.py --golden source_models/hostile.golden.npz
        warning[source.batch-special]: the source asks whether the batch is 7; the model is the one of every other batch
          --> changed.py:39:33
          help: record a golden with the batch 7, which tells whether the numbers are the same
        """#),
    Explanation(
      "source.state-not-kept",
      meaning: "a module of the source keeps an array from call to call, and the model does not",
      cause:
        "forward() reads an attribute such as self.hidden and writes it. In training programs it is usually "
        + "made anew before every sequence.",
      fix:
        "Nothing, if every call is a sequence of its own. Else make the state an argument of forward() and "
        + "return the next one.",
      example: #"""
        $ sed 's/self.apply(.*/self.h = None/; s/h = self.rnn(x)/h = self.rnn(x, self.h); self.h = h/' source_models/hostile.py > changed.py
        $ recur validate source_models/hostile.pt --architecture changed.py --golden source_models/hostile.golden.npz
        warning[source.state-not-kept]: the source keeps 'self.h' from call to call; every call of the model begins as the first one
          --> changed.py:39:37
          help: give the state as an argument of forward(), and return the next one, to keep it
        """#),
    Explanation(
      "source.unsupported",
      meaning: "the model depends on a part of the source that is not understood",
      cause:
        "The forward pass reaches a function, a statement or a choice that can't be read without running "
        + "it: another library, a choice by the numbers of an array, an array that is changed under two names.",
      fix:
        "Export the model in Python and give the archive: "
        + "torch.export.save(torch.export.export(model.eval(), (x,)), \"model.pt2\")",
      example: #"""
        $ sed 's/y, h\[-1\]/torch.fft.fft(y)/' source_models/hostile.py > changed.py
        $ recur validate source_models/hostile.pt --architecture changed.py
        error[source.unsupported]: the function 'fft' is not supported
          --> changed.py:40:16
          note: the line is: return torch.fft.fft(y)
          note: the axes were taken to be 'x': [batch, timesteps, 3]; a value such as x=['batch', 'timesteps', 9] says others, and so does a recorded call
          help: export the model in Python, and give the archive: torch.export.save(torch.export.export(model.eval(), (x,)), "model.pt2")
        """#),
  ]
}
