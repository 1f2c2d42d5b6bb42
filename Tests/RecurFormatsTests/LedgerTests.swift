import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurStateDicts
import RecurTensors
import RecurTestSupport
import Testing

/// A checkpoint of a small model with one value in it that is no tensor, and what must be said of it.
private struct RandomCheckpoint {
  /// Where the value is.
  let key: String
  let kind: String
  /// The numbers that must be read under each name, where they are weights.
  var read: [(name: String, values: [Double])] = []
  /// The keys of the model's own tensors that are still there.
  var own: [String] = []
  private(set) var bytes: [UInt8] = []

  static let kinds = [
    "tuple", "list", "dictionary", "nested", "array", "big-endian", "fortran", "scalar",
    "quantized",
    "rows", "storage", "numbers", "number", "integer", "set", "bytes", "object", "optimizer",
    "records", "objects",
  ]

  init(seed: Int) throws {
    var draw = Draw(seed: seed)
    var sketch = CheckpointSketch()
    let shapes: [(String, [Int])] = [
      ("lstm.weight_ih_l0", [12, 2]), ("lstm.weight_hh_l0", [12, 3]), ("lstm.bias_ih_l0", [12]),
      ("lstm.bias_hh_l0", [12]), ("fc.weight", [1, 3]), ("fc.bias", [1]),
    ]
    kind = Self.kinds[seed % Self.kinds.count]
    // In the place of a weight, beside one, at the top, or beside the whole state dict.
    let place = draw.below(4)
    key = ["fc.bias", "fc.extra", "extra", "statistics"][place]
    var items: [(PickleSketch, PickleSketch)] = []
    for (name, shape) in shapes where name != key {
      let count = shape.reduce(1, *)
      items.append((.string(name), sketch.tensor((0..<count).map { _ in draw.float() }, shape)))
      own.append(name)
    }
    let value = Self.value(kind, key, &draw, &sketch, &read)
    if place == 3 {
      read = []
      let both = [(PickleSketch.string("state_dict"), PickleSketch.dictionary(items))]
      let beside = [(PickleSketch.string(key), value)]
      bytes = try sketch.archive(.dictionary(draw.below(2) == 0 ? both + beside : beside + both))
    } else {
      items.insert((.string(key), value), at: draw.below(items.count + 1))
      bytes = try sketch.archive(.dictionary(items))
    }
  }

