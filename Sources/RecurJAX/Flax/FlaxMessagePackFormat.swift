package import RecurContainers
package import RecurFormats
package import RecurStateDicts
package import RecurTensors

/// Parameters of Flax as `flax.serialization.to_bytes` writes them: maps of arrays in MessagePack.
package struct FlaxMessagePackFormat: StateDictDecoding {
  package let id = "flax-msgpack"
  package let title = "Flax parameters"
  package let extensions = [".msgpack"]
  package let names: any StateDictConvention

  package init(_ names: any StateDictConvention) { self.names = names }

  /// A map whose first key is a printable text.
  package func recognizes(_ probe: FileProbe) -> Bool {
    guard let first = try? probe.bytes.byte(at: 0) else { return false }
    let start: Int
    switch first {
    case 0x81...0x8F: start = 1
    case 0xDE: start = 3
    case 0xDF: start = 5
    default: return false
    }
    guard let key = try? probe.bytes.byte(at: start) else { return false }
    let isLong = key == 0xD9
    guard isLong || (0xA1...0xBF).contains(key) else { return false }
    let length = isLong ? (try? probe.bytes.byte(at: start + 1)).map(Int.init) : Int(key & 0x1F)
    guard let length, length > 0,
      let text = try? probe.bytes.slice(at: start + (isLong ? 2 : 1), length: length).text()
    else { return false }
    return text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }

  package func stateDict(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict {
    let root = try MessagePackReader.read(probe.bytes, limits: limits)
    var reader = FlaxArrays(limits)
    // What an optimizer keeps has the shapes of the parameters and is none of them.
    let isTrainState = root["params"] != nil && root["opt_state"] != nil
    var besides: [String] = []
    for entry in root.entries ?? [] {
      if isTrainState, ["opt_state", "step", "tx"].contains(entry.key) {
        besides.append(entry.key)
        reader.count(entry.value)
      } else {
        try reader.append(entry.value, entry.key)
      }
    }
    var result = StateDict(tensors: reader.table)
    result.container = "MessagePack"
    result.besideCount = reader.besideCount
    result.facts = reader.facts
    if !besides.isEmpty {
      result.facts.append(
        (
          "train state",
          besides.joined(separator: ", ") + ": \(reader.besideCount) arrays, not read"
        ))
    }
    return result
  }
}
