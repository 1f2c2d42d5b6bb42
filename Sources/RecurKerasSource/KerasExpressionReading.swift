import RecurContainers
import RecurFormats
import RecurPyTorch
import RecurSource
import RecurTensors

/// Reads the function of a Lambda layer from an expression: `x[:, -1]`, `lambda x: x * 2`.
struct KerasExpressionReading {
  private let tree: SourceTree
  private let name: String

  /// - Throws: what parsing the expression throws.
  init(_ text: String, _ name: String) throws(CheckpointError) {
    self.name = name
    tree = try SourceTree(
      parsing: SourceText(name: "the expression of '\(name)'", bytes: Array(text.utf8)))
  }

  /// The names that an expression may use besides its argument.
  private static let names = [
    "tf": "tensorflow", "keras": "keras", "K": "keras.backend", "ops": "keras.ops",
  ]

  /// The config of a model without weights that computes the expression of its inputs, which are `x`.
  ///
  /// - Throws: `source.unsupported`, `source.model`, with the place in the expression.
  func config(inputs count: Int) throws(CheckpointError) -> JSONValue {
    let place = Diagnostic.Location(file: tree.text.name)
    guard tree.statements.count == 1, case .expression(let expression) = tree.statements[0].kind
    else {
      throw CheckpointError(
        .sourceModel, "the function of '\(name)' is not one expression", at: place,
        expected: "x[:, -1]")
    }
    let program = KerasProgram(settings: [:])
    let files = SourceFiles(trees: [tree], names: ["expression"])
    var interpreter = SourceInterpreter(files, dialect: KerasSourceDialect(program: program))
    interpreter.phase = .construction
    let inputs = (0..<max(count, 1)).map { _ in
      KerasSourceTensor(
        KerasSourceLayer("InputLayer", at: interpreter.position, in: program), call: 0, output: 0)
    }
    let argument: SourceValue =
      inputs.count == 1
      ? .foreign(inputs[0]) : .list(SourceList(inputs.map { .foreign($0) }))
    let scope = SourceScope(parent: nil, source: 0)
    for (name, library) in Self.names { scope.values[name] = .library(library) }
    scope.values["x"] = argument
    do throws(SourceStop) {
      var result = try interpreter.evaluate(expression, scope)
      if case .function = result {
        result = try interpreter.call(result, SourceArguments(positional: [argument]))
      }
      guard let output = result.foreign as? KerasSourceTensor else {
        throw interpreter.problem(
          result.unknown?.reason ?? "the expression gives \(result.title), no tensor")
      }
      var config = KerasSourceConfig(program, files)
      return try config.functional(name, inputs, [output], &interpreter)
    } catch {
      if case .problem(let error) = error { throw error }
      throw CheckpointError(.sourceModel, "the expression can't be read", at: place)
    }
  }
}
