package import RecurContainers
import RecurTensors

/// What a state dict says of itself, as JSON text: an object of strings, in order.
///
/// A safetensors file has a place for it. A `.pt` has it in an entry that torch does not look for, an
/// `.npz` in the comment of its ZIP archive.
package enum StateDictMetadata {
  /// The entry of a `.pt`, beside `data.pkl`.
  package static let entryName = "recur.json"

  /// What stands under this name says how much was left out.
  static let shortened = "recur.shortened"

  /// `metadata` as text of at most `limit` bytes.
  ///
  /// What does not fit is left out from the end on, and `recur.shortened` says how much that was.
  package static func text(_ metadata: [(name: String, value: String)], limit: Int = .max) -> String
  {
    let whole = JSONValue.object(object(metadata[...])).text
    guard whole.utf8.count > limit else { return whole }
    // Every entry takes as many bytes as its own text with a comma for the two braces.
    let sizes = metadata.map { entry in
      JSONValue.object(object([entry])).text.utf8.count - 1
    }
    func remark(_ left: Int) -> (name: String, value: String) {
      (
        Self.shortened,
        "\(left) of \(metadata.count) entries are left out: an archive's comment has room for "
          + "\(limit) bytes"
      )
    }
    var room = limit - 2 - JSONValue.object(object([remark(metadata.count)])).text.utf8.count
    var count = 0
    while count < sizes.count, sizes[count] <= room {
      room -= sizes[count]
      count += 1
    }
    return JSONValue.object(object(metadata[..<count] + [remark(metadata.count - count)])).text
  }

  /// The entries in `text`; none when it is anything but a JSON object of strings.
  package static func read(
    _ text: String, limits: DecodeLimits = .init()
  ) -> [(name: String, value: String)] {
    let region = ByteRegion(ByteStorage(copying: Array(text.utf8)))
    guard let object = try? JSONParser.parse(region, limits: limits).object else { return [] }
    var entries: [(name: String, value: String)] = []
    for member in object.members {
      guard let value = member.value.string else { return [] }
      entries.append((member.name, value))
    }
    return entries
  }

  /// The entries that a `.pt` whose entries begin with `prefix` has about itself.
  package static func read(
    _ archive: ZipArchive, _ prefix: String, _ limits: DecodeLimits
  ) -> [(name: String, value: String)] {
    guard let entry = archive[prefix + entryName], let content = try? archive.content(of: entry),
      let text = content.text()
    else { return [] }
    return read(text, limits: limits)
  }

  private static func object(_ metadata: ArraySlice<(name: String, value: String)>) -> JSONObject {
    var object = JSONObject()
    for (name, value) in metadata { _ = object.append(name, .string(value)) }
    return object
  }
}
