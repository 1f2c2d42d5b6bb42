#if CommandLine
  import Recur
  import RecurInference
  import RecurModel
  import RecurTensors

  /// The calls of one `recur run`, whole or in pieces, and the state between calls.
  struct ModelRun {
    /// The outputs of every call, one after the other.
    private(set) var outputs: [Tensor] = []
    /// The batch, if the inputs were sequences for one batch.
    let padded: SequenceBatch?

    /// The model without the changes for states.
    private let model: Model
    private let runner: Runner
    private let calls: [[Tensor]]
    private let call: PaddedCall?
    private let options: StreamOptions
    private var stream: ModelStream?
    /// How the calls are computed: whole, or as pieces of a stream.
    private enum Runner {
      case calls(ModelRunner)
      case pieces(Program?)
    }
    private let layout: StateLayout
    private let batch: Int
    private var state = RecurrentState()
    private var results: SequenceOutputs?

    /// Prepares a run.
    ///
    /// - Throws: `sequence.padding`, `sequence.stream`, and what reading the state throws.
    init(
      _ checkpoint: Checkpoint, _ inputs: RunInputs, _ options: StreamOptions, on engine: Engine
    ) throws(CheckpointError) {
      self.options = options
      let model: Model
      var mask: String?
      switch inputs {
      case .calls(let arrays):
        (model, padded, call, calls) = (checkpoint.model, nil, nil, arrays)
        batch = Self.batch(arrays, model)
      case .sequences(let sequences):
        (model, mask) = try checkpoint.modelForLengths(sequences)
        let call = try PaddedCall(model, sequences, mask: mask)
        (padded, self.call, calls) = (sequences, call, [call.inputs])
        batch = sequences.lengths.count
      }
      if options.isStream {
        let stream = try ModelStream(model, mask: mask)
        (layout, self.stream) = (stream.layout, stream)
      } else {
        layout = StateLayout(model)
      }
      self.model = model
      if let path = options.state {
        state = try StateFile.read(path, layout, batch: batch)
        stream?.resume(state)
      }
      if stream != nil {
        var program: Program?
        if case .fast(let kernels, let threads, let weights, let kept) = engine {
          program = try Program(
            model, mask: mask, WeightStorage(weights, keeping: kept), kernels: kernels,
            threads: threads)
        }
        runner = .pieces(program)
      } else if options.needsState {
        let names = Set(model.nodesWithChosenState.map { Name($0.name) })
        let keeping = model.keepingStates(of: names, continues: options.state != nil)
        runner = .calls(try ModelRunner(keeping, on: engine))
      } else {
        runner = .calls(try ModelRunner(model, on: engine))
      }
    }

    /// Runs all calls.
    ///
    /// - Throws: what ``Model/run(_:state:)`` throws.
    mutating func perform() throws(CheckpointError) {
      for inputs in calls {
        switch runner {
        case .pieces(let program): outputs += try read(inputs, on: program)
        case .calls(let runner): outputs += try runner.run(inputs, state: &state)
        }
      }
      results = call?.outputs(outputs)
    }

    /// The next call of a stream.
    private mutating func read(
      _ inputs: [Tensor], on program: Program?
    ) throws(CheckpointError) -> [Tensor] {
      switch (options.chunk, program) {
      case (nil, nil): try stream?.feed(inputs) ?? []
      case (nil, let program?): try stream?.feed(inputs, on: program) ?? []
      case (let chunk?, nil): try stream?.feed(inputs, inPiecesOf: chunk) ?? []
      case (let chunk?, let program?):
        try stream?.feed(inputs, inPiecesOf: chunk, on: program) ?? []
      }
    }

    /// Warnings and notes about the inputs of the first call.
    var oddities: [Diagnostic] {
      guard let inputs = calls.first else { return [] }
      let found = model.inputFindings(inputs).filter { $0.severity != .error }
      // A batch padded by this command is float64, whatever the type of the sequences.
      return call == nil ? found : found.filter { $0.code != .inputType }
    }

    /// The outputs of every sequence alone, `out_OUTPUT_SEQUENCE`.
    var unpadded: [(name: String, tensor: Tensor)] {
      guard let padded, let results else { return [] }
      return outputs.indices.flatMap { index in
        padded.lengths.indices.map { row in
          ("out_\(index)_\(row)", results.output(index, of: row))
        }
      }
    }

    /// The state at the end, as arrays.
    ///
    /// - Throws: `state.shape` when the states of the sequences have different shapes.
    func savedState() throws(CheckpointError) -> [(name: String, tensor: Tensor)] {
      try layout.arrays(of: stream?.state ?? state, batch: batch)
    }

    /// The number of sequences of the first call.
    private static func batch(_ calls: [[Tensor]], _ model: Model) -> Int {
      guard let tensor = calls.first?.first, let name = model.inputs.first,
        case .input(let input) = model.node(name)?.layer,
        tensor.shape.indices.contains(input.batchAxis)
      else { return 1 }
      return tensor.shape[input.batchAxis]
    }
  }
#endif
