import RecurModel
import RecurSource
import RecurTensors

// Argument parsers, of which the defaults count.
extension SourceInterpreter {
  /// A method of an argument parser: the object keeps the defaults.
  func call(
    parser object: SourceObject, _ name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    switch name {
    case "add_argument":
      let names = given.positional.compactMap(\.text)
      let long = names.first { $0.hasPrefix("--") } ?? names.first
      guard let long else { return .none }
      let bare =
        given.value("dest")?.text ?? String(long.drop { $0 == "-" }).replacing("-", with: "_")
      let action = given.value("action")?.text
      let standard: SourceValue =
        action == "store_true" ? .flag(false) : action == "store_false" ? .flag(true) : .none
      object[bare] = given.value("default") ?? standard
      return .none
    case "parse_args", "parse_known_args":
      return name == "parse_args"
        ? .object(object) : .tuple([.object(object), .list(SourceList([]))])
    case "add_argument_group", "add_mutually_exclusive_group", "add_subparsers":
      return .bound(.object(object), "argparse")
    default: return .none
    }
  }
}
