#if CommandLine
  import ArgumentParser

  /// The options that choose the outputs of the last recurrent layer.
  struct ReturnOptions: ParsableArguments {
    @Flag(
      help: "Let the last recurrent layer put out every timestep (Keras return_sequences=True).")
    var returnSequences = false

    @Flag(help: "Put out its last states too, behind the outputs (Keras return_state=True).")
    var returnState = false
  }
#endif
