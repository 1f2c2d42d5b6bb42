import RecurModel
import RecurTensors

/// What the module that reads an argument of the model first says about it.
enum SourceHint {
  /// Whole numbers of a vocabulary.
  case tokens
  /// Rows of features.
  case features(Int)
  /// One row of features per sequence.
  case row(Int)
  /// A sequence of rows.
  case sequence(Int, isBatchFirst: Bool)
  /// Channels in front of one or several axes.
  case channels(Int, axes: Int)
  /// A state of this shape.
  case state([Dimension])
  /// The lengths of sequences.
  case lengths
}

/// What an array that a model is called with may be.
struct SourceInputForm {
  var shape: [Dimension]
  var type = ElementType.float32
}

// The arguments of `forward`, which become inputs of the model when they are read first.
extension SourceInterpreter {
  /// The input that an argument is.
  mutating func input(_ name: String, _ hint: SourceHint? = nil) throws(SourceStop) -> GraphValue {
    if let known = inputs[name]?.array { return known }
    guard round == nil else {
      return try outside { interpreter throws(SourceStop) in try interpreter.input(name, hint) }
    }
    let forms = recording.forms(of: name, among: admitted(forms(of: name, hint), name))
    let choice = min(choices[name] ?? 0, forms.count - 1)
    formCounts[name] = forms.count
    var form = forms[choice]
    for case .axes(name, let shape, let type) in facts {
      form = SourceInputForm(shape: shape, type: type)
    }
    if facts.contains(.whole(name)) { form.type = .int64 }
    var batch: Dimension? = .free("batch")
    if facts.contains(.timeMajor(name)), recording.form == .named {
      let time = Dimension.free("timesteps")
      if form.shape.count > 2 || form.type == .int64, form.shape.count > 1 {
        form.shape.swapAt(0, 1)
      } else {
        form.shape[0] = time
        batch = nil
      }
    }
    form.shape = form.shape.map { extent in
      guard let own = extent.names.first else { return extent }
      for case .extent(own, let value) in facts { return .fixed(value) }
      return extent
    }
    if let own = batch, !form.shape.contains(own) { batch = nil }
    for case .form(name, let example, _) in facts
    where zip(form.shape, example).contains(where: { $0.value != nil && $0.value != $1 }) {
      throw problem(
        "the argument '\(name)' is read as \(text(form.shape)), and was \(tuple(example)) in a call"
      )
    }
    let (shape, type, axis) = (form.shape, form.type, batch)
    let value = try graph { builder throws(CheckpointError) in
      try builder.input(name, shape: shape, type: type, batch: axis)
    }
    inputs[name] = .plain(value)
    return value
  }

  /// The forms that have the axes and the numbers that an argument is known to have.
  private func admitted(_ forms: [SourceInputForm], _ name: String) -> [SourceInputForm] {
    for case .form(name, let example, let isWhole) in facts {
      var own = forms.filter { form in
        form.shape.count == example.count
          && zip(form.shape, example).allSatisfy { $0.value == nil || $0.value == $1 }
      }
      if own.isEmpty {
        let axes = example.indices.dropFirst().map { Dimension.free("axis\($0)(\(name))") }
        own = [SourceInputForm(shape: example.isEmpty ? [] : [.free("batch")] + axes)]
      }
      for index in own.indices { own[index].type = isWhole ? .int64 : .float32 }
      return own
    }
    return forms
  }

  /// What names of states begin with: `h_t`, `c_in`.
  private static let stateNames: Set<Substring> = [
    "h", "c", "hx", "cx", "h0", "c0", "hn", "cn",
  ]

  /// The forms that an argument can have, the most usual one first.
  private func forms(of name: String, _ hint: SourceHint?) -> [SourceInputForm] {
    let batch = Dimension.free("batch")
    let isFirst = inputs.isEmpty
    let time: Dimension = isFirst || sharesTime ? .free("timesteps") : .free("timesteps(\(name))")
    let features = Dimension.free("features(\(name))")
    func floats(_ shapes: [Dimension]...) -> [SourceInputForm] {
      shapes.map { SourceInputForm(shape: $0) }
    }
    func whole(_ shapes: [Dimension]...) -> [SourceInputForm] {
      shapes.map { SourceInputForm(shape: $0, type: .int64) }
    }
    switch hint {
    case .tokens?: return whole([batch, time], [batch], [batch, .fixed(1)], [.fixed(1), batch])
    case .lengths?: return whole([batch])
    case .features(let width)?:
      return floats([batch, time, .fixed(width)], [batch, .fixed(width)], [.fixed(width)])
    case .row(let width)?: return floats([batch, .fixed(width)])
    case .sequence(let width, let isBatchFirst)?:
      return isBatchFirst
        ? floats([batch, time, .fixed(width)], [time, .fixed(width)])
        : floats([.free("timesteps"), batch, .fixed(width)], [time, .fixed(width)])
    case .channels(let count, let axes)?:
      let spatial: [Dimension] =
        axes == 1 ? [time] : (1...axes).map { .free("axis\($0)(\(name))") }
      return floats([batch, .fixed(count)] + spatial, [.fixed(count)] + spatial)
    case .state(let shape)?: return floats(shape)
    case nil: break
    }
    let word = name.lowercased()
    if word.contains("len") || word.hasSuffix("sizes") {
      return whole([batch]) + floats([batch, time, features])
    }
    var general =
      floats([batch, time, features], [batch, features]) + whole([batch, time], [batch])
      + floats(
        [batch, features, .free("axis2(\(name))"), .free("axis3(\(name))")], [batch, time], [batch])
    let state = [Dimension.free("axis0(\(name))"), batch, features]
    if dialect != nil { general += floats(state, [features], [.fixed(1), features]) }
    if ["state", "hidden"].contains(where: word.contains)
      || Self.stateNames.contains(word.prefix { $0 != "_" })
    {
      general.insert(SourceInputForm(shape: state), at: 0)
    }
    for case .rank(let rank) in facts {
      general =
        general.filter { $0.shape.count == rank } + general.filter { $0.shape.count != rank }
    }
    if word.contains("mask") { return whole([batch, time]) + general }
    if ["token", "ids", "index", "idx", "tag", "label"].contains(where: word.contains) {
      return whole([batch, time], [batch]) + general
    }
    return general
  }

  /// The part of an argument that is a dictionary.
  mutating func part(_ name: String, _ key: String) throws(SourceStop) -> SourceValue {
    .argument("\(name)_\(key)")
  }

  /// Learns that the argument from which an array comes holds whole numbers.
  func demandWhole(_ x: GraphValue) throws(SourceStop) {
    guard case .computed(let value) = x, builder.type(x)?.isFloatingPoint == true else { return }
    var name = value.node
    for node in builder.nodes.reversed() where node.name == name {
      if case .input = node.layer { throw .learned(.whole(name)) }
      guard let source = node.inputs.first else { return }
      name = source.node
    }
  }
}
