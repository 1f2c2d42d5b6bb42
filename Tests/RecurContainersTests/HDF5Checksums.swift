import RecurContainers

/// Finds the structures with checksums in a file, so that a changed file can get correct checksums.
struct HDF5Checksums {
  struct Structure {
    let range: Range<Int>
    /// The position of the checksum: inside `range` for blocks of heaps, behind `range` for all
    /// others.
    let place: Int
  }

  private(set) var structures: [Structure] = []

  private static let signatures = [
    "OHDR", "OCHK", "FRHP", "FHIB", "BTHD", "BTIN", "BTLF", "FAHD", "FADB", "EAHD", "EAIB", "EASB",
    "EADB",
  ].map { Array($0.utf8) }

  /// Finds the structures of `bytes` by their signatures, and their ends by their checksums.
  init(of bytes: [UInt8]) {
    func stored(_ place: Int) -> UInt32 {
      bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    if bytes[8] > 1 { structures.append(Structure(range: 0..<44, place: 44)) }
    for start in 0..<max(0, bytes.count - 40) {
      let signature = Array(bytes[start..<start + 4])
      if Self.signatures.contains(signature) {
        let end = (start + 5...min(start + 4_000, bytes.count - 4)).first {
          HDF5Checksum.lookup3(bytes[start..<$0]) == stored($0)
        }
        if let end { structures.append(Structure(range: start..<end, place: end)) }
      } else if signature == Array("FHDB".utf8) {
        for place in [start + 17, start + 18] {
          for size in [512, 1_024, 2_048, 4_096] where start + size <= bytes.count {
            let block = Bytes.patched(bytes, at: place, [0, 0, 0, 0])[start..<start + size]
            if HDF5Checksum.lookup3(block) == stored(place) {
              structures.append(Structure(range: start..<start + size, place: place))
            }
          }
        }
      }
    }
  }

  /// Stores the checksums of `bytes` as they are now.
  func repair(_ bytes: inout [UInt8]) {
    for part in structures where max(part.range.upperBound, part.place + 4) <= bytes.count {
      if part.range.contains(part.place) {
        bytes.replaceSubrange(part.place..<part.place + 4, with: [0, 0, 0, 0])
      }
      let sum = HDF5Checksum.lookup3(bytes[part.range])
      bytes.replaceSubrange(part.place..<part.place + 4, with: Bytes.le32(Int(sum)))
    }
  }

  /// `bytes` with `part` at `offset` and the right checksums.
  func patched(_ bytes: [UInt8], at offset: Int, _ part: [UInt8]) -> [UInt8] {
    var changed = Bytes.patched(bytes, at: offset, part)
    repair(&changed)
    return changed
  }
}
