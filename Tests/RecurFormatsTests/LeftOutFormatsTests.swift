import Foundation
import Recur
import RecurFormats
import RecurTensors
import RecurTestSupport
import Testing

@Suite("A build without a trait knows what it was made without")
struct LeftOutFormatsTests {
  private static let families: [LeftOutFormats] = [
    .keras, .pytorch, .onnx, .jax, .mlx, .coreML, .audio, .tensorFlow,
  ]

  @Test("every format but plain HDF5 and a single array belongs to one trait")
  func identities() throws {
    let formats = FormatRegistry.all.formats.filter { !["hdf5", "npy"].contains($0.id) }
    #expect(formats.map(\.id).sorted() == Self.families.flatMap(\.ids).sorted())
    for case let format as any ModelEncoding in formats {
      let family = try #require(Self.families.first { $0.ids.contains(format.id) })
      for ending in format.extensions {
        #expect(family.extensions.contains(where: ending.hasSuffix), "\(format.id) \(ending)")
      }
    }
  }

  @Test("files are told by their content as the formats themselves tell them")
  func recognition() throws {
    let root = TestData.path("")
    var count = 0
    for name in try FileManager.default.subpathsOfDirectory(atPath: root).sorted() {
      guard let probe = try? FileProbe(path: root + name),
        let format = try? FormatRegistry.all.format(of: probe)
      else { continue }
      count += 1
      for family in Self.families {
        #expect(
          family.recognizes(probe) == family.ids.contains(format.id),
          "\(name) is of \(format.id): \(family.trait)")
      }
    }
    #expect(count > 500)
  }

  @Test("writing without the trait that writes names it; reading needs none")
  func writing() throws {
    let registry = FormatRegistry([HDF5Format()], leftOut: [.hdf5Writing])
    for (path, id) in [("x.keras", nil), ("x.h5", nil), ("x", "keras2-h5")] as [(String, String?)] {
      let refusal = expectDiagnostic("file.format-left-out") {
        try registry.encoding(forPath: path, id: id)
      }
      #expect(
        refusal?.message == "this build of Recur was made without the trait 'HDF5Writing'")
    }
    let probe = try FileProbe(path: TestData.path("keras3/lstm_last.h5"))
    #expect(try registry.format(of: probe).id == HDF5Format().id)
  }

  @Test("a file of a format that is left out names the trait", arguments: ["Keras", "PyTorch"])
  func refusals(trait: String) throws {
    let registry = FormatRegistry([HDF5Format()], leftOut: Self.families)
    let (file, id) =
      trait == "Keras" ? ("keras3/lstm_last.h5", "keras-h5") : ("pytorch/module.pt", "pytorch")
    let refusals = [
      expectDiagnostic("file.format-left-out") {
        try registry.format(of: FileProbe(path: TestData.path(file)))
      },
      expectDiagnostic("file.format-left-out") { try registry.encoding(forPath: file) },
      expectDiagnostic("file.format-left-out") { try registry.encoding(forPath: "x", id: id) },
    ]
    for refusal in refusals {
      #expect(
        refusal?.message == "this build of Recur was made without the trait '\(trait)'")
    }
  }
}
