import RecurModel
import RecurTensors

/// A few numbers that say of two models whether their weights may be the same.
///
/// Equal weights have equal digests, in whatever format and order of layers. Other weights can have
/// equal digests by accident or by intent, so what they suggest has to be confirmed.
package struct WeightDigest: Hashable, Sendable {
  /// What the kinds and shapes of the layers give.
  package let layers: UInt64
  /// What the numbers give.
  package let weights: UInt64
}

extension Model {
  /// The digest of all weights.
  ///
  /// Numbers count as what they are, whatever type they are stored in; of two biases whose sum alone
  /// counts, the sum does, as binary32.
  package var weightDigest: WeightDigest {
    var layers: [UInt64] = []
    var weights: [UInt64] = []
    for layer in comparedLayers {
      var (shape, numbers) = (Digest(), Digest())
      shape.add(layer.kind.utf8.map(UInt64.init))
      for weight in layer.weights {
        shape.add(weight.role.utf8.map(UInt64.init) + weight.shape.map { UInt64($0) })
        for tensor in weight.tensors {
          for part in tensor.split(elements: TensorBlocks.scannedElements) {
            numbers.add(part.components())
          }
        }
      }
      for bias in layer.biases { numbers.add(bias.effective(.float32)) }
      layers.append(shape.value)
      numbers.add([shape.value])
      weights.append(numbers.value)
    }
    // Formats keep layers in different orders.
    var (all, every) = (Digest(), Digest())
    all.add(layers.sorted())
    every.add(weights.sorted())
    return WeightDigest(layers: all.value, weights: every.value)
  }
}

/// FNV-1a by words of 64 bits, with a shift so that high bits reach low ones.
private struct Digest {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ words: [UInt64]) {
    for word in words {
      value = (value ^ word) &* 0x100_0000_01b3
      value ^= value >> 32
    }
  }

  /// All NaNs are one, and both zeros.
  mutating func add(_ numbers: [Double]) {
    add(numbers.map { $0.isNaN ? Double.nan.bitPattern : $0 == 0 ? 0 : $0.bitPattern })
  }
}
