import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurModel
import RecurPyTorch
import RecurStateDicts
import RecurTensors
import RecurTestSupport
import Testing

/// The inputs of a declared model whose first modules take any shape.
@Suite("Modules in front are looked through")
struct DeclaredShapeTests {
  private func open(_ name: String) throws -> Checkpoint {
    try Checkpoint(
      opening: TestData.path("torch_modules/\(name).pt"),
      options: OpeningOptions(architecture: TestData.path("torch_modules/\(name).json")))
  }

  @Test(
    "outputs are those of torch, and what is written computes the same",
    arguments: [
      "dropout_first", "permute_first", "linear_before_convolution", "flat_already",
      "normalized_first", "convolution_time_first", "permuted_every_way", "convolution_flattened",
      "normalized_timesteps", "flattened",
    ])
  func outputs(name: String) throws {
    let checkpoint = try open(name)
    let golden = TestData.path("torch_modules/\(name).golden.npz")
    #expect(try checkpoint.verify(golden: golden).comparisons.allSatisfy(\.matches))
    try TestData.withFolder { folder in
      for end in ["pt", "safetensors", "npz"] {
        let path = folder.appending(path: "out.\(end)").path(percentEncoded: false)
        _ = try checkpoint.convert(to: path)
        let written = try StateDict.read(FileProbe(path: path)).tensors
        let original = try StateDict.read(FileProbe(path: checkpoint.path)).tensors
        #expect(Set(written.names) == Set(original.names))
        for (key, tensor) in original.entries {
          #expect(written[key]?.isBitEqual(to: tensor) == true, "\(key)")
        }
      }
    }
  }

  @Test("the input has the batch where the first recurrent module looks for it")
  func batchAxis() throws {
    func input(_ name: String) throws -> Input? {
      guard case .input(let input) = try open(name).model.node("x")?.layer else { return nil }
      return input
    }
    #expect(try input("dropout_first")?.shape == [nil, nil, 3])
    #expect(try input("dropout_first")?.batchAxis == 1)
    #expect(try input("permute_first")?.batchAxis == 1)
    #expect(try input("linear_before_convolution")?.shape == [nil, nil, 3])
    #expect(try input("convolution_time_first")?.batchAxis == 0)
    #expect(try input("flat_already")?.shape == [nil, 3])
  }

  @Test(
    "what TorchScript does not store with its weights is told as assumed, and stands in its code")
  func script() throws {
    let path = TestData.path("torch_modules/script_norm.pt")
    var options = OpeningOptions()
    options.key = ""
    let checkpoint = try Checkpoint(opening: path, options: options)
    let warning = checkpoint.diagnostics.first {
      $0.code.rawValue == "pytorch.architecture.assumed"
    }
    #expect(warning?.notes.contains { $0.contains("eps") } == true)
  }

