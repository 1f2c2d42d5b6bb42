import RecurModel
package import RecurTensors

/// Packs layers for one instruction set; weights that several nodes share are packed once.
struct LayerPacking {
  /// What makes packed weights those of another layer too.
  private struct Key: Hashable {
    let tensors: [TensorIdentity]
    let functions: [Activation]
    let kind: String
  }

  let kernels: Kernels
  private var cells: [Key: [PackedCell]] = [:]
  private var matrices: [Key: PackedMatrix] = [:]
  private var tables: [Key: PackedTable] = [:]

  init(_ kernels: Kernels) { self.kernels = kernels }

  /// The bytes that all packed weights take.
  var byteCount: Int {
    cells.values.reduce(0) { $0 + $1.reduce(0) { $0 + $1.byteCount } }
      + matrices.values.reduce(0) { $0 + $1.byteCount }
      + tables.values.reduce(0) { $0 + $1.byteCount }
  }

  /// The layer of a node.
  ///
  /// - Throws: `engine.precision` for a layer that computes in float64, and for an Embedding of more
  ///   rows than binary32 can count.
  mutating func pack(_ node: Model.Node) throws(CheckpointError) -> PackedLayer {
    if let refusal = node.engineRefusal { throw refusal }
    if node.precision.isHalfWidthFloat { return .reference }
    return pack(node.layer)
  }

  private mutating func pack(_ layer: Layer) -> PackedLayer {
    switch layer {
    case .input, .identity: return .identity
    case .recurrent(let recurrent): return .recurrent(pack(recurrent))
    case .bidirectional(let pair):
      return .bidirectional(pack(pair.forward), pack(pair.backward), pair.mergeMode)
    case .timeDistributed(let inner):
      let packed = pack(inner)
      if case .reference = packed { return .reference }
      return .timeDistributed(packed)
    case .dense(let dense): return .dense(pack(dense), dense.activation)
    case .embedding(let embedding): return .embedding(pack(embedding.table), embedding)
    case .convolution(let convolution): return .convolution(pack(convolution), convolution)
    case .pooling(let pooling): return .pooling(pooling)
    case .batchNormalization(let normalization):
      let (mean, variance) = (
        normalization.movingMean.doubles(), normalization.movingVariance.doubles()
      )
      let (gamma, beta) = (normalization.gamma?.doubles(), normalization.beta?.doubles())
      let scale = variance.indices.map {
        (gamma?[$0] ?? 1) / (variance[$0] + normalization.epsilon).squareRoot()
      }
      return .affine(
        scale: scale.map { Float($0) },
        shift: mean.indices.map { Float((beta?[$0] ?? 0) - mean[$0] * scale[$0]) })
    case .layerNormalization(let normalization):
      return .layerNormalization(
        gamma: normalization.gamma?.floats(), beta: normalization.beta?.floats(),
        epsilon: normalization.epsilon)
    case .standardization(let moments):
      return .standardization(
        mean: moments.mean.floats(),
        deviation: moments.variance.doubles().map {
          Float(max($0.squareRoot(), Standardization.epsilon))
        }, isInverse: moments.isInverse)
    case .scaling(let scaling):
      return .affine(
        scale: scaling.scale.map { Float($0) }, shift: scaling.offset.map { Float($0) })
    case .activation(let activation): return .activation(activation)
    case .parametricReLU(let alpha):
      return .parametricReLU(alpha: FloatMemory(alpha.floats()), shape: alpha.shape)
    case .reshaping(let reshaping): return .reshaping(reshaping)
    case .selection(let selection): return .selection(selection)
    case .lengthMask: return .lengthMask
    case .merge(.dot): return .reference
    case .merge(let merge): return .merge(merge)
    case .attention, .opaque: return .reference
    case .masking(let value): return .masking(value: value)
    case .notEqual(let value): return .notEqual(value: value)
    case .anyTrue(let axis, let keepsAxis): return .anyTrue(axis: axis, keepsAxis: keepsAxis)
    }
  }

