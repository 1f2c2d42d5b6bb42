import RecurContainers
import RecurFormats
import RecurTensors

/// The models in a pickle, read as data: the bytes of `.keras` archives, which Keras 3, tf_keras and
/// Keras 2.12 to 2.15 pickle in place of a model (keras/src/saving/keras_saveable.py, `__reduce__`).
struct KerasPickle {
  /// The bytes of one model, and where in the pickled object it is.
  struct Found {
    /// The keys, attributes and positions that lead to it, with dots between them; empty for the object
    /// itself.
    let path: String
    let bytes: ByteRegion
    let content: Content
  }

  /// What bytes in a pickle are.
  enum Content {
    /// A `.keras` archive.
    case archive
    /// A tar archive with the files of a SavedModel: Keras of TensorFlow 2.4 to 2.11.
    case savedModel
  }

  /// The models, in the order of the pickle.
  let models: [Found]
  /// The arrays and tensors that stand beside the models, in the order of the pickle.
  let others: [KerasPickleArray]
  /// Whether there are others whose names and numbers are not known, because joblib wrote them.
  let hidesArrays: Bool

  /// Whether a file may be a pickle with a model inside: a pickle, or an archive of torch, that names
  /// Keras.
  ///
  /// - Returns: the bytes of the pickle.
  static func pickle(in probe: FileProbe, _ limits: DecodeLimits) -> ByteRegion? {
    var pickle: ByteRegion?
    if let names = probe.zipEntryNames {
      guard let name = names.first(where: { $0.hasSuffix("/data.pkl") }),
        let archive = try? ZipArchive(probe.bytes, limits: limits), let entry = archive[name]
      else { return nil }
      pickle = try? archive.content(of: entry)
    } else if let version = try? probe.bytes.byte(at: 1), probe.bytes.holds([0x80]),
      (2...5).contains(version)
    {
      pickle = object(in: probe.bytes, limits)
    }
    return pickle.flatMap { $0.names("keras", within: limits.pickleBytes) ? $0 : nil }
  }

  /// The pickle of the object in a file of torch before 1.6; of any other file all bytes.
  ///
  /// Three others precede it: a magic number, a version and properties of the machine
  /// (torch/serialization.py, `_legacy_save`).
  private static func object(in bytes: ByteRegion, _ limits: DecodeLimits) -> ByteRegion {
    var position = 0
    for index in 0..<3 {
      guard let rest = try? bytes.slice(at: position, length: min(bytes.count - position, 4_096)),
        let (graph, count) = try? PickleMachine.read(rest, limits: limits)
      else { return bytes }
      if index == 0 {
        guard case .bigInteger(let digits) = graph[graph.root], digits.starts(with: torchMagic)
        else { return bytes }
      }
      position += count
    }
    return (try? bytes.slice(at: position, length: bytes.count - position)) ?? bytes
  }

  /// 0x1950a86a20f9469cfc6c.
  private static let torchMagic: [UInt8] = [
    0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
  ]

  /// Finds the models in a pickle.
  ///
  /// - Throws: `pickle.callable.refused` when the pickle names a function that does harm.
  init(_ pickle: ByteRegion, _ limits: DecodeLimits) throws(CheckpointError) {
    // The bytes of a model are not values of the pickle, whose size is that of the file.
    var limits = limits
    limits.pickleBytes = max(limits.pickleBytes, pickle.count)
    let graph: PickleGraph
    do throws(CheckpointError) {
      graph = try PickleMachine.read(pickle, limits: limits).graph
    } catch {
      // joblib writes arrays between the instructions of a pickle, and ends it like every other.
      guard pickle.names("NumpyArrayWrapper", within: pickle.count) else { throw error }
      guard (try? pickle.byte(at: pickle.count - 1)) == PickleOpcode.stop.rawValue else {
        throw CheckpointError(
          .bytesTruncated, "the pickle has no end", at: pickle.location,
          expected: "STOP as its last instruction")
      }
      models = Self.scanned(pickle)
      others = []
      hidesArrays = true
      return
    }
    for (index, node) in graph.nodes.enumerated() {
      guard case .global(let module, let name) = node,
        PickleRefusals.contains(module: module, name: name)
      else { continue }
      throw CheckpointError(
        .pickleCallableRefused,
        "the pickle would call '\(module).\(name)' (pickle byte \(graph.offsets[index])), which no model "
          + "needs; nothing was called",
        at: pickle.location(at: graph.offsets[index], length: 1),
        hint: "don't load this file with Python; get the model from a source you trust")
    }
    var walk = KerasPickleWalk(graph, pickle)
    walk.visit(graph.root, at: "", inCall: false, depth: 0)
    models = walk.found
    others = walk.others
    hidesArrays = false
  }

  /// What bytes are; nil when they are no model.
  static func content(_ bytes: ByteRegion) -> Content? {
    if bytes.holds(ZipArchive.magic) {
      guard let archive = try? ZipArchive(bytes), archive["config.json"] != nil,
        archive.entries.contains(where: { $0.name.hasPrefix("model.weights.") })
      else { return nil }
      return .archive
    }
    return bytes.holds(Array("ustar".utf8), at: 257) ? .savedModel : nil
  }

