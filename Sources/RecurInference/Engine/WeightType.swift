import CRecurKernels
package import RecurTensors

/// The type in which a ``Program`` holds the weights of its matrices.
///
/// Inputs, states, biases and sums are float32 with every type. A weight becomes float32 when it is
/// read, so with weights that the type holds exactly, float16 and bfloat16 give the same bits as
/// float32.
public enum WeightType: String, Sendable, CaseIterable {
  /// 32 bits.
  case float32
  /// 16 bits, 11 of them significant; numbers up to 65504.
  case float16
  /// 16 bits, 8 of them significant; the range of float32.
  case bfloat16
  /// Integers from −127 to 127 and one scale per row of a matrix: a gate of one unit, or an output.
  ///
  /// Where the processor multiplies bytes, numbers are rounded to 2⁻²⁴ of the largest of 512
  /// neighbours, and their products are summed without rounding.
  case int8

  /// The same type of elements.
  package var elementType: ElementType {
    switch self {
    case .float32: .float32
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .int8: .int8
    }
  }

  /// The type in the form of the kernels.
  var kernelType: recur_weights {
    switch self {
    case .float32: recur_float32
    case .float16: recur_float16
    case .bfloat16: recur_bfloat16
    case .int8: recur_int8
    }
  }
}

/// The instruction set and the type for which matrices are packed.
struct PanelForm: Sendable {
  let kernels: Kernels
  let weights: WeightType

  var lanes: Int { kernels.lanes }
  /// The form of matrices that keep their weights in float32.
  var wide: PanelForm { PanelForm(kernels: kernels, weights: .float32) }
}
