import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurPyTorch
import RecurStateDicts
import RecurTensors
import RecurTestSupport
import Testing

/// Checkpoints of torch, with the contents that torch itself found in them
/// (`testdata/generators/gen_torch_checkpoints.py`).
struct TorchCase: Sendable, CustomTestStringConvertible {
  struct Contents: Sendable, Decodable {
    let type: String
    let shape: [Int]
    let bytes: String
  }

  struct Expectation: Sendable, Decodable {
    let tensors: [String: Contents]?
    let folded: [String: Contents]?
    let facts: [String: String]?
    let modules: [[String]]?
    let notes: [String]?
    let code: String?
    let key: String?
    let strip: Bool?
    let fold: Bool?
  }

  let path: String
  let expectation: Expectation

  var testDescription: String { path }

  /// The fixtures, and with `RECUR_TORCH_CASES` those in the folder it names.
  static let all: [TorchCase] =
    cases(in: TestData.path("pytorch/"))
    + (ProcessInfo.processInfo.environment["RECUR_TORCH_CASES"].map { cases(in: $0 + "/") } ?? [])

  private static func cases(in folder: String) -> [TorchCase] {
    guard let data = try? Data(contentsOf: URL(filePath: folder + "expected.json")),
      let list = try? JSONDecoder().decode([String: Expectation].self, from: data)
    else { fatalError("\(folder)expected.json can't be read") }
    return list.sorted { $0.key < $1.key }.map {
      TorchCase(path: folder + $0.key, expectation: $0.value)
    }
  }

  func read() throws -> StateDict {
    var stateDict = try StateDict.read(FileProbe(path: path), key: expectation.key)
    if expectation.strip == true { stateDict = try stateDict.strippingPrefixes() }
    if expectation.fold == true { stateDict = try stateDict.foldingWeightNorm() }
    return stateDict
  }
}

@Suite("Checkpoints of every kind hold what torch finds in them")
struct TorchCheckpointTests {
  private func bytes(_ tensor: Tensor) throws -> [UInt8] { try tensor.rowMajorBytes().bytes() }

  @Test(
    "tensors are bit for bit those of torch.load, in its order of keys",
    arguments: TorchCase.all.filter { $0.expectation.tensors != nil })
  func tensors(test: TorchCase) throws {
    let expected = try #require(test.expectation.tensors)
    let stateDict = try test.read()
    // A dictionary of Swift would take "é" and "e\u{301}" for one key.
    #expect(Set(stateDict.tensors.names.map { Name($0) }) == Set(expected.keys.map { Name($0) }))
    for (name, contents) in expected {
      let tensor = try #require(stateDict.tensors[name], "\(name)")
      #expect(tensor.shape == contents.shape, "\(name)")
      #expect("\(tensor.elementType)" == contents.type, "\(name)")
      let found = try bytes(tensor).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
      #expect(found.joined() == contents.bytes, "\(name)")
    }
    for (name, value) in test.expectation.facts ?? [:] {
      #expect(stateDict.facts.first { $0.name == name }?.value == value, "\(name)")
    }
    if let modules = test.expectation.modules {
      #expect(stateDict.modules.map { [$0.key, $0.className] } == modules)
    }
    let notes = stateDict.diagnostics.map(\.code.rawValue)
    if test.expectation.strip != true { #expect(notes == test.expectation.notes ?? []) }
  }

  @Test(
    "what is not read is refused by its code, with a place, and inspection never traps",
    arguments: TorchCase.all.filter { $0.expectation.code.map { !$0.isEmpty } ?? false })
  func refusals(test: TorchCase) throws {
    let diagnostic = expectDiagnostic(test.expectation.code ?? "") { try test.read() }
    #expect(diagnostic?.message.isEmpty == false)
    let probe = try FileProbe(path: test.path)
    _ = try? FormatRegistry.all.format(of: probe).inspect(probe)
  }

  @Test("inspection lists tensors that are not read, and still the others")
  func tolerance() throws {
    for name in ["quantized_bits", "sparse", "meta", "conjugate"] {
      let probe = try FileProbe(path: TestData.path("pytorch/\(name).pt"))
      let inspection = try FormatRegistry.all.format(of: probe).inspect(probe)
      #expect(inspection.diagnostics.map(\.severity) == [.warning], "\(name)")
      #expect(inspection.tensors.isEmpty)
    }
  }

  @Test(
    "weight norm and spectral norm of both generations fold to what torch computes",
    arguments: TorchCase.all.filter { $0.expectation.folded != nil })
  func folding(test: TorchCase) throws {
    let original = try test.read()
    #expect(original.parametrizedWeights.count == 2)
    let stateDict = try original.foldingWeightNorm()
    #expect(stateDict.parametrizedWeights.isEmpty)
    #expect(
      stateDict.diagnostics.map(\.code.rawValue)
        == [String](repeating: "pytorch.parametrization.folded", count: 2))
    #expect(stateDict.tensors.names.count == 6)
    for (name, contents) in try #require(test.expectation.folded) {
      let tensor = try #require(stateDict.tensors[name])
      let numbers = stride(from: 0, to: contents.bytes.utf8.count, by: 8).map { start in
        let digits = contents.bytes.dropFirst(start).prefix(8)
        let bits = UInt32(digits, radix: 16) ?? 0
        return Float(bitPattern: bits.byteSwapped)
      }
      let expected = try Tensor.float32(numbers, shape: contents.shape)
      #expect(tensor.shape == contents.shape)
      for (a, b) in zip(tensor.doubles(), expected.doubles()) {
        #expect(abs(a - b) <= 3e-7 * max(1, abs(b)), "\(name): \(a), torch \(b)")
      }
    }
  }

  @Test("module options keep their order and their kinds") func options() throws {
    let stateDict = try StateDict.read(FileProbe(path: TestData.path("pytorch/module.pt")))
    let lstm = try #require(stateDict.modules.first { $0.key == "lstm" })
    let options = lstm.options.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    for (name, value) in [
      ("mode", "LSTM"), ("input_size", 2), ("hidden_size", 3), ("num_layers", 1), ("bias", true),
      ("batch_first", true), ("dropout", 0.0), ("bidirectional", true), ("proj_size", 0),
    ] as [(String, JSONValue)] {
      #expect(lstm.options.first { $0.name == name }?.value == value, "\(options)")
    }
  }

  @Test("keys of a declaration keep their prefixes") func keeping() throws {
    var stateDict = StateDict()
    for key in ["module.model.lstm.w", "module.model.fc.w"] {
      try stateDict.tensors.append(key, .float32([1], shape: [1]))
    }
    #expect(try stateDict.strippingPrefixes().tensors.names == ["lstm.w", "fc.w"])
    #expect(
      try stateDict.strippingPrefixes(keeping: ["model.lstm", "model.fc"]).tensors.names
        == ["model.lstm.w", "model.fc.w"])
    #expect(
      try stateDict.strippingPrefixes(keeping: ["module.model.lstm"]).tensors.names
        == stateDict.tensors.names)
    #expect(try stateDict.strippingPrefixes(keeping: [""]).tensors.names == ["lstm.w", "fc.w"])
    let notes = try stateDict.strippingPrefixes().diagnostics
    #expect(notes.map(\.severity) == [.note, .note])
    #expect(
      notes.first?.message == "'module.' was taken off the keys: DataParallel put it there")
  }

  @Test("a flipped weight byte is caught by its checksum, which torch does not look at")
  func flippedWeight() throws {
    var bytes = try TestData.bytes("pytorch/stored.pt")
    let probe = FileProbe(path: "x.pt", bytes: TestData.region(bytes))
    let location = try #require(
      StateDict.read(probe).tensors["lstm.weight_hh_l0"]?.location.bytes)
    bytes[Int(location.lowerBound) + 5] ^= 1
    expectDiagnostic("zip.crc.mismatch") {
      try StateDict.read(FileProbe(path: "x.pt", bytes: TestData.region(bytes)))
    }
  }

  @Test("tensors stay where the file has them") func views() throws {
    for name in ["protocol2.pt", "legacy.pt", "exported.pt2", "script.ts.pt", "module.pt"] {
      let stateDict = try StateDict.read(FileProbe(path: TestData.path("pytorch/" + name)))
      for entry in stateDict.tensors.entries {
        #expect(entry.tensor.location.bytes != nil, "\(name) \(entry.name)")
      }
    }
  }
}

