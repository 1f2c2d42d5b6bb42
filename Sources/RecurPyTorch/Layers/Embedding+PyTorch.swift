import RecurContainers
import RecurModel
import RecurTensors

// nn.Embedding (torch/nn/modules/sparse.py, 2.13).
extension Embedding: PyTorchLayer {
  /// The name of its parameter.
  private enum Key {
    static let table = "weight"
  }

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    try visitor.visit(&table, keys.key(Key.table))
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] {
    masksZero ? [.masked("embedding \(name) masks token 0", "mask_zero=True")] : []
  }

  func leftToCode(_ name: String) -> [String] { [] }

  // MARK: generated code

  var operands: PyTorchOperands { .asGiven }
  var furtherOutputs: [String] { ["mask"] }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    construction.call("nn.Embedding", ["\(vocabularySize)", "\(outputSize)"])
  }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    (masksZero ? ["\(call.y)__mask = \(call.x) != 0"] : [])
      + call.assigning("\(call.module)(\(call.x).long())")
  }

  // MARK: declared modules

  static let classes = [
    PyTorchClass(
      "nn.Embedding", parameters: [Key.table], words: ["max_norm": nil],
      outline: { layer in
        PyTorchOutline(rank: 2, effect: .addsAxis, gives: layer.size("embedding_dim"))
      },
      recognize: { names in
        guard names.isTable, let table = names.weight(Key.table, bias: nil, rank: 2) else {
          return nil
        }
        return [
          ("num_embeddings", .integer(table.shape[0])),
          ("embedding_dim", .integer(table.shape[1])),
        ]
      },
      read: { reader, model, _ in
        reader.options.ignore(
          "padding_idx", "norm_type", "scale_grad_by_freq", "sparse", "_freeze")
        if reader.options.value("max_norm") != nil {
          reader.options.refuse("max_norm", "it changes the table while it is read")
        }
        guard let table = reader.tensor(Key.table, rank: 2, &model) else { return nil }
        reader.check("num_embeddings", table.shape[0], table)
        reader.check("embedding_dim", table.shape[1], table)
        reader.setInput([nil, nil])
        return .layer(
          .embedding(Embedding(table: table, masksZero: false, cutsFractions: false)), .anywhere)
      })
  ]
}
