import RecurFormats
import RecurModel
import RecurTensors

/// The arrays of a recorded call, by the names of the arguments that they were.
struct SourceRecording {
  /// How the axes of recorded arrays are named, the most general way first.
  enum Form: CaseIterable {
    /// As the source uses them; the recording tells their number.
    case named
    /// A batch in front, and the other extents as they were recorded.
    case batchFirst
    /// A batch behind the first axis, and the other extents as they were recorded.
    case batchSecond
    /// All extents as they were recorded.
    case fixed
  }

  private let inputs: [String: RecordedInput]
  let form: Form
  private let batch: Int?

  /// Nothing was recorded.
  init() { (inputs, form, batch) = ([:], .named, nil) }

  init(_ names: [String], _ recorded: [RecordedInput], _ form: Form) {
    self.form = form
    inputs =
      names.count <= recorded.count
      ? Dictionary(zip(names, recorded), uniquingKeysWith: { one, _ in one }) : [:]
    let first = recorded.first?.shape ?? []
    switch form {
    case .named, .fixed: batch = nil
    case .batchFirst: batch = first.first
    case .batchSecond: batch = first.count > 1 ? first[1] : nil
    }
  }

  /// The forms that an argument can have which agree with the recording: one of the given ones, or the
  /// one that the recording says.
  func forms(of name: String, among given: [SourceInputForm]) -> [SourceInputForm] {
    guard let own = inputs[name] else { return given }
    if form == .named {
      let fitting = given.filter { form in
        form.shape.count == own.shape.count
          && form.type.isFloatingPoint == own.type.isFloatingPoint
          && zip(form.shape, own.shape).allSatisfy { $0.value ?? $1 == $1 }
      }
      return fitting.isEmpty ? given : fitting
    }
    var shape = own.shape.map { Dimension.fixed($0) }
    let order = form == .batchFirst ? [0, 1] : [1, 0]
    if let batch, let axis = order.first(where: { $0 < shape.count && own.shape[$0] == batch }) {
      shape[axis] = .free("batch")
    }
    let type: ElementType =
      own.type.isFloatingPoint ? .float32 : own.type == .bool ? .bool : .int64
    return [SourceInputForm(shape: shape, type: type)]
  }
}

extension SourceInterpreter {
  /// The error with the axes that the inputs were taken to have, where others can be set.
  func namingAxes(_ error: CheckpointError) -> CheckpointError {
    guard [.sourceUnsupported, .graphUnsupported].contains(error.diagnostic.code) else {
      return error
    }
    let open = inputs.sorted { $0.key < $1.key }.compactMap { name, value -> String? in
      guard let shape = value.array.flatMap({ builder.shape($0) }), !shape.isEmpty,
        shape.contains(where: { $0.value == nil }),
        !facts.contains(where: { if case .axes(name, _, _) = $0 { true } else { false } })
      else { return nil }
      return "'\(name)': \(text(shape))"
    }
    guard !open.isEmpty, let name = inputs.keys.min() else { return error }
    return error.mapping { finding in
      var copy = finding
      copy.notes.append(
        "the axes were taken to be \(open.joined(separator: ", ")); a value such as "
          + "\(name)=['batch', 'timesteps', 9] says others, and so does a recorded call")
      return copy
    }
  }
}