  @Test("a cell by its name is its hidden state, and many modules are not all named")
  func outputNames() throws {
    func open(_ declaration: String) throws -> Checkpoint {
      try TestData.withFolder { folder in
        let path = folder.appending(path: "declared.json")
        try Data(declaration.utf8).write(to: path)
        return try Checkpoint(
          opening: TestData.path("torch_modules/lstm_cell_alone.pt"),
          options: OpeningOptions(architecture: path.path(percentEncoded: false)))
      }
    }
    let cell = "{\"type\": \"nn.LSTMCell\", \"key\": \"\"}"
    let checkpoint = try open(
      "{\"layers\": [\(cell)], \"outputs\": [\"lstmcell\", \"lstmcell.h_n\"]}")
    #expect(checkpoint.model.outputs.count == 2)
    #expect(Set(checkpoint.model.outputs).count == 1)
    let many = [String](repeating: "{\"type\": \"nn.ReLU\"}", count: 200).joined(separator: ",")
    let error = #expect(throws: CheckpointError.self) {
      try open("{\"layers\": [\(cell), \(many)], \"outputs\": [\"lstm\"]}")
    }
    #expect(error?.diagnostic.code.rawValue == "pytorch.declaration.invalid")
    #expect(error?.diagnostic.hint?.contains("… (201)") == true)
  }

  @Test(
    "a declaration that is none says what is wrong with it",
    arguments: [
      ("{\"layers\": []}", "pytorch.declaration.invalid"),
      ("[{\"type\": \"nn.LSTMCell\", \"key\": \"\"}]", "pytorch.declaration.invalid"),
      ("{\"layers\": [{\"class\": \"nn.LSTMCell\"}]}", "pytorch.declaration.invalid"),
      ("{\"layers\": [{\"type\": \"nn.Lstmcell\", \"key\": \"x\"}]}", "pytorch.layer.unsupported"),
      ("{\"layers\": [{\"type\": \"nn.LSTMCell\",}]}", "json.syntax"),
      (
        "{\"layers\": [{\"type\": \"nn.LSTMCell\", \"key\": \"\"}, {\"type\": \"nn.ELU\", \"alpha\": NaN}]}",
        "pytorch.option.unsupported"
      ),
    ])
  func wrongDeclarations(text: String, code: String) throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "declared.json")
      try Data(text.utf8).write(to: path)
      let error = #expect(throws: CheckpointError.self) {
        try Checkpoint(
          opening: TestData.path("torch_modules/lstm_cell_alone.pt"),
          options: OpeningOptions(architecture: path.path(percentEncoded: false)))
      }
      #expect(error?.diagnostic.code.rawValue == code)
    }
  }

  @Test("modules of one class are told apart by their numbers, however many there are")
  func manyModules() throws {
    let layers = [String](repeating: "{\"type\": \"nn.ReLU\"}", count: 4000).joined(separator: ",")
    let text =
      "{\"layers\": [{\"type\": \"nn.Linear\", \"key\": \"fc\"}, \(layers)], \"outputs\": [\"relu_4000\"]}"
    try TestData.withFolder { folder in
      let path = folder.appending(path: "many.json")
      try Data(text.utf8).write(to: path)
      let checkpoint = try Checkpoint(
        opening: TestData.path("torch_modules/permuted_every_way.pt"),
        options: OpeningOptions(architecture: path.path(percentEncoded: false)))
      #expect(checkpoint.model.outputs.map(\.node) == ["relu_4000"])
    }
  }

  @Test("a length that the layers fix is the input's; one of several is not chosen")
  func fixedLength() throws {
    func input(_ name: String) throws -> [Int?]? {
      guard case .input(let input) = try open(name).model.nodes[0].layer else { return nil }
      return input.shape
    }
    #expect(try input("flattened") == [nil, 6, 3])
    #expect(try input("normalized_timesteps") == [nil, 6, 3])
    #expect(try input("select_last") == [nil, nil, 3])
    // With a stride, sequences of several lengths fit, but Keras needs a single length.
    #expect(try input("convolution_flattened") == [nil, 9, nil])
    try TestData.withFolder { folder in
      let path = folder.appending(path: "m.keras").path(percentEncoded: false)
      let finding = expectDiagnostic("model.unrepresentable") {
        try open("convolution_flattened").convert(to: path)
      }
      #expect(finding?.message.contains("which one is not said") == true)
    }
  }

  @Test("a module that is pickled with an option nobody runs is still listed and converted")
  func notRun() throws {
    let path = TestData.path("torch_modules/not_run.pt")
    let checkpoint = try Checkpoint(opening: path)
    let note = try #require(
      checkpoint.diagnostics.first { $0.code.rawValue == "pytorch.modules.inferred" })
    #expect(note.notes.contains { $0.contains("max_norm") })
    expectDiagnostic("model.not-connected") { try checkpoint.model.run([]) }
    expectDiagnostic("pytorch.option.unsupported") {
      try Checkpoint(opening: path, options: OpeningOptions(inputs: ["x"]))
    }
    try TestData.withFolder { folder in
      let target = folder.appending(path: "m.safetensors").path(percentEncoded: false)
      let conversion = try checkpoint.convert(to: target)
      #expect(!conversion.wasRun)
    }
    // The architecture must come from another format, because no state dict has one.
    expectDiagnostic("pytorch.architecture.needed") {
      try Checkpoint(opening: TestData.path("torch_modules/select_last.pt"), architecture: path)
    }
  }

  @Test("a module that lacks a tensor is an error, and among others a warning") func lacking()
    throws
  {
    func lacking(_ name: String, _ keys: [String], _ missing: String) throws -> Checkpoint {
      let whole = try StateDict.read(FileProbe(path: TestData.path("torch_modules/\(name).pt")))
      var tensors = TensorTable()
      for (key, tensor) in whole.tensors.entries where key != missing {
        try tensors.append(key, tensor)
      }
      for key in keys { try tensors.append(key, .float32([1], shape: [1])) }
      return try TestData.withFolder { folder in
        let path = folder.appending(path: "m.npz").path(percentEncoded: false)
        var file = try AtomicFile(replacing: path)
        try NPZFormat(PyTorchStateDicts()).encode(StateDict(tensors: tensors), into: &file)
        try file.commit()
        return try Checkpoint(opening: path)
      }
    }
    expectDiagnostic("pytorch.bias.missing") {
      try lacking("lstm_time_first", [], "bias_hh_l0")
    }
    let other = try lacking("lstm_time_first", ["scale.gain"], "bias_hh_l0")
    let codes = other.diagnostics.filter { $0.severity == .warning }.map(\.code.rawValue)
    #expect(codes.contains("pytorch.bias.missing"))
  }
}
