import RecurContainers
import RecurFormats
import RecurTensors

extension ForeignFormat {
  /// What joblib compressed, by the way it did (joblib/compressor.py).
  static let compressed: [ForeignFormat] = ways.map { way in
    ForeignFormat(
      "a file that joblib compressed with \(way.name)",
      hint: "the line writes it as it is; what it holds is told then" + (way.package ?? ""),
      recognizes: way.isOne
    ) { path in
      ["import joblib; joblib.dump(joblib.load(\(pythonString(path))), 'model.joblib', compress=0)"]
    }
  }

  private typealias Compression = (
    name: String, package: String?, isOne: @Sendable (FileProbe) -> Bool
  )

  private static let ways: [Compression] = [
    ("zlib", nil, isZlib),
    (
      "gzip", nil,
      { probe in
        // Anything may be compressed with gzip; a name tells.
        probe.bytes.holds([0x1F, 0x8B])
          && ["joblib", ".pkl", ".pickle"].contains { splitPath(probe.path).name.contains($0) }
      }
    ),
    ("bz2", nil, { $0.bytes.holds(Array("BZh".utf8)) }),
    ("lzma", nil, { $0.bytes.holds([0x5D, 0x00, 0x00]) }),
    ("xz", nil, { $0.bytes.holds([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) }),
    ("lz4", "; it needs the package lz4", { $0.bytes.holds([0x04, 0x22, 0x4D, 0x18]) }),
  ]

  /// The second byte of zlib makes a multiple of 31 of both; text is none.
  @Sendable private static func isZlib(_ probe: FileProbe) -> Bool {
    guard probe.bytes.holds([0x78]), let flags = try? probe.bytes.byte(at: 1),
      (0x7800 + Int(flags)) % 31 == 0,
      let start = try? probe.bytes.slice(at: 0, length: min(64, probe.bytes.count)).bytes()
    else { return false }
    return start.contains { $0 >= 0x7F || $0 < 0x09 }
  }
}
