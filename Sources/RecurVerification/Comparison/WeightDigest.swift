import RecurModel
import RecurTensors

/// A short digest that tells whether two models may have the same weights.
///
/// Equal weights have equal digests, whatever the format and the order of layers. Different weights
/// can have equal digests by accident or by intent, so equal digests must be confirmed by a
/// comparison.
package struct WeightDigest: Hashable, Sendable {
  /// The digest of the kinds and shapes of the layers.
  package let layers: UInt64
  /// The digest of the numbers.
  package let weights: UInt64
}

extension Model {
  /// The digest of all weights.
  ///
  /// Numbers count by value, whatever type stores them. Where two biases are only used as a sum,
  /// the sum in float32 counts.
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
    // Formats order layers differently, so the digest must not depend on the order.
    var (all, every) = (Digest(), Digest())
    all.add(layers.sorted())
    every.add(weights.sorted())
    return WeightDigest(layers: all.value, weights: every.value)
  }
}

/// FNV-1a over 64-bit words, with a shift that lets high bits affect low bits.
private struct Digest {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ words: [UInt64]) {
    for word in words {
      value = (value ^ word) &* 0x100_0000_01b3
      value ^= value >> 32
    }
  }

  /// All NaN values count as the same number, and so do both zeros.
  mutating func add(_ numbers: [Double]) {
    add(numbers.map { $0.isNaN ? Double.nan.bitPattern : $0 == 0 ? 0 : $0.bitPattern })
  }
}
