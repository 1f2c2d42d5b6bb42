import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

/// Opening files of `testdata/neighbours`, and comparing with what their own programs computed.
enum NeighbourReading {
  /// Opens a file, with a declaration if one is given.
  static func open(_ file: String, _ declaration: String? = nil) throws -> Checkpoint {
    let path = TestData.path("neighbours/" + file)
    guard let declaration else { return try Checkpoint(opening: path) }
    return try TestData.withFolder { folder in
      let json = folder.appending(path: "declared.json")
      try Data(declaration.utf8).write(to: json)
      return try Checkpoint(opening: path, architecture: json.path(percentEncoded: false))
    }
  }

  /// Whether the first output differs from the recorded one by more than `tolerance` anywhere.
  static func differs(
    _ checkpoint: Checkpoint, _ golden: String, by tolerance: Double = 2e-6
  ) throws -> Bool {
    let path = TestData.path("neighbours/\(golden).golden.npz")
    let archive = try NPZArchive(ByteRegion(ByteStorage(mapping: path)))
    let count = checkpoint.model.inputs.count { name in
      checkpoint.model.node(name).map { node in
        if case .input(let input) = node.layer { return !input.isOptional }
        return false
      } ?? false
    }
    let inputs = try archive.numbered("in_").prefix(max(count, 1))
    let wanted = try #require(try archive.tensor("out_0"))
    let outputs = try checkpoint.model.run(Array(inputs))
    let first = try #require(outputs.first)
    guard first.count == wanted.count else { return true }
    return zip(first.doubles(), wanted.doubles()).contains { !(abs($0 - $1) <= tolerance) }
  }

  /// Whether the checkpoint computes what was recorded, as `validate` judges it, and a recording moved by
  /// 0.01 is told.
  static func matches(
    _ checkpoint: Checkpoint, _ golden: String, tolerance: Double = 2e-6
  ) throws -> Bool {
    let isRight = try !differs(checkpoint, golden, by: tolerance)
    let archive = try NPZArchive(
      ByteRegion(ByteStorage(mapping: TestData.path("neighbours/\(golden).golden.npz"))))
    let x = try #require(try archive.tensor("in_0"))
    let wanted = try #require(try archive.tensor("out_0"))
    let moved = wanted.doubles().map { $0 + 0.01 }
    let outputs = try checkpoint.model.run([x])
    return isRight
      && zip(outputs[0].doubles(), moved).contains { !(abs($0 - $1) <= tolerance) }
  }
}
