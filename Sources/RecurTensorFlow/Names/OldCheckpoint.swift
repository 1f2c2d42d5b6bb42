import RecurContainers
import RecurTensors

/// A checkpoint in one file, as TensorFlow wrote before tensor bundles: a table of what the tensors are,
/// and of the numbers of each (tensorflow/core/util/saved_tensor_slice.proto).
struct OldCheckpoint {
  let table: TensorTable

  private struct OldTensor {
    var name = ""
    var shape: [Int] = []
    var type = 0
  }

  /// Whether a table is that of such a checkpoint.
  static func recognizes(_ file: ByteRegion) -> Bool {
    guard let table = try? SortedTable(file, limits: .init()), let first = table.entries.first,
      first.key.isEmpty, let outline = ProtobufOutline(first.value)
    else { return false }
    // The header of a tensor bundle has a number first.
    return outline.hasBytes(1)
  }

  /// Reads all tensors.
  ///
  /// - Throws: `bundle.invalid`, `bundle.checksum`, `protobuf.invalid`, `tensorflow.unsupported`.
  init(_ file: ByteRegion, limits: DecodeLimits) throws(CheckpointError) {
    let stored = try SortedTable(file, limits: limits)
    guard let header = stored.entries.first, header.key.isEmpty,
      let meta = try ProtobufReader.field(1, of: header.value)
    else {
      throw CheckpointError(
        .bundleInvalid, "the table says of no tensor what it is", at: file.location)
    }
    var known: [Name: OldTensor] = [:]
    var reader = ProtobufReader(meta)
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      var (own, tensor) = (OldTensor(), ProtobufReader(try field.bytes()))
      while let part = try tensor.next() {
        switch part.number {
        case 1: own.name = try part.text(limit: limits.nameBytes)
        case 2: own.shape = try TensorBundleEntry.shape(part.bytes(), at: part.location, limits)
        case 3: own.type = try part.integer()
        default: continue
        }
      }
      known[Name(own.name)] = own
    }
    var table = TensorTable()
    for entry in stored.entries.dropFirst() {
      let slice = try ProtobufReader.field(2, of: entry.value)
      let name = try ProtobufReader.field(1, of: slice)?.text() ?? ""
      guard let own = known[Name(name)], let data = try ProtobufReader.field(3, of: slice) else {
        throw CheckpointError(
          .bundleInvalid, "the numbers of '\(name)' are there, and nothing says what they are",
          at: entry.value.location)
      }
      let place = Diagnostic.Location(object: name)
      let message = try TensorMessage(data, limits: limits, at: place)
      // A part of a partitioned variable has fewer numbers than the shape, and is refused by that.
      if let tensor = try message.tensor(type: own.type, shape: own.shape, repeatsLast: false) {
        try table.append(name, tensor.located(at: entry.value.location.inside(place)))
      } else {
        try table.append(
          UnreadableTensor(
            name: name, type: "type \(own.type)", shape: own.shape, byteCount: data.count,
            location: entry.value.location))
      }
    }
    self.table = table
  }
}
