import RecurContainers
package import RecurFormats
package import RecurModel
package import RecurTensors

/// Weights of MLX' modules, written in safetensors or as a NumPy archive; reading tells them by their
/// names, in any such file.
package struct MLXFormat: ModelEncoding {
  /// The containers.
  package enum Container: Sendable {
    case safetensors
    case npz
  }

  private let container: Container

  package init(_ container: Container) { self.container = container }

  package var id: String {
    switch container {
    case .safetensors: "mlx-safetensors"
    case .npz: "mlx-npz"
    }
  }
  package var title: String {
    switch container {
    case .safetensors: "MLX weights in safetensors"
    case .npz: "MLX weights in a NumPy archive"
    }
  }
  package let extensions: [String] = []
  package var holdsArchitecture: Bool { false }

  package func encode(
    _ model: Model, options: EncodeOptions
  ) throws(CheckpointError) -> any EncodedModel {
    let writer = try MLXWriter(model)
    if case .npz = container {
      for (name, tensor) in writer.tensors.entries
      where tensor.elementType == .bfloat16 || tensor.elementType.float8 != nil {
        throw CheckpointError(
          .modelUnrepresentable, "'\(name)' is \(tensor.elementType), which NumPy does not have",
          at: tensor.location, hint: "write safetensors")
      }
    }
    return EncodedMLX(writer, container)
  }
}

/// Arrays of MLX, ready to be written.
private struct EncodedMLX: EncodedFile {
  let mappings: [TensorMapping]
  let diagnostics: [Diagnostic]
  let isRounded: Bool
  private let tensors: TensorTable
  private let container: MLXFormat.Container

  init(_ writer: MLXWriter, _ container: MLXFormat.Container) {
    (mappings, tensors, isRounded) = (writer.mappings, writer.tensors, writer.isRounded)
    self.container = container
    diagnostics = [
      Diagnostic(
        .mlxCode, .note,
        "the file holds weights alone: which modules follow each other, their functions and directions are "
          + "code in MLX")
    ]
  }

  func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError) {
    switch container {
    case .safetensors: try SafetensorsWriter.write(tensors, metadata: [], to: &sink)
    case .npz: try NPZArchive.write(tensors.entries, comment: [], to: &sink)
    }
  }

  func readBack(_ written: FileProbe) throws(CheckpointError) -> ReadBack {
    let table: TensorTable
    switch container {
    case .safetensors:
      table = try SafetensorsFile(written.bytes, limits: DecodeLimits()).tensors
    case .npz: table = try NPZArchive(written.bytes).table()
    }
    var pairs: [(name: String, written: Tensor, meant: Tensor)] = []
    for (name, meant) in tensors.entries {
      guard let tensor = table[name] else {
        throw CheckpointError(.tensorMissing, "there is no tensor '\(name)'")
      }
      pairs.append((name, tensor, meant))
    }
    return .tensors(pairs)
  }
}

extension Diagnostic.Code {
  /// What of a model is code in MLX and in no file.
  static let mlxCode = Self(rawValue: "mlx.code")
}
