import RecurContainers
import RecurModel
import RecurTensors

/// The program in a file of `torch.export.save` (torch/_export/serde/schema.py, major 5 to 8).
struct ExportedProgram {
  /// An operator and its arguments.
  struct Node {
    /// The operator: `torch.ops.aten.cat.default`.
    var target: String
    /// The arguments by the names of the operator's parameters.
    var arguments: [(name: String, value: Argument)]
    /// The names of the results; a list is one result of several names.
    var outputs: [Output]
    /// The path of the module whose code this is, for names and messages.
    var module: String
  }

  /// A result of an operator.
  enum Output {
    case one(String)
    case list([String])
    /// A result without a name.
    case nothing
  }

  /// An argument.
  indirect enum Argument {
    /// A value of the graph.
    case name(String)
    case constant(GraphValue)
    case list([Argument])
  }

  /// An input of the graph.
  struct Input {
    enum Kind {
      case weight(String)
      /// A buffer; one that is not persistent is among the constants.
      case buffer(String, isPersistent: Bool)
      case constant(String)
      /// An argument of the call.
      case argument
      /// An argument that is no array, so that the call was exported for this value of it alone.
      case fixed
    }
    var name: String
    var kind: Kind
  }

  /// A result of the program.
  enum Result {
    /// A result of the call.
    case output(Argument)
    /// The next value of a buffer.
    case buffer(name: String, value: String)
  }

  /// A tensor of the graph as the program describes it.
  struct Description {
    var type: ElementType
    var shape: [Dimension]
  }

  var nodes: [Node] = []
  var inputs: [Input] = []
  var results: [Result] = []
  /// The names of the call's arguments and results, where the program tells paths.
  var descriptions: [Name: Description] = [:]
  /// Extents that have values in the graph, by name.
  var sizes: [Name: Dimension] = [:]
  /// The program that wrote the file.
  var producer = "PyTorch"
  /// Facts for people: the version of the schema, the range of every free extent.
  var facts: [(name: String, value: String)] = []
}
