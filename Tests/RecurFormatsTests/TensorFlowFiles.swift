import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

/// The fixtures of TensorFlow's formats.
enum TensorFlowFiles {
  static func path(_ name: String) -> String { TestData.path("tensorflow/" + name) }

  /// Checks that a golden holds for a model, and that the model fails when its outputs are moved.
  static func check(
    _ checkpoint: Checkpoint, _ golden: String, tolerance: Double? = nil
  ) throws {
    let requested = tolerance.map {
      Verification.RequestedTolerance(absolute: $0, relative: nil)
    }
    let verification = try checkpoint.verify(golden: path(golden), tolerance: requested)
    #expect(verification.matches, "\(golden)")
    try TestData.withFolder { folder in
      let moved = folder.appending(path: "moved.npz").path(percentEncoded: false)
      let archive = try NPZArchive(ByteRegion(ByteStorage(mapping: path(golden))))
      var arrays: [(name: String, tensor: Tensor)] = []
      for name in archive.names where name.hasPrefix("in_") || name.hasPrefix("out_") {
        guard var tensor = try archive.tensor(name) else { continue }
        if name == "out_0" {
          let step = Float(max(1e-2, 10 * (tolerance ?? 0)))
          tensor = try Tensor.float32(tensor.floats().map { $0 + step }, shape: tensor.shape)
        }
        arrays.append((name, tensor))
      }
      var sink = MemorySink()
      try NPZArchive.write(arrays, to: &sink)
      try Data(sink.bytes).write(to: URL(filePath: moved))
      #expect(try !checkpoint.verify(golden: moved, tolerance: requested).matches, "\(golden)")
    }
  }

  /// Checks every tensor of a file against what the framework read of it, bit for bit.
  static func checkTensors(_ file: String, _ golden: String) throws {
    let probe = try FormatRegistry.all.probe(path(file))
    let format = try #require(FormatRegistry.all.format(of: probe) as? any TensorListing)
    let stored = try format.tensors(probe, key: nil, .init()).table
    let archive = try NPZArchive(ByteRegion(ByteStorage(mapping: path(golden))))
    var count = 0
    for name in archive.names where name.hasPrefix("ck/") {
      let tensor = try #require(stored[String(name.dropFirst(3))], "\(file): \(name)")
      let expected = try #require(try archive.tensor(name))
      #expect(tensor.shape == expected.shape)
      // NumPy has no bfloat16: the golden has its bits.
      #expect(
        try tensor.rowMajorBytes().bytes() == expected.rowMajorBytes().bytes(), "\(file): \(name)")
      count += 1
    }
    #expect(count == stored.names.count, "\(file)")
    #expect(count > 0)
  }
}
