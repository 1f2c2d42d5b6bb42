import RecurContainers
package import RecurFormats
import RecurTensors

// Files of JAX' libraries and of audio plug-ins.
extension LeftOutFormats {
  /// The formats of the trait `JAX`.
  package static let jax = LeftOutFormats(
    trait: "JAX", ids: ["flax-msgpack", "haiku-pickle", "equinox"],
    extensions: [".msgpack", ".eqx"]
  ) { probe in
    isMessagePack(probe) || isEquinox(probe) || isNestedArrays(probe)
  }

  /// A map whose first key is a text (msgpack's specification: fixmap, map 16, map 32; fixstr, str 8).
  private static func isMessagePack(_ probe: FileProbe) -> Bool {
    let starts: [UInt8: Int] = [0xDE: 3, 0xDF: 5]
    guard let first = try? probe.bytes.byte(at: 0),
      let start = (0x81...0x8F).contains(first) ? 1 : starts[first],
      let key = try? probe.bytes.byte(at: start)
    else { return false }
    let length =
      key == 0xD9 ? (try? probe.bytes.byte(at: start + 1)).map(Int.init) : Int(key) - 0xA0
    guard (0xA1...0xBF).contains(key) || key == 0xD9, let length, length > 0,
      let text = try? probe.bytes.slice(at: start + (key == 0xD9 ? 2 : 1), length: length).text()
    else { return false }
    return text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }

  /// Arrays of NumPy one behind the other, with a line of JSON in front or not.
  private static func isEquinox(_ probe: FileProbe) -> Bool {
    if probe.bytes.holds(NPYFile.magic) {
      guard !probe.path.hasSuffix(".eqx"), let first = try? NPYFile.first(in: probe.bytes) else {
        return probe.path.hasSuffix(".eqx")
      }
      return probe.bytes.holds(NPYFile.magic, at: first.length)
    }
    guard probe.bytes.holds(Array("{".utf8)),
      let end = probe.bytes.position(of: Array("\n".utf8))
    else { return false }
    return probe.bytes.holds(NPYFile.magic, at: end + 1)
  }

  /// A pickle of arrays by module and name.
  static func isNestedArrays(_ probe: FileProbe) -> Bool {
    guard (2...5).contains(where: { probe.bytes.holds([0x80, $0]) }),
      let (graph, count) = try? PickleMachine.read(probe.bytes), count == probe.bytes.count,
      let modules = graph.items(graph.root), !modules.isEmpty
    else { return false }
    return modules.allSatisfy { module in
      guard graph.string(module.key) != nil, let arrays = graph.items(module.value) else {
        return false
      }
      return !arrays.isEmpty
        && arrays.allSatisfy {
          graph.string($0.key) != nil && PickledArray.isArray($0.value, graph)
        }
    }
  }

  /// What of the trait `MLX` is written; its files are those of containers that other traits read.
  package static let mlx = LeftOutFormats(
    trait: "MLX", ids: ["mlx-safetensors", "mlx-npz"], extensions: []
  ) { _ in false }

  /// The formats of the trait `CoreML`: a version, a description, and a network or a program.
  package static let coreML = LeftOutFormats(
    trait: "CoreML", ids: ["mlpackage", "mlmodel"], extensions: [".mlpackage", ".mlmodel"]
  ) { probe in
    guard probe.bytes.holds([0x08]), let outline = ProtobufOutline(probe.bytes), outline.isWhole,
      let version = outline.integer(1), (1...100).contains(version), outline.hasBytes(2)
    else { return false }
    return [303, 403, 500, 502].contains(where: outline.hasBytes)
  }

  /// The formats of the trait `Audio`.
  package static let audio = LeftOutFormats(
    trait: "Audio", ids: ["rtneural", "nam", "state-dict-json", "smartamppro"],
    extensions: [".json", ".aidax", ".nam"]
  ) { probe in
    guard let json = probe.json(.init()), let object = json.object else { return false }
    func has(_ names: [String]) -> Bool { names.allSatisfy { json[$0] != nil } }
    return has(["in_shape"]) && json["layers"]?.array != nil
      || has(["architecture", "config", "version"]) || has(["model_data", "state_dict"])
      || has(["conv1d", "conv1d_1", "lstm", "dense", "input_size"])
      || object.members.allSatisfy { $0.value.array != nil }
        && object.names.contains { $0.hasSuffix("weight_ih_l0") }
  }
}
