import RecurModel
import RecurTensors

extension Embedding: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    PackedEmbedding(
      table: packing.shared([table], [], "table") { _ in PackedTable(table) }, embedding: self)
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
        y.part(position * width, width).copy(table.rows.part(Int(token) * width, width))
        mask?[position] = x[position] != 0 ? 1 : 0
      }
    }
  }
}

/// The rows of an ``Embedding``: in the file itself if they are float32 there, else a copy.
@safe private struct PackedTable: PackedWeights {
  let rows: FloatBuffer
  private let owner: Tensor
  private let copy: FloatMemory?

  init(_ table: Tensor) {
    owner = table
    let (count, isContiguous) = (table.count, table.isContiguous)
    let mapped = unsafe table.withFloats { start in
      isContiguous
        ? unsafe FloatBuffer(UnsafeMutablePointer(mutating: start), count: count) : nil
    }
    if let mapped, let mapped {
      (rows, copy) = (mapped, nil)
    } else {
      let copied = FloatMemory(table.floats())
      (rows, copy) = (copied.buffer, copied)
    }
  }

  var byteCount: Int { (copy?.count ?? 0) * MemoryLayout<Float>.stride }
}
