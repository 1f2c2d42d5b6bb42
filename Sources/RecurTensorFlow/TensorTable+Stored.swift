import RecurFormats
import RecurTensors

extension TensorTable {
  /// Every tensor as it is stored, for inspection.
  var stored: [Inspection.StoredTensor] {
    entries.map { name, tensor in
      Inspection.StoredTensor(
        name: name, shape: tensor.shape, type: "\(tensor.elementType)",
        byteCount: tensor.byteCount, remark: nil)
    }
      + unreadable.map { tensor in
        Inspection.StoredTensor(
          name: tensor.name, shape: tensor.shape, type: tensor.type, byteCount: tensor.byteCount,
          remark: nil)
      }
  }
}
