import Foundation
import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

/// Files of libhdf5 with random damage: reading soon ends, and without a trap.
///
/// Structures of `libver='latest'` carry checksums, which most damage would only break; every second
/// case therefore stores the right checksums again. `RECUR_MUTATIONS` is the number of cases.
@Suite("HDF5 mutations")
struct HDF5MutationTests {
  private struct Source {
    let name: String
    let bytes: [UInt8]
    let checksums: HDF5Checksums

    init(_ sample: HDF5Samples.Sample) {
      name = sample.name
      bytes = sample.bytes
      checksums = HDF5Checksums(of: sample.bytes)
    }
  }

  private func damaged(_ source: Source, _ other: Source, _ random: inout Mutations.Generator)
    -> [UInt8]
  {
    var bytes = source.bytes
    let checked = source.checksums.structures
    for _ in 0...random.next(4) {
      // Half of the damage goes into structures.
      var place = random.next(bytes.count)
      if let part = checked.isEmpty
        ? nil : checked[random.next(checked.count)],
        random.next(2) == 0, part.range.upperBound < bytes.count
      {
        place = part.range.lowerBound + random.next(part.range.count)
      }
      switch random.next(10) {
      case 0, 1, 2: bytes[place] ^= 1 << UInt8(random.next(8))
      case 3, 4: bytes[place] = UInt8(random.next(256))
      case 5: bytes[place] = [0, 1, 0x7F, 0xFF][random.next(4)]
      case 6:
        let value = [0, -1, .max, bytes.count, random.next(bytes.count), 1 << 31, 1 << 32][
          random.next(7)]
        let part = Bytes.le64(value).prefix(bytes.count - place)
        bytes.replaceSubrange(place..<place + part.count, with: part)
      case 7:
        let from = random.next(other.bytes.count)
        let count = min(random.next(64), other.bytes.count - from, bytes.count - place)
        bytes.replaceSubrange(place..<place + count, with: other.bytes[from..<from + count])
      case 8:
        let from = random.next(bytes.count)
        let count = min(random.next(64), bytes.count - from, bytes.count - place)
        bytes.replaceSubrange(place..<place + count, with: Array(bytes[from..<from + count]))
      default:
        guard random.next(8) == 0 else { break }
        bytes.removeLast(random.next(bytes.count - 64))
      }
    }
    if random.next(2) == 0 { source.checksums.repair(&bytes) }
    return bytes
  }

  /// Reads everything; returns whether nothing was refused.
  private func isRead(_ bytes: [UInt8]) -> Bool {
    do throws(CheckpointError) {
      var file = try HDF5File(TestData.region(bytes))
      for object in file.objects {
        for name in (try? object.attributeNames()) ?? [] {
          _ = try? file.strings(name, of: object)
          _ = try? file.numbers(name, of: object)
        }
        if object.isDataset { _ = try? file.tensor(object) }
        _ = file.children(of: object.path)
      }
      return true
    } catch {
      return false
    }
  }

  @Test("damaged files are refused or read, soon, and never trap")
  func mutations() throws {
    let sources = try HDF5Samples.all().map { Source($0) }
    var random = Mutations.Generator(state: 1)
    var (worst, worstCase, read) = (Duration.zero, "", 0)
    for number in 0..<Mutations.count {
      let source = sources[random.next(sources.count)]
      let bytes = damaged(source, sources[random.next(sources.count)], &random)
      var time = ContinuousClock().measure { if isRead(bytes) { read += 1 } }
      // A case that seems slow may only have waited for the processor, so it is timed again.
      for _ in 0..<3 where time > .milliseconds(5) {
        time = min(time, ContinuousClock().measure { _ = isRead(bytes) })
      }
      if time > worst { (worst, worstCase) = (time, "case \(number) of \(source.name)") }
    }
    #expect(worst < Mutations.limit, "\(worstCase)")
    print("\(Mutations.count) mutations, \(read) read, worst \(worst) in \(worstCase)")
  }

  @Test("a file of libver='latest' cut off at any byte is refused")
  func truncations() throws {
    for sample in try HDF5Samples.all() where sample.bytes[8] > 1 {
      for count in stride(from: 0, to: sample.bytes.count, by: 7) {
        #expect(!isRead(Array(sample.bytes[..<count])), "\(sample.name), \(count) bytes")
      }
    }
  }

  @Test("every checksum counts: a changed byte in any structure is found")
  func checksums() throws {
    for sample in try HDF5Samples.all() where sample.bytes[8] > 1 {
      let structures = HDF5Checksums(of: sample.bytes).structures
      #expect(structures.count > 2)
      for part in structures {
        // This reader does not use trees by creation order.
        let tree = [Array("BTHD".utf8), Array("BTLF".utf8)]
        if tree.contains(Array(sample.bytes[part.range.prefix(4)])),
          [6, 9].contains(sample.bytes[part.range.lowerBound + 5])
        {
          continue
        }
        // The position behind signature and version.
        let place = part.range.lowerBound + min(9, part.range.count - 1)
        let changed = Bytes.patched(sample.bytes, at: place, [sample.bytes[place] ^ 0x40])
        #expect(!isReadWhole(changed), "\(sample.name) at \(place)")
      }
    }
  }

  /// Whether every part of the file is read without an error.
  private func isReadWhole(_ bytes: [UInt8]) -> Bool {
    guard var file = try? HDF5File(TestData.region(bytes)) else { return false }
    for object in file.objects {
      guard let names = try? object.attributeNames() else { return false }
      for name in names where (try? file.strings(name, of: object)) == nil {
        guard (try? file.numbers(name, of: object)) != nil else { return false }
      }
      if object.isDataset, (try? file.tensor(object)) == nil { return false }
    }
    return true
  }
}