  private mutating func pack(_ layer: Recurrent) -> PackedRecurrent {
    PackedRecurrent(
      cells: layer.cell.cells.flatMap { pack($0) }, returnsSequence: layer.returnsSequence,
      returnsState: layer.returnsState, direction: layer.direction,
      maskedOutput: layer.maskedOutput, keptStateWins: layer.keptStateWins)
  }

  private mutating func pack(_ cell: RecurrentCell) -> [PackedCell] {
    let functions: [Activation]
    let kind: String
    switch cell {
    case .lstm(let lstm):
      (functions, kind) = ([lstm.recurrentActivation, lstm.activation], "lstm")
    case .gru(let gru):
      (functions, kind) = (
        [gru.recurrentActivation, gru.activation], gru.resetPlacement.rawValue
      )
    case .simpleRNN(let rnn): (functions, kind) = ([rnn.activation], "rnn")
    case .stacked(let cells): return cells.flatMap { pack($0) }
    }
    let key = Key(
      tensors: cell.tensors.map { TensorIdentity($0.tensor) }, functions: functions, kind: kind)
    let packed = cells[key] ?? PackedCell.packing(cell, kernels)
    cells[key] = packed
    return packed
  }

  private mutating func pack(_ dense: Dense) -> PackedMatrix {
    let key = Key(
      tensors: [dense.kernel, dense.bias].compactMap { $0.map { TensorIdentity($0) } },
      functions: [dense.activation], kind: "dense")
    let packed =
      matrices[key] ?? PackedMatrix(dense.kernel, bias: dense.bias, dense.activation, kernels)
    matrices[key] = packed
    return packed
  }

  private mutating func pack(_ table: Tensor) -> PackedTable {
    let key = Key(tensors: [TensorIdentity(table)], functions: [], kind: "table")
    let packed = tables[key] ?? PackedTable(table)
    tables[key] = packed
    return packed
  }

  /// One matrix per group of channels, its columns in the order of a window: element by element, the
  /// channels of each next to each other.
  private mutating func pack(_ layer: Convolution) -> [PackedMatrix] {
    let kernel = layer.kernel.floats()
    let bias = layer.bias?.floats()
    let (inputs, size) = (layer.inputSize / layer.groups, layer.kernelSize)
    let outputs = layer.outputSize / layer.groups
    let tensors = [layer.kernel, layer.bias].compactMap { $0.map { TensorIdentity($0) } }
    return (0..<layer.groups).map { group in
      let key = Key(
        tensors: tensors, functions: [layer.activation], kind: "group \(group) of \(layer.groups)")
      if let packed = matrices[key] { return packed }
      var rows: [Float] = []
      rows.reserveCapacity(outputs * inputs * size)
      for output in group * outputs..<(group + 1) * outputs {
        for k in 0..<size {
          for channel in 0..<inputs { rows.append(kernel[(output * inputs + channel) * size + k]) }
        }
      }
      let packed = PackedMatrix(
        rows, units: outputs, inputs: inputs * size,
        bias: bias.map { Array($0[group * outputs..<(group + 1) * outputs]) },
        layer.groups == 1 ? layer.activation : .linear, kernels)
      matrices[key] = packed
      return packed
    }
  }
}

extension Model.Node {
  /// Why the engine can't run this node: it computes in float64, or an Embedding has more rows than
  /// binary32 can count; nil when it can.
  var engineRefusal: CheckpointError? {
    if case .input = layer { return nil }
    if precision == .float64 {
      return refusal(
        "\(layer.title) '\(layerName)' computes in float64, and the engine in float32",
        expected: "float32, float16 or bfloat16", found: "float64")
    }
    if case .embedding(let embedding) = layer, embedding.vocabularySize > 1 << 24,
      !precision.isHalfWidthFloat
    {
      return refusal(
        "'\(layerName)' has more rows than the engine's tokens can count in float32",
        expected: "at most \(1 << 24)", found: "\(embedding.vocabularySize)")
    }
    return nil
  }

  private func refusal(
    _ message: String, expected: String, found: String
  ) -> CheckpointError {
    CheckpointError(
      .enginePrecision, message, at: location, expected: expected, found: found,
      remedies: [.useReference])
  }
}

extension Diagnostic.Code {
  package static let enginePrecision = Self(rawValue: "engine.precision")
}
