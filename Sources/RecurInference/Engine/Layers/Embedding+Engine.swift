import RecurModel
import RecurTensors

extension Embedding: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    PackedEmbedding(
      table: packing.shared([table], [], "table") { PackedTable(table, $0.weights) },
      embedding: self)
  }
}

private struct PackedEmbedding: PlannedLayer {
  let table: PackedTable
  let embedding: Embedding

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (x, y, node) = (call.x.buffer, call.y.buffer, call.step.node)
    let (width, count) = (embedding.outputSize, embedding.vocabularySize)
    let mask = embedding.masksZero && call.outputs.count > 1 ? call.outputs[1].buffer : nil
    let (table, embedding) = (table, embedding)
    planner.act { () throws(CheckpointError) in
      for position in x.indices {
        let token = x[position].rounded(.towardZero)
        guard token >= 0, token < Float(count) else {
          throw .token("\(Double(x[position]))", at: position, embedding, node)
        }
        table.copyRow(Int(token), to: y.part(position * width, width))
        mask?[position] = x[position] != 0 ? 1 : 0
      }
    }
  }
}
