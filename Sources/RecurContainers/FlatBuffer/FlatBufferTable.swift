package import RecurTensors

/// A table of FlatBuffers (flatbuffers.dev, "FlatBuffer Internals"): fields by number, each of which
/// may be absent.
///
/// Nothing is copied. A table in a table is read when it is asked for, so that nesting is bounded by
/// the code that knows what the tables mean.
package struct FlatBufferTable: Sendable {
  private let file: ByteRegion
  /// Where the table begins.
  private let position: Int
  /// Where the offsets of the fields begin, and how many there are.
  private let offsets: (position: Int, count: Int)

  /// The root table of a file.
  ///
  /// - Throws: `flatbuffer.invalid`, as do the others.
  package init(root file: ByteRegion) throws(CheckpointError) {
    try self.init(file, at: Self.target(of: 0, in: file))
  }

  private init(_ file: ByteRegion, at position: Int) throws(CheckpointError) {
    self.file = file
    self.position = position
    let distance = Int(try Self.integer(Int32.self, at: position, in: file))
    let (start, overflow) = position.subtractingReportingOverflow(distance)
    guard !overflow, start >= 0, start <= file.count - 4 else {
      throw Self.invalid("the fields of a table are said to be at \(start)", at: position, in: file)
    }
    let size = Int(try Self.integer(UInt16.self, at: start, in: file))
    guard size >= 4, size % 2 == 0, size <= file.count - start else {
      throw Self.invalid("a list of fields has \(size) bytes", at: start, in: file)
    }
    offsets = (start + 4, (size - 4) / 2)
  }

  /// The place of the table.
  package var location: Diagnostic.Location { file.location(at: position, length: 4) }

  /// Where a field is; nil when it is absent.
  private func place(_ field: Int) throws(CheckpointError) -> Int? {
    guard field < offsets.count else { return nil }
    let offset = Int(try Self.integer(UInt16.self, at: offsets.position + 2 * field, in: file))
    return offset == 0 ? nil : position + offset
  }

  /// Where a field points to; nil when it is absent.
  private func reference(_ field: Int) throws(CheckpointError) -> Int? {
    try place(field).map { place throws(CheckpointError) in try Self.target(of: place, in: file) }
  }

  private static func target(of place: Int, in file: ByteRegion) throws(CheckpointError) -> Int {
    let distance = Int(try integer(UInt32.self, at: place, in: file))
    guard distance > 0, place + distance <= file.count - 4 else {
      throw invalid("a field points \(distance) bytes on", at: place, in: file)
    }
    return place + distance
  }

  private static func integer<T: FixedWidthInteger>(
    _ type: T.Type, at place: Int, in file: ByteRegion
  ) throws(CheckpointError) -> T {
    guard place >= 0, place <= file.count - MemoryLayout<T>.size else {
      throw invalid("a number is to be at \(place)", at: place, in: file)
    }
    return try file.integer(T.self, at: place)
  }

  private static func invalid(
    _ reason: String, at place: Int, in file: ByteRegion
  ) -> CheckpointError {
    CheckpointError(
      .flatbufferInvalid,
      "these bytes are no FlatBuffer: \(reason), and there are \(file.count) bytes",
      at: file.location(at: place, length: 4), reason: "the file was cut off or damaged")
  }

  // MARK: fields

  /// A whole number; `usual` when it is absent.
  package func integer<T: FixedWidthInteger>(
    _ field: Int, _ type: T.Type, usual: T = 0
  ) throws(CheckpointError) -> T {
    guard let place = try place(field) else { return usual }
    return try Self.integer(T.self, at: place, in: file)
  }

  /// A float; 0 when it is absent.
  package func float(_ field: Int) throws(CheckpointError) -> Double {
    Double(Float(bitPattern: try integer(field, UInt32.self)))
  }

  /// A table; nil when it is absent.
  package func table(_ field: Int) throws(CheckpointError) -> FlatBufferTable? {
    try reference(field).map { place throws(CheckpointError) in
      try FlatBufferTable(file, at: place)
    }
  }

  /// The bytes of a vector of elements of `width` bytes; nil when it is absent.
  package func vector(_ field: Int, width: Int) throws(CheckpointError) -> ByteRegion? {
    guard let place = try reference(field) else { return nil }
    let count = Int(try Self.integer(UInt32.self, at: place, in: file))
    guard count <= (file.count - place - 4) / width else {
      throw Self.invalid("a vector has \(count) elements of \(width) bytes", at: place, in: file)
    }
    return try file.slice(at: place + 4, length: count * width)
  }

  /// The numbers of a vector; nil when it is absent.
  package func integers<T: FixedWidthInteger>(
    _ field: Int, _ type: T.Type, limit: Int
  ) throws(CheckpointError) -> [Int]? {
    let width = MemoryLayout<T>.size
    guard let bytes = try vector(field, width: width) else { return nil }
    try Self.check(bytes.count / width, limit, at: bytes)
    var numbers: [Int] = []
    for index in 0..<bytes.count / width {
      numbers.append(Int(clamping: try bytes.integer(T.self, at: index * width)))
    }
    return numbers
  }

  /// The floats of a vector; nil when it is absent.
  package func floats(_ field: Int, limit: Int) throws(CheckpointError) -> [Double]? {
    guard let bytes = try vector(field, width: 4) else { return nil }
    try Self.check(bytes.count / 4, limit, at: bytes)
    var numbers: [Double] = []
    for index in 0..<bytes.count / 4 {
      numbers.append(
        Double(Float(bitPattern: try bytes.integer(UInt32.self, at: 4 * index))))
    }
    return numbers
  }

  /// The tables of a vector; none when it is absent.
  package func tables(_ field: Int, limit: Int) throws(CheckpointError) -> [FlatBufferTable] {
    guard let bytes = try vector(field, width: 4) else { return [] }
    try Self.check(bytes.count / 4, limit, at: bytes)
    let start = bytes.range.lowerBound - file.range.lowerBound
    var tables: [FlatBufferTable] = []
    for index in 0..<bytes.count / 4 {
      let place = start + 4 * index
      tables.append(try FlatBufferTable(file, at: Self.target(of: place, in: file)))
    }
    return tables
  }

  /// A text of at most `limit` bytes; empty when it is absent.
  package func text(_ field: Int, limit: Int) throws(CheckpointError) -> String {
    guard let bytes = try vector(field, width: 1) else { return "" }
    guard bytes.count <= limit, let text = bytes.text() else {
      throw Self.invalid(
        "a text is none of at most \(limit) bytes of UTF-8",
        at: bytes.range.lowerBound - file.range.lowerBound, in: file)
    }
    return text
  }

  private static func check(
    _ count: Int, _ limit: Int, at bytes: ByteRegion
  ) throws(CheckpointError) {
    guard count <= limit else {
      throw CheckpointError(
        .limitExceeded, "a vector has \(count) elements; at most \(limit) are read",
        at: bytes.location)
    }
  }
}

extension Diagnostic.Code {
  /// Bytes that are no FlatBuffer, or not the one that the schema has.
  package static let flatbufferInvalid = Self(rawValue: "flatbuffer.invalid")
}
