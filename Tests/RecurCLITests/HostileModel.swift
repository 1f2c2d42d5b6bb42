import Foundation

/// State dicts of `nn.Linear` modules that hold NaN, as safetensors files.
enum HostileModel {
  /// A name with special characters of every report format.
  static let name = "a\"b'<c>&]]>|::error title=x::%0A,\u{7}\u{1B}[31m\n`é\u{202E}"
  /// The same name for a file, without the slash and the NUL.
  static let file = "we|ird ::warning::,a=%25\n]]>&`<é>.safetensors"

  /// A file with one module per name, each `[2, 2]` and NaN throughout.
  static func bytes(_ modules: [String]) throws -> Data {
    var header: [String: [String: Any]] = [:]
    var data = Data()
    for module in modules {
      for (leaf, shape) in [("weight", [2, 2]), ("bias", [2])] {
        let count = shape.reduce(4, *)
        header["\(module).\(leaf)"] = [
          "dtype": "F32", "shape": shape, "data_offsets": [data.count, data.count + count],
        ]
        for _ in 0..<count / 4 { data.append(contentsOf: [0, 0, 0xC0, 0x7F]) }
      }
    }
    var json = try JSONSerialization.data(withJSONObject: header, options: .sortedKeys)
    while json.count % 8 != 0 { json.append(0x20) }
    let length = Data((0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) })
    return length + json + data
  }
}