  private static func value(
    _ kind: String, _ key: String, _ draw: inout Draw, _ sketch: inout CheckpointSketch,
    _ read: inout [(name: String, values: [Double])]
  ) -> PickleSketch {
    let numbers = (0..<4).map { _ in draw.float() }
    let doubles = numbers.map(Double.init)
    let bits = numbers.map(\.bitPattern)
    let package = draw.below(2) == 0 ? "numpy._core" : "numpy.core"
    switch kind {
    case "tuple", "list":
      let other = sketch.tensor([numbers[0]], [1])
      let parts = [sketch.tensor(numbers, [2, 2]), other]
      read = [("\(key).0", doubles), ("\(key).1", [doubles[0]])]
      return kind == "list" ? .list(parts) : .tuple(parts)
    case "dictionary":
      read = [("\(key).a", doubles)]
      return .dictionary([(.string("a"), sketch.tensor(numbers, [4])), (.string("b"), .none)])
    case "nested":
      read = [("\(key).0.deep.1", doubles)]
      return .list([
        .dictionary([(.string("deep"), .tuple([.none, sketch.tensor(numbers, [4, 1])]))])
      ])
    case "array":
      read = [(key, doubles)]
      return ArraySketch.array(
        bits.littleEndianBytes, type: "f4", order: "<", shape: [2, 2], package: package)
    case "big-endian":
      read = [(key, doubles)]
      return ArraySketch.array(
        bits.map(\.byteSwapped).littleEndianBytes, type: "f4", order: ">", shape: [4],
        package: package)
    case "fortran":
      read = [(key, [doubles[0], doubles[2], doubles[1], doubles[3]])]
      return ArraySketch.array(
        bits.littleEndianBytes, type: "f4", order: "<", shape: [2, 2], isFortran: true,
        package: package)
    case "scalar":
      read = [(key, [doubles[0]])]
      return ArraySketch.scalar([bits[0]].littleEndianBytes, type: "f4")
    case "quantized", "rows":
      let values = (0..<4).map { _ in Int8(draw.below(256) - 128) }
      let scales = kind == "rows" ? [0.125, 1.0 / 3] : [Double(draw.float().magnitude) + 0.01]
      let zeros = scales.map { _ in draw.below(11) - 5 }
      read = [
        (
          key,
          values.enumerated().map { index, value in
            let row = scales.count > 1 ? index / 2 : 0
            let difference = Float(Int(value) - zeros[row])
            return kind == "rows"
              ? Double(Float(Double(difference) * scales[row]))
              : Double(Float(scales[0]) * difference)
          }
        )
      ]
      return sketch.quantized(values, [2, 2], scales: scales, zeroPoints: zeros)
    case "storage":
      read = [(key, doubles)]
      return sketch.storage(numbers)
    case "numbers":
      if key.hasPrefix("fc.") { read = [(key, doubles)] }
      return .list(doubles.map { .float($0) })
    case "number": return .float(doubles[0])
    case "integer": return .integer(draw.below(1_000))
    case "set":
      return .call(
        module: "builtins", name: "set", [.list(doubles.map { .float($0) })], state: nil)
    case "bytes": return .bytes([1, 2, 3, 4])
    case "object":
      return .call(
        module: "somebody.code", name: "Scaler", [],
        state: .dictionary([(.string("mean_"), sketch.tensor(numbers, [4]))]))
    case "optimizer":
      return .dictionary([
        (.string("state"), .dictionary([(.integer(0), sketch.tensor(numbers, [4]))])),
        (.string("param_groups"), .list([.dictionary([(.string("lr"), .float(0.1))])])),
      ])
    case "records":
      return .call(
        module: "numpy.core.multiarray", name: "_reconstruct",
        [.global("numpy", "ndarray"), .tuple([.integer(0)]), .bytes([0x62])],
        state: .tuple([
          .integer(1), .tuple([.integer(1)]),
          .call(
            module: "numpy", name: "dtype", [.string("V4"), .bool(false), .bool(true)],
            state: .tuple([
              .integer(3), .string("|"), .none, .tuple([.string("x")]), .dictionary([]),
              .integer(4), .integer(1), .integer(16),
            ])), .bool(false), .bytes([0, 0, 0, 0]),
        ]))
    default:
      read = [("\(key).1", doubles)]
      return .call(
        module: "\(package).multiarray", name: "_reconstruct",
        [.global("numpy", "ndarray"), .tuple([.integer(0)]), .bytes([0x62])],
        state: .tuple([
          .integer(1), .tuple([.integer(2)]),
          .call(
            module: "numpy", name: "dtype", [.string("O8"), .bool(false), .bool(true)],
            state: .tuple([
              .integer(3), .string("|"), .none, .none, .none, .integer(-1), .integer(-1),
              .integer(63),
            ])), .bool(false), .list([.none, sketch.tensor(numbers, [4])]),
        ]))
    }
  }
}

/// Numbers that are the same in every run.
private struct Draw {
  private var state: UInt64

  init(seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  private mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }

  mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }

  mutating func float() -> Float { Float(Int(next() % 2_000) - 1_000) / 512 }
}

@Suite("No number of a checkpoint is lost without a word")
struct LedgerTests {
  /// Everything that findings say, in one text.
  private func text(_ findings: [Diagnostic]) -> String {
    findings.map { ([$0.message] + $0.notes + [$0.found ?? "", $0.location.object ?? ""]) }
      .map { $0.joined(separator: "\n") }.joined(separator: "\n")
  }

  /// Whether a text names what is at `key`.
  private func names(_ text: String, _ key: String) -> Bool {
    ["'\(key)'", "'\(key).", "\n\(key)\n", "\n\(key)."].contains {
      ("\n" + text + "\n").contains($0)
    }
  }