  /// The archives that stand behind an instruction for so many bytes.
  private static func scanned(_ pickle: ByteRegion) -> [Found] {
    var found: [Found] = []
    var position = 0
    while let start = pickle.position(of: ZipArchive.magic, from: position) {
      position = start + 1
      for (opcode, width) in [(PickleOpcode.binBytes, 4), (.binBytes8, 8), (.byteArray8, 8)] {
        let place = start - width - 1
        guard place >= 0, (try? pickle.byte(at: place)) == opcode.rawValue,
          let size = width == 4
            ? (try? pickle.integer(UInt32.self, at: place + 1)).map({ Int($0) })
            : (try? pickle.integer(UInt64.self, at: place + 1)).flatMap({ Int(exactly: $0) }),
          let bytes = try? pickle.slice(at: start, length: size), let content = content(bytes)
        else { continue }
        found.append(Found(path: "\(found.count)", bytes: bytes, content: content))
        position = start + size
      }
    }
    // The place of a model is not known, but only one needs none.
    return found.count == 1
      ? found.map { Found(path: "", bytes: $0.bytes, content: $0.content) } : found
  }
}

/// A walk through the values of a pickle.
private struct KerasPickleWalk {
  private let graph: PickleGraph
  private let pickle: ByteRegion
  private var visited: Set<PickleGraph.Reference> = []
  private(set) var found: [KerasPickle.Found] = []
  private(set) var others: [KerasPickleArray] = []

  init(_ graph: PickleGraph, _ pickle: ByteRegion) {
    self.graph = graph
    self.pickle = pickle
  }

  /// Looks at a value and what is in it; what a call is given has the place of its result.
  mutating func visit(
    _ reference: PickleGraph.Reference, at path: String, inCall: Bool, depth: Int
  ) {
    guard depth < 128, visited.insert(reference).inserted else { return }
    func joined(_ part: String) -> String { path.isEmpty ? part : "\(path).\(part)" }
    switch graph[reference] {
    case .bytes(let bytes): add(bytes, reference, at: path)
    case .tuple(let elements), .list(let elements):
      let isTuple = if case .tuple = graph[reference] { true } else { false }
      for (index, element) in elements.enumerated() {
        visit(
          element, at: inCall && isTuple ? path : joined("\(index)"), inCall: inCall,
          depth: depth + 1)
      }
    case .dictionary(let items): visit(items, at: path, depth)
    case .set(let elements):
      for element in elements { visit(element, at: path, inCall: inCall, depth: depth + 1) }
    case .call(let call):
      if let text = encodedText(call) {
        add(text, reference, at: path)
        return
      }
      if KerasPickleArray.isArray(reference, graph) {
        others.append(KerasPickleArray(path: path, reference: reference, graph, pickle))
        return
      }
      // A class of its own keeps what it holds as attributes, which are its names.
      visit(call.arguments, at: path, inCall: true, depth: depth + 1)
      if let keywords = call.keywords {
        visit(keywords, at: path, inCall: true, depth: depth + 1)
      }
      for state in call.states { visit(state, at: path, inCall: true, depth: depth + 1) }
      visit(call.items, at: path, depth)
      for (index, element) in call.elements.enumerated() {
        visit(element, at: joined("\(index)"), inCall: false, depth: depth + 1)
      }
    case .persistent(let value): visit(value, at: path, inCall: true, depth: depth + 1)
    case .none, .bool, .integer, .bigInteger, .float, .string, .global: break
    }
  }

  private mutating func visit(_ items: [PickleGraph.Item], at path: String, _ depth: Int) {
    for (index, item) in items.enumerated() {
      let key =
        graph.string(item.key) ?? graph.integer(item.key).map { "\($0)" } ?? "\(index)"
      visit(
        item.value, at: path.isEmpty ? key : "\(path).\(key)", inCall: false, depth: depth + 1)
    }
  }

  /// The bytes that protocols before 3 write as text: `_codecs.encode(text, 'latin1')`.
  private func encodedText(_ call: PickleGraph.Call) -> [UInt8]? {
    guard graph.globalName(call.function) == "_codecs.encode",
      let arguments = graph.elements(call.arguments), arguments.count == 2,
      ["latin1", "latin-1", "iso-8859-1"].contains(graph.string(arguments[1])),
      let text = graph.string(arguments[0])
    else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  private mutating func add(
    _ bytes: [UInt8], _ reference: PickleGraph.Reference, at path: String
  ) {
    guard bytes.count > 22 else { return }
    let region =
      view(bytes.count, graph.offsets[reference]) ?? ByteRegion(ByteStorage(copying: bytes))
    guard let content = KerasPickle.content(region) else { return }
    found.append(KerasPickle.Found(path: path, bytes: region, content: content))
  }

  /// The bytes as they stand in the file, behind the instruction at `offset`.
  private func view(_ count: Int, _ offset: Int) -> ByteRegion? {
    guard let opcode = (try? pickle.byte(at: offset)).flatMap(PickleOpcode.init) else { return nil }
    let header: Int
    switch opcode {
    case .shortBinBytes: header = 2
    case .binBytes: header = 5
    case .binBytes8, .byteArray8: header = 9
    default: return nil
    }
    return try? pickle.slice(at: offset + header, length: count)
  }
}

extension ByteRegion {
  /// Whether a word of ASCII stands among the first `count` bytes.
  fileprivate func names(_ word: String, within count: Int) -> Bool {
    guard let start = try? slice(at: 0, length: min(self.count, count)) else { return false }
    return start.position(of: Array(word.utf8)) != nil
  }
}
