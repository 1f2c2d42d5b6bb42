import RecurKeras
import RecurPyTorch

/// The arguments of a layer in the words of Keras 2, where a program has those of Keras 1
/// (keras/legacy/interfaces.py, Keras 2.0).
struct KerasFirstWords {
  private(set) var positional: [SourceValue]
  private(set) var keywords: [(name: String, value: SourceValue)] = []

  init(_ className: String, _ given: SourceArguments) {
    positional = given.positional
    // The second and the third are the rows and the columns of a kernel.
    if className == "Convolution2D", positional.count > 2 {
      positional[1...2] = [.tuple(Array(positional[1...2]))]
    }
    let sides = ["nb_row", "nb_col"].map { side in
      given.keywords.first { $0.name == side }?.value
    }
    for (name, value) in given.keywords {
      switch name {
      case "nb_row":
        if let row = sides[0], let column = sides[1] {
          keywords.append(("kernel_size", .tuple([row, column])))
        }
      case "nb_col": continue
      case "dim_ordering": keywords.append(("data_format", Self.format(value)))
      default: keywords.append((KerasGeneration1.option(name, of: className), value))
      }
    }
  }

  /// Where the axis of the channels is: `th` of Keras 1 is in front of the others.
  static func format(_ value: SourceValue) -> SourceValue {
    switch value.text {
    case "th": .text("channels_first")
    case "tf": .text("channels_last")
    default: value
    }
  }

  /// The class of a function that merges; `merge` has it in its argument `mode`.
  static func merging(
    _ function: String, _ given: inout SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> String {
    guard function == "merge" else { return function }
    let modes = [
      "sum": "Add", "mul": "Multiply", "concat": "Concatenate", "ave": "Average", "max": "Maximum",
    ]
    let mode = given.value("mode", at: 0) ?? .text("sum")
    guard let className = mode.text.flatMap({ modes[$0] }) else {
      throw interpreter.problem("merge() with the mode \(mode.text ?? mode.title) is not supported")
    }
    let axis = given.value("concat_axis", at: 1)
    given = SourceArguments(keywords: given.keywords.filter { $0.name == "name" })
    if className == "Concatenate", let axis { given.keywords.append(("axis", axis)) }
    return className
  }
}
