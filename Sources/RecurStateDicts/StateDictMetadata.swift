package import RecurContainers
import RecurTensors

/// The metadata of a state dict as JSON text: an object of strings, in order.
///
/// A safetensors file has a place for such text. A `.pt` keeps it in an entry that torch ignores,
/// an `.npz` in the comment of its ZIP archive.
package enum StateDictMetadata {
  /// The entry of a `.pt`, beside `data.pkl`.
  package static let entryName = "recur.json"

  /// The name of the entry that says how much was left out.
  static let shortened = "recur.shortened"

  /// `metadata` as text of at most `limit` bytes.
  ///
  /// If the text would be longer, entries are left out from the end, and `recur.shortened` says how
  /// many.
  package static func text(_ metadata: [(name: String, value: String)], limit: Int = .max) -> String
  {
    let whole = JSONValue.object(object(metadata[...])).text
    guard whole.utf8.count > limit else { return whole }
    // Without its two braces and with a comma, an entry is one byte shorter than as an object.
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

  /// The entries in `text`; empty for anything but a JSON object of strings.
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

  /// The metadata of a `.pt` archive whose entries begin with `prefix`.
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
