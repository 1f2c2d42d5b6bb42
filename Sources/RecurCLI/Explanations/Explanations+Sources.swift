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
        $ sed -i 's/nn.GRU(3, 4/nn.GRU(3, 5/' source_models/hostile.py
        $ recur validate source_models/hostile.pt --architecture source_models/hostile.py
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
        $ sed -i 's/self.apply(.*/self.h = None/; s/h = self.rnn(x)/h = self.rnn(x, self.h); self.h = h/' source_models/hostile.py
        $ recur validate source_models/hostile.pt --architecture source_models/hostile.py --golden source_models/hostile.golden.npz
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
        $ sed -i 's/y, h\[-1\]/torch.fft.fft(y)/' source_models/hostile.py
        $ recur validate source_models/hostile.pt --architecture source_models/hostile.py
        """#),
  ]
}
