import Foundation
import Recur
import RecurFormats
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("TensorFlow's checkpoints hold the weights of Keras' models")
struct TensorFlowCheckpointTests {
  private static let cases: [(name: String, prefix: String, tolerance: Double?)] = [
    ("tf20_functional_all", "ckpt", nil), ("tf215_nested", "ckpt", nil),
    ("tf24_manager", "ckpt-1", nil), ("tf215_callback", "cp-02.ckpt", nil),
    ("tf221_weights_adam", "ckpt", nil), ("tf215_half_bfloat16", "ckpt", 1e-2),
  ]

  @Test("with the architecture they compute what Keras recorded", arguments: cases.indices)
  func goldens(index: Int) throws {
    let (name, prefix, tolerance) = Self.cases[index]
    let options = OpeningOptions(
      architecture: TensorFlowFiles.path("checkpoint/\(name).architecture.json"))
    let checkpoint = try Checkpoint(
      opening: TensorFlowFiles.path("checkpoint/\(name)/\(prefix)"), options: options)
    #expect(checkpoint.format == "tensorflow-checkpoint")
    try TensorFlowFiles.check(checkpoint, "checkpoint/\(name).golden.npz", tolerance: tolerance)
    // What is left is the state of the optimizer, which is said in one note.
    #expect(!checkpoint.diagnostics.contains { $0.code.rawValue == "tensor.unused" })
  }

  @Test(
    "every tensor is what TensorFlow reads, bit for bit",
    arguments: [
      ("tf20_functional_all", "ckpt"), ("tf215_half_bfloat16", "ckpt"), ("tf24_manager", "ckpt-1"),
      ("k3_train_checkpoint", "net"), ("tf212_weights_sgd_legacy", "ckpt"),
      ("tf115_partitioned_sharded", "model.ckpt-100"),
    ])
  func tensors(name: String, prefix: String) throws {
    try TensorFlowFiles.checkTensors(
      "checkpoint/\(name)/\(prefix)", "checkpoint/\(name).golden.npz")
  }

  @Test("without an architecture layers are told by shapes, optimizers apart")
  func inferred() throws {
    let checkpoint = try Checkpoint(
      opening: TensorFlowFiles.path("checkpoint/tf212_weights_sgd_legacy/ckpt"))
    #expect(checkpoint.model.nodes.map(\.name) == ["lstm", "dense"])
    #expect(checkpoint.model.nodes.map(\.layer.title) == ["LSTM(3)", "Dense(2)"])
    #expect(checkpoint.diagnostics.contains { $0.code.rawValue == "keras.optimizer.ignored" })
    let subclassed = try Checkpoint(
      opening: TensorFlowFiles.path("checkpoint/tf215_subclassed/ckpt"))
    #expect(
      subclassed.model.nodes.map(\.name) == ["head", "encoder", "blocks/0", "blocks/1", "table/a"])
    let ofKeras3 = try Checkpoint(
      opening: TensorFlowFiles.path("checkpoint/k3_train_checkpoint/net"))
    #expect(ofKeras3.model.nodes.count == 3)
  }

  @Test("any file of a checkpoint, its beginning and its folder stand for it")
  func entries() throws {
    let folder = "checkpoint/tf24_manager"
    for part in ["", "/checkpoint", "/ckpt-1", "/ckpt-1.index", "/ckpt-1.data-00000-of-00001"] {
      #expect(
        try Checkpoint(opening: TensorFlowFiles.path(folder + part)).model.nodes.count == 2)
    }
    // Without the file that says which one is the last, a folder of one checkpoint is that one.
    #expect(
      try Checkpoint.inspect(TensorFlowFiles.path("checkpoint/k3_train_checkpoint")).format
        == "tensorflow-checkpoint")
  }

  @Test("the path of the machine that trained the model counts by its last part alone")
  func pointers() throws {
    let source = TensorFlowFiles.path("checkpoint/tf24_manager")
    let files = FileManager.default
    try TestData.withFolder { folder in
      let copy = folder.appending(path: "m").path(percentEncoded: false)
      try files.copyItem(atPath: source, toPath: copy)
      func point(_ path: String) throws {
        try Data("model_checkpoint_path: \"\(path)\"\n".utf8)
          .write(to: URL(filePath: copy + "/checkpoint"))
      }
      for path in ["/home/me/run/ckpt-1", "C:\\\\me\\\\ckpt-1"] {
        try point(path)
        #expect(try Checkpoint(opening: copy).model.nodes.count == 2)
      }
      for path in ["../ckpt-1", "ckpt-2", "/etc/ckpt-2", ""] {
        try point(path)
        _ = expectDiagnostic("tensorflow.checkpoint.pointer") { try Checkpoint(opening: copy) }
      }
      try files.removeItem(atPath: copy + "/ckpt-1.index")
      _ = expectDiagnostic("bundle.file-missing") {
        try Checkpoint(opening: copy + "/ckpt-1.data-00000-of-00001")
      }
    }
  }

  /// What each of the files must produce when it is listed; nil for those that are valid.
  private static let hostile: [(name: String, code: String?)] = [
    ("checkpoint_path_traversal", "tensorflow.checkpoint.pointer"),
    ("data_flipped", "bundle.checksum"), ("data_lfs_pointer", "bundle.file-missing"),
    ("data_missing", "bundle.file-missing"), ("entry_negative_dimension", "bundle.invalid"),
    ("entry_past_end", "bundle.invalid"), ("entry_shape_overflow", "bundle.invalid"),
    ("entry_shard_out_of_range", "bundle.invalid"), ("entry_size_mismatch", "bundle.invalid"),
    ("graph_bad_child", "tensorflow.graph.invalid"), ("graph_cycles", nil),
    ("graph_unused_bad_node", nil), ("header_million_shards", "bundle.invalid"),
    ("index_block_crc", "bundle.checksum"), ("index_handle_overflow", "bundle.invalid"),
    ("index_restarts_huge", "bundle.invalid"), ("index_rewritten", nil),
    ("index_shared_too_long", "bundle.invalid"), ("index_snappy", nil),
    ("index_snappy_flag", "bundle.invalid"), ("index_unsorted_duplicate", "bundle.invalid"),
    ("index_bad_magic", "bundle.invalid"), ("index_truncated", "bundle.invalid"),
  ]

  @Test("hostile checkpoints end in a located error", arguments: hostile.indices)
  func hostileFiles(index: Int) throws {
    let (name, code) = Self.hostile[index]
    let path = TensorFlowFiles.path("hostile/" + name)
    guard let code else {
      #expect(try Checkpoint(opening: path).model.nodes.count == 2)
      return
    }
    let found = expectDiagnostic(code) { try Checkpoint.inspect(path) }
    #expect(found?.location.file?.hasPrefix(path) == true)
    _ = expectDiagnostic(code) { try Checkpoint(opening: path) }
  }
}
