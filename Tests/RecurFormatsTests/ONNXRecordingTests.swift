import Foundation
import Recur
import RecurTestSupport
import RecurVerification
import Testing

/// Recordings as model zoos of ONNX hold them (`testdata/generators/gen_onnx_recordings.py`).
@Suite("Recordings of ONNX")
struct ONNXRecordingTests {
  private static let model = "onnx/gru_before.onnx"

  @Test(
    "a folder of tensors is a golden, and so is a folder of such folders",
    arguments: [
      ("onnx/recordings/test_data_set_0", 1), ("onnx/recordings/test_data_set_1", 1),
      ("onnx/recordings", 2),
    ])
  func golden(folder: String, calls: Int) throws {
    let checkpoint = try Checkpoint(opening: TestData.path(Self.model))
    let verification = try checkpoint.verify(golden: TestData.path(folder))
    #expect(verification.calls == calls)
    #expect(verification.comparisons.count == 2 * calls)
    for comparison in verification.comparisons { #expect(comparison.matches) }
    #expect(try checkpoint.diagnose(golden: TestData.path(folder)).verdict == .matches)
  }

  @Test("numbers that are not those of the file are a mismatch in this folder")
  func mismatch() throws {
    try changed { folder in
      let path = folder.appending(path: "output_0.pb")
      var bytes = try Data(contentsOf: path)
      // The high byte of the last number.
      bytes[bytes.count - 1] ^= 0x40
      try bytes.write(to: path)
    } check: { path in
      let verification = try Checkpoint(opening: TestData.path(Self.model)).verify(golden: path)
      #expect(verification.comparisons.map(\.matches) == [false, true])
    }
  }

  @Test("a recording that is not whole is refused with its folder or file")
  func incomplete() throws {
    try refused("golden.incomplete", "the recording has no 'input_1.pb'", "test_data_set_0") {
      try FileManager.default.removeItem(at: $0.appending(path: "input_1.pb"))
    }
    try refused("golden.incomplete", "the recording has no 'output_0.pb'", "test_data_set_0") {
      for index in 0..<2 {
        try FileManager.default.removeItem(at: $0.appending(path: "output_\(index).pb"))
      }
    }
    try refused("golden.incomplete", "a file of a recording has no number", "input_x.pb") {
      try Data().write(to: $0.appending(path: "input_x.pb"))
    }
    try refused("onnx.invalid", "the file is no tensor of ONNX", "input_0.pb") {
      // A name without characters, and no type.
      try Data([0x42, 0]).write(to: $0.appending(path: "input_0.pb"))
    }
    try refused("file.empty", nil, "input_0.pb") {
      try Data().write(to: $0.appending(path: "input_0.pb"))
    }
    try refused("protobuf.invalid", nil, "output_1.pb") {
      let path = $0.appending(path: "output_1.pb")
      try Data(contentsOf: path).dropLast(3).write(to: path)
    }
    try refused("golden.incomplete", "the folder holds no recording", "test_data_set_0") {
      for name in try FileManager.default.contentsOfDirectory(
        atPath: $0.path(percentEncoded: false))
      {
        try FileManager.default.removeItem(at: $0.appending(path: name))
      }
    }
  }

  @Test("recordings of different numbers of arrays are refused")
  func differing() throws {
    try TestData.withFolder { folder in
      let own = folder.appending(path: "sets")
      let source = URL(filePath: TestData.path("onnx/recordings"))
      try FileManager.default.copyItem(at: source, to: own)
      try FileManager.default.removeItem(at: own.appending(path: "test_data_set_1/output_1.pb"))
      let refusal = expectDiagnostic("golden.incomplete") {
        try Checkpoint(opening: TestData.path(Self.model))
          .verify(golden: own.path(percentEncoded: false))
      }
      #expect(refusal?.message == "the recordings have different numbers of arrays")
      #expect(refusal?.location.file?.hasSuffix("test_data_set_1") == true)
    }
  }

  /// Expects a refusal of a changed copy of the first recording.
  private func refused(
    _ code: String, _ message: String?, _ file: String, _ change: (URL) throws -> Void
  ) throws {
    try changed(change) { path in
      let refusal = expectDiagnostic(code) {
        try Checkpoint(opening: TestData.path(Self.model)).verify(golden: path)
      }
      if let message { #expect(refusal?.message == message) }
      #expect(refusal?.location.file?.hasSuffix(file) == true, "\(refusal?.location.file ?? "")")
    }
  }

  private func changed(_ change: (URL) throws -> Void, check: (String) throws -> Void) throws {
    try TestData.withFolder { folder in
      let own = folder.appending(path: "test_data_set_0")
      let source = URL(filePath: TestData.path("onnx/recordings/test_data_set_0"))
      try FileManager.default.copyItem(at: source, to: own)
      try change(own)
      try check(own.path(percentEncoded: false))
    }
  }
}
