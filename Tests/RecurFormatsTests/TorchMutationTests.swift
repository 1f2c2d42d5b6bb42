import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurPyTorch
import RecurStateDicts
import RecurTensors
import RecurTestSupport
import Testing

/// Checkpoints with all kinds of damage: reading soon ends with a value or a located error, and
/// without a trap.
///
/// `RECUR_MUTATIONS` is the number of random cases.
@Suite("PyTorch mutations")
struct TorchMutationTests {
  /// Reads everything in `bytes`; returns whether nothing was refused.
  private func isRead(_ bytes: [UInt8], inspecting: Bool = false) -> Bool {
    let probe = FileProbe(path: "damaged.pt", bytes: TestData.region(bytes))
    do throws(CheckpointError) {
      if inspecting { _ = try FormatRegistry.all.format(of: probe).inspect(probe) }
      let stateDict = try locating(file: probe.path) { () throws(CheckpointError) in
        try StateDict.read(probe)
      }
      for entry in stateDict.tensors.entries where entry.tensor.count < 10_000 {
        _ = entry.tensor.doubles()
      }
      _ = try? stateDict.strippingPrefixes()
      _ = try? stateDict.foldingWeightNorm()
      return true
    } catch {
      Mutations.expectLocated(error, byteCount: bytes.count)
      return false
    }
  }

  /// One small file of each kind of checkpoint.
  static let small = [
    "small.pt", "small_legacy.pt", "small_module.pt", "exported.pt2", "deflated.pt",
  ]

  @Test("cut off at every byte, a file is refused", arguments: small)
  func truncations(name: String) throws {
    let bytes = try TestData.bytes("pytorch/" + name)
    for count in 1..<bytes.count {
      #expect(!isRead(Array(bytes[..<count])), "\(count) bytes")
    }
  }

  @Test("every single bit flipped", arguments: small)
  func bitFlips(name: String) throws {
    var bytes = try TestData.bytes("pytorch/" + name)
    for index in bytes.indices {
      for bit in 0..<8 {
        bytes[index] ^= 1 << bit
        _ = isRead(bytes, inspecting: bit == 0)
        bytes[index] ^= 1 << bit
      }
    }
  }

  @Test("every flipped bit of a storage in an archive is found")
  func storages() throws {
    var bytes = try TestData.bytes("pytorch/small.pt")
    let stateDict = try StateDict.read(FileProbe(path: "x.pt", bytes: TestData.region(bytes)))
    for entry in stateDict.tensors.entries {
      for index in try #require(entry.tensor.location.bytes) {
        for bit in 0..<8 {
          bytes[Int(index)] ^= 1 << bit
          #expect(!isRead(bytes))
          bytes[Int(index)] ^= 1 << bit
        }
      }
    }
  }

  private func damaged(_ source: [UInt8], _ other: [UInt8], _ random: inout Mutations.Generator)
    -> [UInt8]
  {
    var bytes = source
    for _ in 0...random.next(4) {
      let place = random.next(bytes.count)
      switch random.next(10) {
      case 0, 1, 2: bytes[place] ^= 1 << UInt8(random.next(8))
      case 3, 4: bytes[place] = UInt8(random.next(256))
      case 5: bytes[place] = [0, 1, 0x7F, 0xFF][random.next(4)]
      case 6:
        // An instruction of pickle in the place of another byte.
        bytes[place] = Array("().012BCFGIJKLMNPQRSTUVX]abcdeghijloprstu}".utf8)[random.next(42)]
      case 7:
        let from = random.next(other.count)
        let count = min(random.next(64), other.count - from, bytes.count - place)
        bytes.replaceSubrange(place..<place + count, with: other[from..<from + count])
      case 8:
        let from = random.next(bytes.count)
        let count = min(random.next(64), bytes.count - from, bytes.count - place)
        bytes.replaceSubrange(place..<place + count, with: Array(bytes[from..<from + count]))
      default:
        // All bytes behind it move: the archive has another length, or a pickle begins again.
        let count = min(random.next(16), bytes.count - place - 1)
        if random.next(2) == 0 {
          bytes.removeSubrange(place..<place + count)
        } else {
          bytes.insert(contentsOf: other.prefix(count), at: place)
        }
      }
    }
    return bytes
  }

  /// The archive `stored` with another pickle and the correct checksum for it.
  private func archived(_ pickle: [UInt8]) throws -> [UInt8] {
    var sink = MemorySink()
    var writer = ZipWriter(alignment: 64)
    let numbers = (0..<64).map { Float($0).bitPattern }.littleEndianBytes
    try writer.append("x/data.pkl", TestData.region(pickle), to: &sink)
    for storage in 0..<8 {
      try writer.append(
        "x/data/\(storage)", TestData.region(Array(numbers.prefix(4 << storage))), to: &sink)
    }
    try writer.finish(to: &sink)
    return sink.bytes
  }

  /// The pickles in the fixtures, to be damaged outside an archive, whose checksum would find most
  /// damage first.
  private static func pickles() throws -> [[UInt8]] {
    var pickles: [[UInt8]] = []
    for name in [
      "protocol2.pt", "protocol4.pt", "training_protocol2.pt", "training_protocol4.pt", "small.pt",
      "module.pt", "script.ts.pt", "weight_norm.pt", "quantized.pt", "nested.pt",
    ] {
      let archive = try ZipArchive(TestData.region(TestData.bytes("pytorch/" + name)))
      for entry in archive.entries where entry.name.hasSuffix("data.pkl") {
        pickles.append(try archive.content(of: entry).bytes())
      }
    }
    return pickles
  }

  @Test("damaged archives, legacy files and pickles are refused or read, soon, and never trap")
  func mutations() throws {
    let files = try Self.small.map { try TestData.bytes("pytorch/" + $0) }
    let pickles = try Self.pickles()
    var random = Mutations.Generator(state: 1)
    var (worst, worstCase, read) = (Duration.zero, "", 0)
    for number in 0..<Mutations.count {
      let isPickle = random.next(2) == 0
      let sources = isPickle ? pickles : files
      let source = random.next(sources.count)
      var bytes = damaged(sources[source], sources[random.next(sources.count)], &random)
      if isPickle { bytes = try archived(bytes) }
      let inspecting = random.next(4) == 0
      var time = ContinuousClock().measure {
        if isRead(bytes, inspecting: inspecting) { read += 1 }
      }
      // A case that seems slow may only have waited for the processor, so it is timed again.
      for _ in 0..<3 where time > .milliseconds(5) {
        time = min(time, ContinuousClock().measure { _ = isRead(bytes, inspecting: inspecting) })
      }
      if time > worst {
        (worst, worstCase) = (time, "case \(number), \(isPickle ? "pickle" : "file") \(source)")
      }
    }
    #expect(worst < Mutations.limit, "\(worstCase)")
    print("\(Mutations.count) mutations, \(read) read, worst \(worst) in \(worstCase)")
  }
}