/// Published checkpoints, and modules with PyTorch's source text, which are not part of the
/// project.
@Suite("Checkpoints beside the project")
struct TorchCorpusTests {
  static let corpus = ProcessInfo.processInfo.environment["RECUR_CORPUS"]

  @Test(
    "modules and TorchScript hold the same tensors as their state dict",
    .enabled(if: corpus != nil),
    arguments: [
      ("torch/checkpoint.pt", "torch/whole_module.pt"),
      ("torch/checkpoint.pt", "torch/scripted.ts.pt"),
      ("torch/checkpoint.pt", "torch/whole_module.legacy.pt"),
      ("torch/checkpoint.pt", "torch/traced.ts.pt"),
      ("torch_1_6/bilstm_fc.pt", "torch_1_6/bilstm_fc.module.legacy.pt"),
      ("torch_1_6/bilstm_fc.pt", "torch_1_6/bilstm_fc.ts.pt"),
    ])
  func modules(plain: String, module: String) throws {
    let folder = try #require(Self.corpus)
    let expected = try StateDict.read(FileProbe(path: "\(folder)/\(plain)"))
    let found = try StateDict.read(FileProbe(path: "\(folder)/\(module)"))
    #expect(found.tensors.names == expected.tensors.names)
    for entry in expected.tensors.entries {
      #expect(found.tensors[entry.name]?.isBitEqual(to: entry.tensor) == true, "\(entry.name)")
    }
    #expect(
      found.modules.contains { $0.key == "lstm" && $0.className == "torch.nn.modules.rnn.LSTM" })
  }

  @Test(
    "published checkpoints named .tar are ZIP archives", .enabled(if: PublishedFiles.folder != nil))
  func published() throws {
    let folder = try #require(PublishedFiles.folder)
    let path = "\(folder)/Xiaobin-Rong+gtcrn/checkpoints/model_trained_on_dns3.tar"
    let stateDict = try StateDict.read(FileProbe(path: path))
    #expect(stateDict.facts.first { $0.name == "state dict" }?.value == "'model'")
    #expect(stateDict.tensors.names.filter { $0.contains("weight_hh_l0") }.count == 18)
  }
}
