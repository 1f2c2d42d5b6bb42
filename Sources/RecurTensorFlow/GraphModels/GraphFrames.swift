import RecurTensors

/// The loops of a graph: the frames in which nodes run again and again, and the values that go from round
/// to round (tensorflow/core/framework/op_def, "Enter").
struct GraphFrames {
  /// A value that goes from round to round.
  struct LoopVariable {
    /// The node that has it in every round.
    let merge: String
    /// The node that gives it to the first round.
    let enter: String
    /// The value of the next round.
    let next: String
  }

  /// The nodes by their names.
  let nodes: [Name: GraphOperator]
  /// The values of every loop, in the order of the file.
  private(set) var variables: [Name: [LoopVariable]] = [:]
  /// The frame of each `Merge` of a loop.
  private(set) var frames: [Name: Name] = [:]
  /// What decides whether each loop goes on.
  private(set) var conditions: [Name: String] = [:]

  init(_ graph: GraphMessage) throws(CheckpointError) {
    var nodes: [Name: GraphOperator] = [:]
    for node in graph.nodes {
      guard nodes.updateValue(node, forKey: Name(node.name)) == nil else {
        throw CheckpointError(
          .tensorFlowGraphInvalid, "two nodes are named '\(node.name)'", at: node.location)
      }
    }
    self.nodes = nodes
    for node in graph.nodes where node.operation == "Merge" || node.operation == "RefMerge" {
      let inputs = node.dataInputs
      guard inputs.count == 2,
        let enter = inputs.first(where: { operation($0).map(Self.isEnter) ?? false }),
        let last = inputs.first(where: { operation($0) == "NextIteration" }),
        let own = nodes[Name(GraphOperator.node(enter))], let frame = own.text("frame_name"),
        let next = nodes[Name(GraphOperator.node(last))]?.dataInputs.first
      else { continue }
      variables[Name(frame), default: []].append(
        LoopVariable(merge: node.name, enter: own.name, next: next))
      frames[Name(node.name)] = Name(frame)
    }
    for node in graph.nodes where node.operation == "Switch" || node.operation == "RefSwitch" {
      let inputs = node.dataInputs
      guard inputs.count == 2, let frame = frames[Name(GraphOperator.node(inputs[0]))],
        let condition = nodes[Name(GraphOperator.node(inputs[1]))],
        condition.operation == "LoopCond", let goesOn = condition.dataInputs.first
      else { continue }
      conditions[frame] = goesOn
    }
  }

  static func isEnter(_ operation: String) -> Bool { ["Enter", "RefEnter"].contains(operation) }

  /// The operation of the node that has a value.
  private func operation(_ value: String) -> String? {
    nodes[Name(GraphOperator.node(value))]?.operation
  }

  /// The node that a value comes from, past those that hand it on; nil where it is not in the graph.
  func source(of value: String) -> GraphOperator? {
    var own = nodes[Name(GraphOperator.node(value))]
    for _ in 0..<32 {
      guard let node = own, ["Identity", "Enter", "ReadVariableOp"].contains(node.operation),
        let first = node.dataInputs.first
      else { return own }
      own = nodes[Name(GraphOperator.node(first))]
    }
    return nil
  }

  /// The name of the variable that a value is read from, or of the constant in its place.
  func variable(of value: String) -> String? {
    source(of: value).flatMap { node in
      ["VariableV2", "Variable", "VarHandleOp", "Const"].contains(node.operation)
        ? node.name : nil
    }
  }

  /// The values that a node reads; whether a loop goes on is not one of them.
  func reads(_ node: GraphOperator) -> [String] {
    let inputs = node.dataInputs
    guard ["Switch", "RefSwitch"].contains(node.operation), let first = inputs.first,
      frames[Name(GraphOperator.node(first))] != nil
    else { return inputs }
    return [first]
  }

  /// The frame and the variable that an `Exit` hands on after the last round; nil for other nodes.
  func exit(_ node: GraphOperator) -> (frame: Name, merge: String)? {
    guard node.operation == "Exit" || node.operation == "RefExit",
      let value = node.dataInputs.first,
      let before = nodes[Name(GraphOperator.node(value))],
      let merge = before.dataInputs.first.map(GraphOperator.node),
      let frame = frames[Name(merge)]
    else { return nil }
    return (frame, merge)
  }
}

extension GraphOperator {
  /// The values that it reads, without what only has to run before.
  var dataInputs: [String] { inputs.filter { !$0.hasPrefix("^") } }

  /// The name of the node in the name of a value.
  static func node(_ value: String) -> String {
    guard let colon = value.lastIndex(of: ":"), Int(value[value.index(after: colon)...]) != nil
    else { return value }
    return String(value[..<colon])
  }

  /// The number of the output in the name of a value.
  static func output(_ value: String) -> Int {
    guard let colon = value.lastIndex(of: ":") else { return 0 }
    return Int(value[value.index(after: colon)...]) ?? 0
  }

  /// The name of a layer for the name of a node in it: without loops and without its own name.
  static func layerName(_ name: String) -> String {
    var parts = name.split(separator: "/").map(String.init)
    // What numbers make unique in a model is no part of the name.
    parts.removeAll { $0 == "while" || $0.hasPrefix("while_") }
    let scope = parts.dropLast().joined(separator: "/")
    return scope.isEmpty ? name : scope
  }
}
