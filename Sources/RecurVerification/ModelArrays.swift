import RecurContainers
import RecurInference
package import RecurModel
package import RecurTensors

/// Arrays that are given for the inputs of a model: numbers, or text for an input with a vocabulary.
package struct ModelArrays {
  private let model: Model?
  private let names: [String]

  /// Arrays for `model`, if it is known.
  package init(_ model: Model?) {
    self.model = model
    names = model?.inputs ?? []
  }

  /// Whether text can be given for an input.
  package var takesText: Bool { names.indices.contains(where: isText) }

  private func isText(_ position: Int) -> Bool {
    guard case .input(let input)? = model?.node(names[position])?.layer else { return false }
    return input.text != nil
  }

  /// The numbers of an array of NumPy.
  ///
  /// - Parameters:
  ///   - bytes: the array.
  ///   - position: its place among the arrays of all calls, from 0.
  /// - Returns: the numbers; of texts, what they become for the input.
  /// - Throws: what reading the array throws, and `input.token`.
  package func tensor(
    _ bytes: ByteRegion, at position: Int
  ) throws(CheckpointError) -> Tensor {
    guard !names.isEmpty, isText(position % names.count), let text = try NPYText(bytes) else {
      return try NPYFile.tensor(bytes)
    }
    return try numbers(text.strings, shape: text.shape, bytes, position)
  }

  /// The numbers of the lines of a text file.
  ///
  /// - Throws: `input.token`.
  package func lines(
    _ bytes: ByteRegion, at position: Int
  ) throws(CheckpointError) -> Tensor {
    var lines = String(decoding: bytes.bytes(), as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return try numbers(lines, shape: [lines.count], bytes, position)
  }

  private func numbers(
    _ texts: [String], shape: [Int], _ bytes: ByteRegion, _ position: Int
  ) throws(CheckpointError) -> Tensor {
    let name = names[position % names.count]
    guard let tensor = try model?.numbers(ofTexts: texts, shape: shape, forInput: name) else {
      return try NPYFile.tensor(bytes)
    }
    return tensor.located(at: bytes.location)
  }
}
