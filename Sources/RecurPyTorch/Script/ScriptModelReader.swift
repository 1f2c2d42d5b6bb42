import RecurFormats
import RecurModel
import RecurSource
import RecurStateDicts
import RecurTensors

/// Makes a model of the code, the objects and the weights of a TorchScript archive.
struct ScriptModelReader {
  let files: SourceFiles
  let template: ScriptTemplate
  let constants: [String: SourceValue]
  let stateDict: StateDict
  /// The arrays with which the model was traced; nil for one that was not.
  let examples: ScriptExamples?
  /// The arguments of `forward` that are inputs; nil for those without a default.
  let inputs: [String]?
  /// Values of arguments of `forward`, as Python text.
  let settings: [(name: String, value: String)]
  /// The arrays of a recorded call.
  let recorded: [RecordedInput]

  /// The model.
  ///
  /// - Throws: `source.unsupported`, `source.model`, each with the place in the code.
  func model(
    named name: String
  ) throws(CheckpointError) -> (model: Model, warnings: [Diagnostic]) {
    var options = SourceModelReader.Options()
    options.inputs = inputs
    options.recorded = recorded
    for setting in settings {
      options.settings.append((setting.name, try SourceArchitecture.value(setting.value)))
    }
    let reader = SourceModelReader(
      files, stateDict.tensors, options, dialect: ScriptDialect(constants: constants))
    guard case .function(let function)? = template.root(reader.base).type?.member("forward") else {
      throw CheckpointError(
        .sourceModel, "the module has no code of a forward pass",
        at: files.trees.first.map { .init(file: $0.text.name) } ?? .init(),
        hint: "save the module again: torch.jit.save(torch.jit.script(model.eval()), path)")
    }
    let parameters = Array(function.parameters.dropFirst())
    var program = SourceProgram(function: function, className: "forward") { reader in
      (template.root(reader.base), [:])
    }
    for (name, _) in options.settings where !parameters.contains(where: { $0.name == name }) {
      throw CheckpointError(
        .sourceModel, "forward() has no argument '\(name)'",
        at: place(function.span, function),
        expected: parameters.map(\.name).joined(separator: ", "), found: name)
    }
    for (index, parameter) in parameters.enumerated() {
      let setting = options.settings.first { $0.name == parameter.name }?.value
      if let setting, setting.plain?.list == nil, !isShape(setting) {
        program.values[parameter.name] = setting
        continue
      }
      try describe(parameter, index, function, &program)
    }
    let (model, warnings, reads) = try reader.forward(
      program, named: name, producer: stateDict.producer)
    return (model, warnings + unused(reads))
  }

  private func isShape(_ value: SourceValue) -> Bool {
    switch value {
    case .list, .tuple: true
    default: false
    }
  }

  private func place(_ span: SourceSpan, _ function: SourceFunction) -> Diagnostic.Location {
    files.trees[function.scope.source].location(span)
  }

  /// What the type of an argument, and the array with which the model was traced, say about the argument.
  private func describe(
    _ parameter: RecurSource.Parameter, _ index: Int, _ function: SourceFunction,
    _ program: inout SourceProgram
  ) throws(CheckpointError) {
    guard let annotation = parameter.annotation else { return }
    let text = files.trees[function.scope.source].text.text(annotation.span)
      .filter { $0 != " " && $0 != "\n" }
    switch text {
    case "Tensor":
      if let examples, examples.arguments.indices.contains(index),
        let example = examples.arguments[index]
      {
        program.facts.append(
          .form(parameter.name, example.shape, isWhole: example.isWhole))
        // traced code may hold for the number of timesteps in that call alone
        if program.lastResorts.isEmpty, example.shape.count > 1 {
          program.lastResorts = [.extent("timesteps", example.shape[1])]
        }
      }
    case "Optional[Tensor]", "Dict[str,Tensor]": break
    case _ where text.hasPrefix("Tuple[Tensor") && text.allSatisfy({ "Tuple[nsor,]".contains($0) }):
      let count = text.split(separator: ",").count
      program.facts.append(
        .parts(parameter.name, (0..<count).map { "\(parameter.name)_\($0)" }))
    case _ where parameter.value != nil: break
    case "int", "float", "bool", "str":
      throw CheckpointError(
        .sourceModel, "the code does not say what '\(parameter.name)' is, which is no array",
        at: place(parameter.span, function), expected: text,
        hint: "give its value: \(parameter.name)=…")
    default:
      throw CheckpointError(
        .sourceUnsupported, "an argument of the type '\(text.prefix(200))' is not supported",
        at: place(parameter.span, function), expected: "arrays, tuples and dictionaries of arrays")
    }
  }

  /// Names the tensors that the forward pass does not read, under any of their names.
  private func unused(_ reads: Set<String>) -> [Diagnostic] {
    let entries = stateDict.tensors.entries
    let used = Set(entries.filter { reads.contains($0.name) }.map { TensorIdentity($0.tensor) })
    return entries.compactMap { entry in
      guard !used.contains(TensorIdentity(entry.tensor)),
        !entry.name.hasSuffix("num_batches_tracked")
      else { return nil }
      return Diagnostic(
        .tensorUnused, .note, "the forward pass does not read '\(entry.name)'",
        at: entry.tensor.location)
    }
  }
}
