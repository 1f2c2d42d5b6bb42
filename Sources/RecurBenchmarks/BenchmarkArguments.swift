import RecurInference

/// The arguments of the command line.
struct BenchmarkArguments {
  enum Command: String, CaseIterable { case forward, machine, models, roofline, steps, weights }

  /// An error in the command line.
  struct Problem: Error {
    let message: String
  }

  private(set) var command = Command.forward
  private(set) var isJSON = false
  private(set) var threads = 1
  private(set) var kernels = Kernels.best
  /// The time budget of each case.
  private(set) var budget = Duration.milliseconds(500)
  /// The one case to time; nil for all.
  private(set) var only: RecurrentCase?
  /// The one model to time; nil for all.
  private(set) var model: ModelCase?

  static let usage = """
    usage: RecurBenchmarks COMMAND [--json] [--threads N] [--kernels NAME] [--budget SECONDS]

      forward    whole sequences through one layer, LSTM then GRU; --case CELL,I,H,B,T times one
      steps      single timesteps, and sequences with and without a Dense(1) after the layer
      models     whole models with convolutions and attention; --model NAME,BATCH times one
      weights    single timesteps with weights in float32, float16, bfloat16 and int8
      roofline   how close the layers come to what the machine can do
      machine    what the machine can do: multiply-adds per second, bytes read per second

    Times are medians of float32 runs on one thread, unless --threads says more.
    """

  init(_ words: [String]) throws(Problem) {
    var rest = words[...]
    guard let name = rest.popFirst() else { throw Problem(message: "a command is missing") }
    guard let command = Command(rawValue: name) else {
      throw Problem(message: "there is no command '\(name)'")
    }
    self.command = command
    while let option = rest.popFirst() {
      switch option {
      case "--json": isJSON = true
      case "--threads":
        threads = try Self.value(of: option, &rest, "a number from 1 to 1024") {
          Int($0).flatMap { (1...1024).contains($0) ? $0 : nil }
        }
      case "--kernels":
        let names = Kernels.available.map(\.name).joined(separator: ", ")
        kernels = try Self.value(of: option, &rest, "one of \(names)") { Kernels(named: $0) }
      case "--budget":
        budget = try Self.value(of: option, &rest, "seconds, more than 0 and up to 3600") {
          Double($0).flatMap { $0 > 0 && $0 <= 3600 ? .seconds($0) : nil }
        }
      case "--case":
        guard command == .forward else {
          throw Problem(message: "'\(command.rawValue)' takes no --case")
        }
        only = try Self.value(of: option, &rest, "a cell and four sizes, as in lstm,1,20,1,256") {
          RecurrentCase(parsing: $0)
        }
      case "--model":
        guard command == .models else {
          throw Problem(message: "'\(command.rawValue)' takes no --model")
        }
        model = try Self.value(of: option, &rest, "a model and a batch, as in crnn,1") {
          ModelCase(parsing: $0)
        }
      default: throw Problem(message: "there is no option '\(option)'")
      }
    }
  }

  private static func value<Value>(
    of option: String, _ rest: inout ArraySlice<String>, _ wanted: String,
    _ parse: (String) -> Value?
  ) throws(Problem) -> Value {
    guard let word = rest.popFirst() else {
      throw Problem(message: "\(option) needs \(wanted)")
    }
    guard let value = parse(word) else {
      throw Problem(message: "\(option) needs \(wanted), not '\(word)'")
    }
    return value
  }
}
