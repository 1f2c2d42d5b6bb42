#if CommandLine
  import ArgumentParser
  import RecurModel
  import RecurTensors

  /// Which outputs of the last recurrent layer a command is about.
  struct ReturnOptions: ParsableArguments {
    @Flag(
      help: "Let the last recurrent layer put out every timestep (Keras return_sequences=True).")
    var returnSequences = false

    @Flag(help: "Put out its last states too, behind the outputs (Keras return_state=True).")
    var returnState = false

    func applied(to model: Model) throws(CheckpointError) -> Model {
      try model.returning(sequences: returnSequences, states: returnState)
    }
  }
#endif
