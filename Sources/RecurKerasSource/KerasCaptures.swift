import RecurModel
import RecurPyTorch
import RecurSource

/// The values that functions of Lambda layers take from around them when the layers are called.
///
/// TensorFlow 1 keeps these values; from TensorFlow 2 on the functions run again in every call of the
/// model, with the values of then.
struct KerasCaptures {
  private struct Capture {
    let fold: Int
    let name: String
    let scope: SourceScope
    /// The number or the text that the name had.
    let value: GraphValue
  }

  private var captures: [Capture] = []

  /// Notes the plain values that a function reads from around it.
  mutating func note(_ function: SourceFunction, _ fold: Int, _ files: SourceFiles) {
    let text = files.trees[function.scope.source].text.text(function.span)
    let own = Set(function.parameters.map(\.name))
    let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
    for word in Set(words).subtracting(own) {
      guard captures.count < 10_000, let value = Self.plain(function.scope.value(of: word)) else {
        continue
      }
      captures.append(Capture(fold: fold, name: word, scope: function.scope, value: value))
    }
  }

  /// The name whose value is another one in the end, for the function of this number; nil for none.
  func change(of fold: Int) -> String? {
    captures.first { capture in
      guard capture.fold == fold else { return false }
      guard let last = Self.plain(capture.scope.value(of: capture.name)) else { return true }
      return last.double != capture.value.double || last.text != capture.value.text
    }?.name
  }

  private static func plain(_ value: SourceValue?) -> GraphValue? {
    guard case .plain(let plain)? = value, plain.double != nil || plain.text != nil else {
      return nil
    }
    return plain
  }
}
