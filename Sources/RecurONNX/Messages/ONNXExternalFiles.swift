import RecurContainers
import RecurFormats
import RecurTensors

/// The files beside a model that hold the numbers of its tensors.
final class ONNXExternalFiles {
  private let path: String
  private let watch: InputWatch?
  private var opened: [String: ByteRegion]

  /// The files beside a model; `opened` are those that are not under their names yet.
  init(_ probe: FileProbe, opened: [String: ByteRegion] = [:]) {
    self.opened = opened
    path = probe.path
    watch = probe.watch
  }

  /// The bytes of a tensor.
  ///
  /// - Parameters:
  ///   - entries: `location`, `offset` and `length` as the file gives them.
  ///   - tensor: the tensor, for messages.
  ///   - byteCount: how many bytes the tensor needs; nil for an impossible shape.
  /// - Returns: the bytes, a part of the mapped file.
  /// - Throws: `onnx.external-data`, `file.unreadable`.
  func region(
    _ entries: [(name: String, value: String)], of tensor: ONNXTensor, byteCount: Int?
  ) throws(CheckpointError) -> ByteRegion {
    func problem(_ message: String, hint: String? = nil) -> CheckpointError {
      CheckpointError(
        .onnxExternalData, "the numbers of '\(tensor.name)' \(message)", at: tensor.location,
        hint: hint)
    }
    func number(_ name: String) throws(CheckpointError) -> Int? {
      guard let text = entries.first(where: { $0.name == name })?.value, !text.isEmpty else {
        return nil
      }
      guard let value = Int(text), value >= 0 else {
        throw problem("have '\(text)' for '\(name)'")
      }
      return value
    }
    guard let byteCount else { throw problem("have an impossible shape") }
    guard let name = entries.first(where: { $0.name == "location" })?.value, !name.isEmpty else {
      throw problem("are in another file, which is not named")
    }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains(".."), !parts.contains(""), !name.contains("\\"), !name.contains("\0")
    else {
      throw problem("would be read from '\(name)', outside of the model's folder")
    }
    if opened[name] == nil {
      let folder = splitPath(path).folder
      let file = folder + "/" + name
      guard let real = realPath(file), let root = realPath(folder), isRegularFile(file) else {
        throw problem(
          "are in the file '\(name)', which is not there", hint: "keep it beside the model")
      }
      guard real.hasPrefix(root == "/" ? "/" : root + "/") else {
        throw problem("would be read from '\(name)', which leads out of the model's folder")
      }
      opened[name] = ByteRegion(try .opening(file, watch))
    }
    guard let all = opened[name] else { throw problem("can't be read") }
    let (offset, length) = (try number("offset") ?? 0, try number("length"))
    guard offset <= all.count, length ?? byteCount <= all.count - offset else {
      throw problem(
        "are to be at \(offset) in '\(name)', \(length ?? byteCount) bytes long; it has "
          + "\(all.count) bytes")
    }
    return try all.slice(at: offset, length: length ?? min(byteCount, all.count - offset))
  }
}
