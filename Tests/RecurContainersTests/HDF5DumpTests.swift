import Foundation
import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

/// The content of files as this reader sees it, for `testdata/generators/compare_h5py.py` to
/// compare with h5py.
@Suite("HDF5 dump")
struct HDF5DumpTests {
  private static let list = ProcessInfo.processInfo.environment["RECUR_H5_DUMP"]

  private struct Dump: Encodable {
    var file = ""
    var error: String?
    var message: String?
    var objects: [Object] = []
  }

  private struct Object: Encodable {
    var path: String
    var kind: String
    var content: Content?
    var attributes: [Content] = []
    var error: String?
  }

  /// The numbers or strings of a dataset or attribute; the checksum is CRC-32.
  private struct Content: Encodable {
    var name = ""
    var shape: [Int]?
    var type: String?
    var checksum: UInt32?
    var error: String?
    var message: String?
  }

  @Test(
    "the files named in the file RECUR_H5_DUMP are written down in RECUR_H5_DUMP.jsonl",
    .enabled(if: list != nil, "RECUR_H5_DUMP names no file"))
  func dump() throws {
    let list = try #require(Self.list)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var output = Data()
    for path in try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n") {
      try output.append(encoder.encode(dump(String(path))) + Data("\n".utf8))
    }
    try output.write(to: URL(filePath: list + ".jsonl"))
  }

  private func dump(_ path: String) -> Dump {
    var dump = Dump(file: path)
    do throws(CheckpointError) {
      var file = try HDF5File(ByteRegion(ByteStorage(mapping: path)))
      for object in file.objects { dump.objects.append(describe(object, &file)) }
    } catch {
      dump.error = error.diagnostic.code.rawValue
      dump.message = error.diagnostic.message
    }
    return dump
  }

  private func describe(_ object: HDF5Object, _ file: inout HDF5File) -> Object {
    let kind = object.isDataset ? "dataset" : object.isGroup ? "group" : "other"
    var described = Object(path: object.path, kind: kind)
    if object.isDataset {
      described.content = content { () throws(CheckpointError) in
        try file.tensor(object)
      }
    }
    do throws(CheckpointError) {
      for name in try object.attributeNames() {
        described.attributes.append(attribute(name, object, &file))
      }
    } catch {
      described.error = error.diagnostic.code.rawValue
    }
    return described
  }

  private func attribute(
    _ name: String, _ object: HDF5Object, _ file: inout HDF5File
  ) -> Content {
    var described = content { () throws(CheckpointError) in
      try file.numbers(name, of: object)
    }
    if described.error == "hdf5.datatype.unsupported" {
      do throws(CheckpointError) {
        let strings = try file.strings(name, of: object) ?? []
        var checksum = CRC32()
        for string in strings {
          string.withBytes { checksum.update($0) }
          TestData.region([10]).withBytes { checksum.update($0) }
        }
        described = Content(
          shape: [strings.count], type: "string", checksum: checksum.value)
      } catch {
        described.error = error.diagnostic.code.rawValue
      }
    }
    described.name = name
    return described
  }

  private func content(
    _ read: () throws(CheckpointError) -> Tensor?
  ) -> Content {
    do throws(CheckpointError) {
      guard let tensor = try read() else { return Content(error: "missing") }
      return Content(
        shape: tensor.shape, type: tensor.elementType.rawValue,
        checksum: CRC32.of(try tensor.rowMajorBytes()))
    } catch {
      return Content(error: error.diagnostic.code.rawValue, message: error.diagnostic.message)
    }
  }
}