  @Test("500 random checkpoints with one value that is no tensor")
  func random() throws {
    var converted = 0
    var refused = 0
    var compared = 0
    try TestData.withFolder { folder in
      let path = folder.appending(path: "x.pt").path
      let output = folder.appending(path: "x.safetensors").path
      for seed in 0..<500 {
        let checkpoint = try RandomCheckpoint(seed: seed)
        let comment = Comment("seed \(seed): \(checkpoint.kind) at '\(checkpoint.key)'")
        try Data(checkpoint.bytes).write(to: URL(filePath: path))
        let probe = try FileProbe(path: path)

        let inspection = try Checkpoint.inspect(path)
        let listed =
          (inspection.tensors.map(\.name) + inspection.facts.map(\.name)).joined(separator: "\n")
          + "\n" + text(inspection.diagnostics)
        #expect(names(listed, checkpoint.key), comment)

        // What is a weight is read to the bit.
        let tensors = try? StateDict.read(probe).tensors
        for (name, values) in checkpoint.read {
          #expect(tensors?[name]?.doubles() == values, comment)
          compared += 1
        }
        for name in checkpoint.own { #expect(tensors?[name] != nil, comment) }

        do throws(CheckpointError) {
          let opened = try Checkpoint(opening: path)
          let held = opened.model.nodes.flatMap { node in
            node.layer.tensors.compactMap(\.tensor.location.object)
          }
          let said = held.joined(separator: "\n") + "\n" + text(opened.diagnostics)
          #expect(names(said, checkpoint.key), comment)
          let conversion = try opened.convert(to: output, overwriting: true)
          converted += 1
          let written = conversion.mappings.flatMap(\.sources).joined(separator: "\n")
          let words = written + "\n" + text(opened.diagnostics + conversion.diagnostics)
          #expect(names(words, checkpoint.key), comment)
          // Fewer weights than were read are not written.
          for (name, _) in checkpoint.read {
            #expect(names(written, name) || names(text(opened.diagnostics), name), comment)
          }
        } catch {
          refused += 1
          #expect(
            names(text(error.diagnostics), checkpoint.key) || names(text(error.diagnostics), "fc"),
            "\(comment.rawValue): \(error.diagnostic.message)")
        }
      }
    }
    #expect(converted > 300, "\(converted) converted, \(refused) refused")
    #expect(compared > 200)
  }

  @Test("the whole file an optimizer's state: named, not read as a model")
  func optimizer() throws {
    let path = TestData.path("pytorch/optimizer_alone.pt")
    let inspection = try Checkpoint.inspect(path)
    #expect(inspection.tensors.isEmpty)
    #expect(inspection.facts.map(\.name) == ["optimizer"])
    #expect(inspection.diagnostics.map(\.code.rawValue) == ["pytorch.optimizer-state"])
    expectDiagnostic("pytorch.optimizer-state") { try Checkpoint(opening: path) }
  }

  @Test("a small pickle can't make a large tensor of few bytes again and again")
  func expansion() throws {
    var sketch = CheckpointSketch()
    let values = [Int8](repeating: 1, count: 1 << 20)
    let first = sketch.quantized(values, [1 << 20], scales: [0.5], zeroPoints: [0])
    // Every use is another node of the same storage, so that none is known from before.
    let items = (0..<40).map { (PickleSketch.string("w\($0)"), first) }
    let bytes = try sketch.archive(.dictionary(items))
    let diagnostic = expectDiagnostic("bytes.limit-exceeded") {
      try StateDict.read(FileProbe(path: "x.pt", bytes: TestData.region(bytes)))
    }
    #expect(diagnostic?.message.contains("more than 8 bytes of each") == true)
  }
}

