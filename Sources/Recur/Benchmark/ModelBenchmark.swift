package import RecurInference
package import RecurModel
package import RecurTensors
import RecurVerification

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// What running a model takes on this machine.
package struct ModelBenchmark: Sendable {
  /// How the weights were packed; nil for the reference, which reads them in every run.
  package struct Packing: Sendable {
    package let seconds: Double
    /// The size of the packed weights.
    package let byteCount: Int
    /// The layers whose weights are in a narrower type than float32.
    package let narrowLayers: [String]
  }

  /// The shapes of the random inputs, in call order.
  package let inputShapes: [[Int]]
  package let batch: Int
  /// The number of timesteps of each sequence; a model that needs more gets more than were asked
  /// for.
  package let timesteps: Int
  /// The operations of one run: ``Model/productOperations(_:)``.
  package let operations: Int?
  package let packing: Packing?
  /// The time of one run over all sequences, from a state of zeros.
  package let run: RunTiming

  /// Times runs of `model` on random inputs for about `budget`.
  ///
  /// - Throws: `model.not-connected`, `tensor.bytes-mismatch` for inputs that are too large, and what
  ///   running the model throws.
  package init(
    _ model: Model, on engine: Engine, batch: Int, timesteps: Int, budget: Duration
  ) throws(CheckpointError) {
    try model.checkConnected()
    let samples = try SampleInputs(for: model, seed: 1, batch: batch, timesteps: timesteps)
    inputShapes = samples.tensors.map(\.shape)
    self.batch = batch
    self.timesteps = samples.timesteps
    let shapes = ModelShapes(
      samples.model, inputShapes: inputShapes.map { $0.map(Dimension.fixed) })
    operations = samples.model.productOperations(shapes)
    switch engine {
    case .reference:
      packing = nil
      run = try RunTiming(budget: budget) { () throws(CheckpointError) in
        _ = try samples.model.run(samples.tensors)
      }
    case .fast(let kernels, let threads, let weights, let kept):
      let start = ContinuousClock.now
      let program = try Program(
        samples.model, weights: weights, keeping: kept, kernels: kernels, threads: threads)
      packing = Packing(
        seconds: (ContinuousClock.now - start).seconds, byteCount: program.byteCount,
        narrowLayers: program.narrowLayers)
      var inputs: [Tensor] = []
      for tensor in samples.tensors {
        inputs.append(try .float32(tensor.floats(), shape: tensor.shape))
      }
      run = try RunTiming(budget: budget) { () throws(CheckpointError) in
        _ = try program.run(inputs)
      }
    }
  }

  /// The timesteps of all sequences that are computed per second.
  package var timestepsPerSecond: Double { Double(batch) * Double(timesteps) / run.median }

  /// Operations per second; nil where their number is unknown.
  package var operationsPerSecond: Double? { operations.map { Double($0) / run.median } }

  /// The most memory this process has held so far, in bytes.
  package static var peakMemory: Int {
    var usage = rusage()
    // Linux counts in units of 1024 bytes.
    #if canImport(Glibc)
      _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      let unit = 1024
    #else
      _ = unsafe getrusage(RUSAGE_SELF, &usage)
      let unit = 1
    #endif
    return usage.ru_maxrss * unit
  }
}
