import RecurInference
import RecurModel
import RecurTensors
import Testing

@Suite("Products of rows, and batches of the reference")
struct RowProductsTests {
  @Test("are the sums of the definition, and those of a row depend on that row alone")
  func products() {
    var numbers = RandomNumbers(seed: 21)
    for _ in 0..<300 {
      let (columns, outputs) = (numbers.integer(0...70), numbers.integer(1...11))
      let rows = numbers.integer(0...9)
      let w = (0..<outputs * columns).map { _ in Double.random(in: -1...1, using: &numbers) }
      let x = (0..<rows * columns).map { _ in Double.random(in: -1...1, using: &numbers) }
      let y = RowProducts.products(w, outputs: outputs, x, rows: rows)
      let plain = plainProducts(w, outputs: outputs, x, rows: rows)
      #expect(zip(y, plain).allSatisfy { abs($0 - $1) <= 1e-13 } && y.count == plain.count)
      let (floatW, floatX) = (w.map { Float($0) }, x.map { Float($0) })
      let floatY = RowProducts.products(floatW, outputs: outputs, floatX, rows: rows)
      #expect(zip(floatY, plain).allSatisfy { abs(Double($0) - $1) <= 1e-5 })
      for row in 0..<rows {
        let part = Array(x[row * columns..<(row + 1) * columns])
        let alone = RowProducts.products(w, outputs: outputs, part, rows: 1)
        #expect(alone == Array(y[row * outputs..<(row + 1) * outputs]))
      }
    }
  }

  /// Whether a layer keeps the batch on the first axis and computes each sequence by itself.
  private func keepsSequencesApart(_ layer: Layer) -> Bool {
    switch layer {
    case .input, .recurrent, .bidirectional, .dense, .masking: true
    default: false
    }
  }

  @Test("a sequence has the same bits alone as in a batch", arguments: 0..<4)
  func batches(part: Int) throws {
    var count = 0
    for seed in part * 100..<(part + 1) * 100 {
      let (model, calls) = try RandomModels.model(seed: seed)
      let batches = Set(calls.joined().map { $0.shape.first })
      guard model.nodes.allSatisfy({ keepsSequencesApart($0.layer) }), batches.count == 1 else {
        continue
      }
      count += 1
      var whole = RecurrentState()
      let expected = try calls.map { try model.run($0, state: &whole) }
      let batch = calls[0].first?.shape.first ?? 0
      for row in 0..<batch {
        var state = RecurrentState()
        for (inputs, outputs) in zip(calls, expected) {
          let alone = try model.run(
            inputs.map { $0.slice(axis: 0, row..<row + 1) }, state: &state)
          for (one, all) in zip(alone, outputs) {
            let own = all.slice(axis: 0, row..<row + 1)
            #expect(
              one.doubles().map(\.bitPattern) == own.doubles().map(\.bitPattern), "model \(seed)")
          }
        }
      }
    }
    #expect(count > 3)
  }
}
