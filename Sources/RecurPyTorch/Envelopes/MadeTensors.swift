import RecurContainers
import RecurTensors

/// Tensors whose numbers are not in the file as they are read: dequantized ones, arrays inside a
/// pickle, numbers of lists.
///
/// Each is made once, however often the pickle refers to it, and all of them together take no more than
/// a few times the bytes of the file.
struct MadeTensors {
  private var known: [PickleGraph.Reference: Tensor] = [:]
  private var contents: [PickleGraph.Reference: ByteRegion] = [:]
  private var byteCount = 0

  /// What may be made of any file, however small.
  private static let least = 16 << 20
  /// How many bytes may be made of one that is stored.
  private static let factor = 8

  /// The tensor that was made of `reference` before, or nil.
  subscript(reference: PickleGraph.Reference) -> Tensor? { known[reference] }

  /// Keeps a tensor that was made of `reference`.
  mutating func keep(_ tensor: Tensor, for reference: PickleGraph.Reference) {
    known[reference] = tensor
  }

  /// The bytes of the value at `reference`, copied once.
  mutating func bytes(
    of reference: PickleGraph.Reference, _ graph: PickleGraph
  ) -> ByteRegion? {
    if let known = contents[reference] { return known }
    guard let bytes = graph.bytes(reference) else { return nil }
    let region = ByteRegion(ByteStorage(copying: bytes))
    contents[reference] = region
    return region
  }

  /// Counts bytes that are about to be made, of `stored` bytes that the file stores for all of them.
  ///
  /// - Throws: `bytes.limit-exceeded`.
  mutating func spend(
    _ count: Int, of stored: Int, at place: Diagnostic.Location
  ) throws(CheckpointError) {
    let (sum, overflow) = byteCount.addingReportingOverflow(count)
    let (most, isHuge) = stored.multipliedReportingOverflow(by: Self.factor)
    guard !overflow, sum <= max(Self.least, isHuge ? .max : most) else {
      throw CheckpointError(
        .limitExceeded,
        "the pickle makes more than \(Self.factor) bytes of each of the \(stored) it stores",
        at: place)
    }
    byteCount = sum
  }
}
