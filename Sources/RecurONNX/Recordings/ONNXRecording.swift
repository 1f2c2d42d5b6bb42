import RecurContainers
import RecurFormats
package import RecurTensors

/// Inputs and outputs as ONNX's model zoo records them: a folder with `input_0.pb`, … and
/// `output_0.pb`, …, one `TensorProto` each, or a folder of several such ones, `test_data_set_0`, …
/// (onnx/docs/AddNewOp.md and onnx/backend/test/loader).
package struct ONNXRecording: Sendable {
  /// One array with the name that its file gives it.
  package struct Entry: Sendable {
    /// The name; often empty.
    package var name: String
    /// The numbers.
    package var tensor: Tensor
  }

  /// The inputs of every call, by their numbers.
  package private(set) var inputs: [[Entry]] = []
  /// The outputs of every call, by their numbers.
  package private(set) var outputs: [[Entry]] = []

  /// The most files of a folder that are read.
  private static let mostFiles = 4096

  /// Reads a folder.
  ///
  /// - Throws: `golden.incomplete` for files that are missing, or that have no number;
  ///   `file.unreadable`, `onnx.invalid` and what is wrong with a tensor.
  package init(_ folder: String, watch: InputWatch? = nil) throws(CheckpointError) {
    let names = fileNames(in: folder)
    let sets = names.filter { Self.number(of: $0, "test_data_set_", "") != nil }
    let isSet = names.contains { $0.hasPrefix("input_") || $0.hasPrefix("output_") }
    guard isSet || !sets.isEmpty else {
      throw Self.incomplete(
        "the folder holds no recording", in: folder,
        found: names.isEmpty ? "no files" : names.prefix(8).joined(separator: ", "))
    }
    var folders = [folder]
    if !isSet {
      folders = sets.sorted { one, other in
        let numbers = [one, other].map { Self.number(of: $0, "test_data_set_", "") ?? 0 }
        return numbers[0] < numbers[1]
      }.map { folder + "/" + $0 }
    }
    guard folders.count <= Self.mostFiles else {
      throw Self.incomplete("the folder holds too many recordings", in: folder)
    }
    for own in folders {
      let files = fileNames(in: own)
      inputs.append(try Self.arrays("input_", files, in: own, watch))
      outputs.append(try Self.arrays("output_", files, in: own, watch))
    }
    for (index, own) in folders.enumerated()
    where inputs[index].count != inputs[0].count || outputs[index].count != outputs[0].count {
      throw Self.incomplete(
        "the recordings have different numbers of arrays", in: own,
        expected: "\(inputs[0].count) inputs and \(outputs[0].count) outputs, as the first one",
        found: "\(inputs[index].count) and \(outputs[index].count)")
    }
  }

  /// The arrays of one kind, by their numbers.
  private static func arrays(
    _ prefix: String, _ files: [String], in folder: String, _ watch: InputWatch?
  ) throws(CheckpointError) -> [Entry] {
    var numbered: [Int: String] = [:]
    for file in files where file.hasPrefix(prefix) && file.hasSuffix(".pb") {
      guard let number = number(of: file, prefix, ".pb"), number < mostFiles else {
        throw incomplete(
          "a file of a recording has no number", in: folder + "/" + file,
          expected: "\(prefix)0.pb, \(prefix)1.pb, …", found: file)
      }
      numbered[number] = file
    }
    var arrays: [Entry] = []
    for index in numbered.keys.sorted() {
      guard index == arrays.count, let file = numbered[index] else {
        throw incomplete(
          "the recording has no '\(prefix)\(arrays.count).pb'", in: folder,
          expected: "\(prefix)0.pb, \(prefix)1.pb, … without gaps",
          found: numbered.keys.sorted().compactMap { numbered[$0] }.joined(separator: ", "))
      }
      arrays.append(try array(at: folder + "/" + file, watch))
    }
    guard !arrays.isEmpty else {
      throw incomplete(
        "the recording has no '\(prefix)0.pb'", in: folder,
        found: files.prefix(8).joined(separator: ", "))
    }
    return arrays
  }

  private static func array(
    at path: String, _ watch: InputWatch?
  ) throws(CheckpointError) -> Entry {
    let bytes = ByteRegion(try .opening(path, watch))
    return try locating(file: path) { () throws(CheckpointError) in
      var budget = ProtobufBudget(DecodeLimits(), of: "nodes, tensors and numbers")
      let stored = try ONNXTensor(bytes, &budget)
      guard stored.type != 0 else {
        throw ONNXModel.invalid("the file is no tensor of ONNX", stored.location)
      }
      guard !stored.isExternal else {
        throw ONNXModel.invalid(
          "the numbers of a recorded array are in another file", stored.location)
      }
      let probe = FileProbe(path: path, bytes: bytes, watch: watch)
      var location = stored.location
      location.file = path
      return Entry(
        name: stored.name, tensor: try stored.tensor(ONNXExternalFiles(probe)).located(at: location)
      )
    }
  }

  /// The number between two parts of a name.
  private static func number(of name: String, _ prefix: String, _ suffix: String) -> Int? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
    let digits = name.dropFirst(prefix.count).dropLast(suffix.count)
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    return Int(digits)
  }

  private static func incomplete(
    _ message: String, in path: String, expected: String? = nil, found: String? = nil
  ) -> CheckpointError {
    CheckpointError(
      .goldenIncomplete, message, at: .init(file: path),
      expected: expected ?? "input_0.pb, … and output_0.pb, …, or folders test_data_set_0, …",
      found: found)
  }
}

extension Diagnostic.Code {
  /// A recording that holds not all that a call needs.
  fileprivate static let goldenIncomplete = Self(rawValue: "golden.incomplete")
}

extension ONNXRecording {
  /// The inputs of all calls in the order in which a model has them: by their names, where all have
  /// the names of inputs; else by their numbers.
  package func inputs(named names: [String]) -> [Tensor] {
    inputs.flatMap { call -> [Tensor] in
      let own = Set(call.map(\.name))
      guard own.count == call.count, own.isSubset(of: names) else { return call.map(\.tensor) }
      return names.compactMap { name in call.first { $0.name == name }?.tensor }
    }
  }
}
