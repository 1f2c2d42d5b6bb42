import Foundation
import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

/// Damaged files of safetensors, npy and npz: reading soon ends with a value or a located error,
/// and never traps.
///
/// `RECUR_MUTATIONS` is the number of random cases.
@Suite("Mutations of safetensors, npy and npz")
struct ArrayMutationTests {
  enum Kind: CaseIterable { case safetensors, npy, npz }

  private func sample(_ kind: Kind) throws -> [UInt8] {
    var tensors = TensorTable()
    try tensors.append("lstm.weight_ih_l0", .float32((0..<12).map { Float($0) }, shape: [4, 3]))
    try tensors.append("scale", .float64([2.5], shape: []))
    try tensors.append("none", .int32([], shape: [0, 3]))
    var sink = MemorySink()
    switch kind {
    case .safetensors:
      try SafetensorsWriter.write(tensors, metadata: [("format", "pt")], to: &sink)
      return sink.bytes
    case .npy: return try NPYFile.bytes(of: #require(tensors["lstm.weight_ih_l0"]))
    case .npz:
      try NPZArchive.write(tensors.entries, comment: Array("{\"a\":\"b\"}".utf8), to: &sink)
      return sink.bytes
    }
  }

  /// Reads everything; returns whether nothing was refused.
  ///
  /// An error without a location is an issue.
  private func isRead(_ kind: Kind, _ bytes: [UInt8]) -> Bool {
    let region = TestData.region(bytes)
    do throws(CheckpointError) {
      switch kind {
      case .safetensors:
        for entry in try SafetensorsFile(region).tensors.entries { _ = entry.tensor.doubles() }
      case .npy:
        if case .numbers(let tensor) = try NPYFile.content(region) { _ = tensor.doubles() }
      case .npz:
        for entry in try NPZArchive(region).table().entries { _ = entry.tensor.doubles() }
      }
      return true
    } catch {
      let location = error.diagnostic.location
      if location.bytes == nil, location.object == nil { Issue.record("\(error) has no place") }
      return false
    }
  }

  @Test("a file cut off anywhere is refused", arguments: Kind.allCases)
  func truncations(kind: Kind) throws {
    let bytes = try sample(kind)
    for count in bytes.indices {
      #expect(!isRead(kind, Array(bytes[..<count])), "\(count) of \(bytes.count) bytes")
    }
    #expect(isRead(kind, bytes))
  }

  @Test("a file with any bit flipped is refused or read", arguments: Kind.allCases)
  func flips(kind: Kind) throws {
    let bytes = try sample(kind)
    for place in bytes.indices {
      for bit in 0..<8 {
        var flipped = bytes
        flipped[place] ^= 1 << UInt8(bit)
        _ = isRead(kind, flipped)
      }
    }
  }

  private func damaged(_ source: [UInt8], _ random: inout Mutations.Generator) -> [UInt8] {
    var bytes = source
    for _ in 0...random.next(4) where !bytes.isEmpty {
      let place = random.next(bytes.count)
      switch random.next(9) {
      case 0, 1: bytes[place] ^= 1 << UInt8(random.next(8))
      case 2: bytes[place] = UInt8(random.next(256))
      case 3:
        let value = [0, -1, .max, bytes.count, 1 << 31, 1 << 32, 1 << 62][random.next(7)]
        let part = Bytes.le64(value).prefix(min([2, 4, 8][random.next(3)], bytes.count - place))
        bytes.replaceSubrange(place..<place + part.count, with: part)
      case 4: bytes.removeSubrange(place..<min(place + 1 + random.next(16), bytes.count))
      case 5:
        let from = random.next(bytes.count)
        bytes.insert(
          contentsOf: bytes[from..<min(from + 1 + random.next(32), bytes.count)], at: place)
      case 6:
        let digits = ["0", "-1", "99999999999999999999", "4611686018427387904", "[", "{\"", "1e9"]
        bytes.insert(contentsOf: Array(digits[random.next(digits.count)].utf8), at: place)
      case 7:
        let words = ["F4", "C64", "<c16", "|O", "<U4000000000", "True", "null", "(((", "\\u0000"]
        let word = Array(words[random.next(words.count)].utf8).prefix(bytes.count - place)
        bytes.replaceSubrange(place..<place + word.count, with: word)
      default: bytes.removeLast(min(bytes.count, random.next(40)))
      }
    }
    return bytes
  }

  @Test("random edits are refused or read, soon", arguments: Kind.allCases)
  func edits(kind: Kind) throws {
    let source = try sample(kind)
    var random = Mutations.Generator(state: 7)
    var (worst, worstCase, read) = (Duration.zero, 0, 0)
    for number in 0..<Mutations.count {
      let bytes = damaged(source, &random)
      var time = ContinuousClock().measure { if isRead(kind, bytes) { read += 1 } }
      // A case that seems slow may only have waited for the processor, so it is timed again.
      for _ in 0..<3 where time > .milliseconds(5) {
        time = min(time, ContinuousClock().measure { _ = isRead(kind, bytes) })
      }
      if time > worst { (worst, worstCase) = (time, number) }
    }
    #expect(worst < Mutations.limit, "case \(worstCase)")
    print("\(kind): \(Mutations.count) edits, \(read) read, worst \(worst) in case \(worstCase)")
  }
}