@Suite("Files say how much of them was understood")
struct CoverageTests {
  @Test("tensors of known layers are covered, others are not")
  func coverage() throws {
    let all = try Checkpoint(opening: TestData.path("keras3/lstm_last.h5"))
    #expect(all.coverage.covered == 3 && all.coverage.total == 3)
    #expect(all.nothingRecognized == nil)
    let some = try Checkpoint(opening: TestData.path("pytorch/containers.pt"))
    #expect(some.coverage.covered == 6 && some.coverage.total == 12)
    #expect(!some.canRun && some.nothingRecognized == nil)
  }

  /// A checkpoint of an LSTM and a Linear, with more entries.
  private func lstm(
    _ prefix: String, with more: (inout CheckpointSketch) -> [(PickleSketch, PickleSketch)],
    nested: Bool = false
  ) throws -> [UInt8] {
    var sketch = CheckpointSketch()
    let shapes: [(String, [Int])] = [
      ("lstm.weight_ih_l0", [12, 2]), ("lstm.weight_hh_l0", [12, 3]), ("lstm.bias_ih_l0", [12]),
      ("lstm.bias_hh_l0", [12]), ("fc.weight", [1, 3]), ("fc.bias", [1]),
    ]
    let items = shapes.map { name, shape in
      let values = [Float](repeating: 0.5, count: shape.reduce(1, *))
      return (PickleSketch.string(prefix + name), sketch.tensor(values, shape))
    }
    let others = more(&sketch)
    return try sketch.archive(
      .dictionary(
        nested ? [(.string("state_dict"), .dictionary(items))] + others : others + items))
  }

  private func opened(_ bytes: [UInt8]) throws -> Checkpoint {
    try TestData.withFolder { folder in
      let file = folder.appending(path: "x.pt")
      try Data(bytes).write(to: file)
      return try Checkpoint(opening: file.path(percentEncoded: false))
    }
  }

  @Test("a tensor of no known module is named, and is why nothing is run")
  func strays() throws {
    let checkpoint = try opened(
      lstm("", with: { [(.string("mean"), $0.tensor([1, 2], [2]))] }))
    #expect(!checkpoint.canRun)
    let unused = checkpoint.diagnostics.filter { $0.code.rawValue == "tensor.unused" }
    #expect(unused.map(\.location.object) == ["mean"])
    #expect(unused.first?.severity == .warning)
    #expect(checkpoint.coverage.covered == 6 && checkpoint.coverage.total == 7)
    let note = checkpoint.diagnostics.first { $0.code.rawValue == "pytorch.modules.inferred" }
    #expect(note?.notes.last?.contains("'mean' belongs to no known module") == true)
  }

  @Test("tensors beside the chosen model count as those of the file")
  func beside() throws {
    let checkpoint = try opened(
      lstm("", with: { [(.string("hidden"), .tuple([$0.tensor([1, 2], [2])]))] }, nested: true))
    #expect(checkpoint.canRun)
    #expect(checkpoint.coverage.covered == 6 && checkpoint.coverage.total == 7)
  }

  @Test("the counter of an averaged model is no weight, and keeps nothing from being run")
  func averaged() throws {
    let counter = ArraySketch.scalar(
      [2, 0, 0, 0, 0, 0, 0, 0], type: "i8")
    let checkpoint = try opened(
      lstm("module.", with: { _ in [(.string("n_averaged"), counter)] }))
    #expect(checkpoint.canRun)
    let unused = checkpoint.diagnostics.filter { $0.code.rawValue == "tensor.unused" }
    #expect(unused.map(\.severity) == [.note])
    #expect(checkpoint.coverage.covered == 6 && checkpoint.coverage.total == 7)
  }

  @Test("a file without a recurrent module says so")
  func nothing() throws {
    let checkpoint = try Checkpoint(opening: TestData.path("pytorch/perceptron.pt"))
    #expect(checkpoint.coverage.covered == 4 && checkpoint.coverage.total == 4)
    let warning = try #require(checkpoint.nothingRecognized)
    #expect(warning.code.rawValue == "model.nothing-recognized")
    #expect(warning.severity == .warning)
    #expect(warning.found?.hasPrefix("4 tensors: '0.weight'") == true)
  }
}
