/// Numbers below zero on the command line, which look like options.
enum NegativeNumbers {
  /// The arguments with `--pad-value -1` as `--pad-value=-1`, where a parser would take -1 for an
  /// option of its own.
  static func joined(_ arguments: [String]) -> [String] {
    var result: [String] = []
    var isEnded = false
    for argument in arguments {
      if !isEnded, let option = result.last, option.hasPrefix("--"), option != "--",
        !option.contains("="), isNegative(argument)
      {
        result[result.count - 1] = option + "=" + argument
      } else {
        result.append(argument)
      }
      isEnded = isEnded || argument == "--"
    }
    return result
  }

  /// Whether the text begins with a number below zero: `-1`, `-.5`, `-1,10,3`, `-inf`.
  private static func isNegative(_ text: String) -> Bool {
    guard text.hasPrefix("-") else { return false }
    let first = text.split(separator: ",", omittingEmptySubsequences: false)[0]
    return Double(first) != nil
  }
}
