import Foundation
import Recur
import RecurFormats
import RecurTensors
import RecurTestSupport
import Testing

/// What is named, and how it is told.
private enum ForeignCase {
  /// Files that the frameworks wrote (`testdata/generators/gen_foreign.py`).
  static let files: [(path: String, name: String, way: String)] = [
    ("distributed", "a distributed checkpoint of torch", "dcp_to_torch"),
    ("distributed/__0_0.distcp", "a distributed checkpoint of torch", "/distributed model.pt"),
    ("distributed/.metadata", "a distributed checkpoint of torch", "/distributed model.pt"),
    ("package.pt", "a package of torch.package", "load_pickle(\"network\", \"model.pkl\")"),
    ("state_dict.pkl", "a state dict in a pickle by itself", "torch.save(pickle.load"),
    ("arrays.pkl", "a pickle of NumPy arrays", "np.savez"),
    (
      "own_class.pkl", "a pickled object of a class of somebody's own with NumPy arrays in it",
      "# own.cells.Cell"
    ),
    ("own_module.pkl", "a pickled network of torch", "state_dict()"),
    ("compressed_zlib.joblib", "a file that joblib compressed with zlib", "compress=0"),
    ("compressed_gzip.joblib", "a file that joblib compressed with gzip", "compress=0"),
    ("compressed_bz2.joblib", "a file that joblib compressed with bz2", "compress=0"),
    ("compressed_lzma.joblib", "a file that joblib compressed with lzma", "compress=0"),
    ("compressed_xz.joblib", "a file that joblib compressed with xz", "compress=0"),
    ("compressed_lz4.joblib", "a file that joblib compressed with lz4", "compress=0"),
  ]

  /// First bytes, of formats whose frameworks are not at hand.
  static let bytes: [(path: String, content: [UInt8], name: String)] = [
    ("x.model", [0x42, 0, 0x43, 0, 0x4E, 0, 0, 0], "a CNTK model"),
    ("x.model", [0x08, 0x01] + Array("root_uid primitive_functions".utf8), "a CNTK model"),
    ("x.params", [0x12, 0x01, 0, 0, 0, 0, 0, 0, 1], "an MXNet parameter file"),
    ("x.pdmodel", [0x0A, 0x00], "a PaddlePaddle program"),
    ("x.pdiparams", [0, 0, 0, 0], "a PaddlePaddle program"),
    (
      "x.pdparams", [0x80, 2] + Array("StructuredToParameterName@@".utf8),
      "a PaddlePaddle state dict"
    ),
    ("x.t7", [4, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0] + Array("V 1".utf8), "a file of Torch7"),
    ("x.t7", Array("4\n1\n3\nV 1\n".utf8), "a file of Torch7"),
    ("a/_CHECKPOINT_METADATA", Array("{}".utf8), "a checkpoint of Orbax"),
    ("a.mlpackage/weights/weight.bin", [1, 0, 0, 0], "a part of a Core ML package"),
    (
      "x.mlmodel", [0x08, 4, 0x12, 0, 0xCA, 0x0C, 0],
      "a Core ML model that is no network and no program"
    ),
    ("x.gguf", Array("GGUF".utf8) + [3, 0, 0, 0], "a GGUF file"),
    (
      "x.joblib", [0x80, 4] + Array("joblib.numpy_pickle".utf8), "an object that joblib saved"
    ),
    (
      "x.pkl", [0x80, 4] + Array("sklearn.preprocessing".utf8),
      "a pickled estimator of scikit-learn"
    ),
    ("x.joblib.gz", [0x1F, 0x8B, 0x08], "a file that joblib compressed with gzip"),
    (
      "x.joblib", [0x80, 4] + Array("joblib.numpy_pickle sklearn.preprocessing".utf8),
      "an estimator of scikit-learn that joblib saved"
    ),
    (
      "x.joblib", [0x80, 4] + Array("joblib.numpy_pickle torch.nn.modules torch._utils".utf8),
      "an object with a network of torch that joblib saved"
    ),
    (
      "x.joblib", [0x80, 4] + Array("joblib.numpy_pickle torch._utils".utf8),
      "a state dict that joblib saved"
    ),
    ("x.pkl", [0x80, 4] + Array("torch.nn.modules.rnn".utf8), "a pickled network of torch"),
    (
      "x.pkl",
      PickleSketch.call(
        module: "own", name: "Net", [],
        state: .dictionary([
          (.string("w"), ArraySketch.array([0, 0, 0, 0], type: "f4", order: "<", shape: [1]))
        ])
      ).pickle, "a pickled object of a class of somebody's own with NumPy arrays in it"
    ),
    (
      "x.pkl", PickleSketch.dictionary([(.string("w"), .list([.float(1)]))]).pickle,
      "a pickle of plain numbers"
    ),
    (
      "x.pkl", Array("(dp0\nVw\np1\ncnumpy.core.multiarray\n_reconstruct\n.".utf8),
      "a pickle of NumPy arrays"
    ),
  ]
}

@Suite("Formats that are not read are named, with a way to get the model out")
struct ForeignFormatTests {
  @Test("files and folders of frameworks", arguments: ForeignCase.files.indices)
  func fixtures(index: Int) throws {
    let (path, name, way) = ForeignCase.files[index]
    let file = TestData.path("foreign/" + path)
    for attempt in [
      expectDiagnostic("file.other-format") { _ = try Checkpoint.inspect(file) },
      expectDiagnostic("file.other-format") { _ = try Checkpoint(opening: file) },
    ] {
      #expect(attempt?.message == "this is \(name), which is not read")
      #expect(attempt?.location.file == file)
      let lines = attempt?.fixes.map(\.code) ?? []
      #expect(lines.contains { $0.contains(way) }, "\(path): \(lines)")
    }
  }

  @Test("first bytes", arguments: ForeignCase.bytes.indices)
  func contents(index: Int) {
    let (path, content, name) = ForeignCase.bytes[index]
    let diagnostic = expectDiagnostic("file.other-format") {
      try FormatRegistry.all.format(of: FileProbe(path: path, bytes: TestData.region(content)))
    }
    #expect(diagnostic?.message == "this is \(name), which is not read")
    #expect(diagnostic?.fixes.isEmpty == false)
  }

  @Test("every row of the table is recognized by a file here")
  func rows() {
    // These two are told in `JAXFormatTests` and `AudioFormatTests`.
    let others = ["a WaveNet of SmartAmp", "a pickle of arrays of jax"]
    let tested = Set(ForeignCase.files.map(\.name) + ForeignCase.bytes.map(\.name) + others)
    #expect(ForeignFormat.all.map(\.name).filter { !tested.contains($0) } == [])
  }

  @Test("pointers of Git are told by what fetches the file")
  func pointers() {
    for (text, hint) in [
      ("version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
      ("/annex/objects/SHA256E-s12--abc.h5\n", "git annex get"),
      ("../.git/annex/objects/x/y/SHA256E-s12--abc.h5", "git annex get"),
    ] {
      let diagnostic = expectDiagnostic("file.unrecognized") {
        try FormatRegistry.all.format(
          of: FileProbe(path: "m.h5", bytes: TestData.region(Array(text.utf8))))
      }
      #expect(diagnostic?.hint?.contains(hint) == true)
    }
  }

  @Test("a wrapper says where its network is")
  func wrapper() {
    let diagnostic = expectDiagnostic("pickle.callable.refused") {
      try Checkpoint(opening: TestData.path("foreign/wrapper.pt"))
    }
    #expect(diagnostic?.message.contains("a model of Darts") == true)
    #expect(diagnostic?.hint?.contains(".ckpt") == true)
  }
}
