package import RecurTensors

/// The bytes of an HDF5 file, laid out and ready to be written front to back.
///
/// libhdf5 made every part except the datasets' numbers. The numbers stay in their tensors until
/// the file is written, so the image needs memory only for groups, headers and attributes.
package struct HDF5Image: ByteSource, Sendable {
  private enum Piece {
    case bytes(ByteRegion)
    case tensor(Tensor)
  }

  private let pieces: [Piece]
  /// The size of the file in bytes.
  package let byteCount: Int

  /// Places the data of each of `datasets` at its address, over the bytes of `canvas`.
  init(_ canvas: borrowing HDF5Canvas, _ datasets: [HDF5Placement]) throws(CheckpointError) {
    guard canvas.isComplete else { throw HDF5Canvas.outOfMemory }
    var pieces: [Piece] = []
    var end = 0
    for placement in datasets.sorted(by: { $0.address < $1.address }) {
      let (next, overflow) = placement.address.addingReportingOverflow(placement.tensor.byteCount)
      guard placement.address >= end, !overflow, next <= canvas.byteCount else {
        throw CheckpointError(
          .hdf5WriteFailed,
          "libhdf5 put a dataset at \(placement.address), which is not free from there on")
      }
      if placement.address > end {
        pieces.append(.bytes(canvas.bytes(end..<placement.address)))
      }
      pieces.append(.tensor(placement.tensor))
      end = next
    }
    if end < canvas.byteCount { pieces.append(.bytes(canvas.bytes(end..<canvas.byteCount))) }
    self.pieces = pieces
    byteCount = canvas.byteCount
  }

  /// Writes the file.
  ///
  /// - Throws: what `sink` throws.
  package func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError) {
    for piece in pieces {
      switch piece {
      case .bytes(let region): try sink.write(region)
      case .tensor(let tensor): try tensor.write(to: &sink)
      }
    }
  }
}

/// A dataset and the address of its elements.
struct HDF5Placement {
  let tensor: Tensor
  /// The address in bytes from the start of the file.
  let address: Int
}
