import Recur
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("What the numbers of a model say")
struct NumericFindingsTests {
  private func findings(_ file: String, golden: String? = nil) throws -> [Diagnostic] {
    let checkpoint = try Checkpoint(opening: TestData.path("mistakes/" + file))
    return checkpoint.numericFindings(golden: golden.map { TestData.path("mistakes/" + $0) })
  }

  @Test("gates whose weights are zero are told by unit, and a kernel of zeros by gate")
  func constant() throws {
    let found = try findings("dead_gates.pt").filter { $0.code.rawValue == "model.gate.constant" }
    #expect(found.count == 2)
    #expect(found.first?.message.hasPrefix("the forget gate of 3 of 20 units of 'lstm'") == true)
    #expect(found.first?.found?.hasPrefix("units 0, 1, 2, value ") == true)
    #expect(found.last?.message.hasPrefix("the output gate of 'lstm' does not depend") == true)
    #expect(found.allSatisfy { $0.severity == .warning })
  }

  @Test("a gate that can't open is told only where the input is bounded") func dead() throws {
    // The bias of -60 is in the first layer of `dead_gates.pt`, and behind an LSTM in
    // `dead_unit.pt`.
    #expect(!(try findings("dead_gates.pt")).contains { $0.code.rawValue == "model.gate.dead" })
    let found = try findings("dead_unit.pt").filter { $0.code.rawValue == "model.gate.dead" }
    #expect(found.count == 1)
    #expect(found.first?.message.contains("the input gate of 1 of 20 units") == true)
    #expect(found.first?.found == "unit 4, whatever the input is")
  }

  @Test("gates that see the cell are bounded by nothing") func peepholes() throws {
    var model = try Checkpoint(opening: TestData.path("mistakes/dead_unit.pt")).model
    var changed = 0
    for index in model.nodes.indices {
      guard case .recurrent(var layer) = model.nodes[index].layer, case .lstm(var lstm) = layer.cell
      else { continue }
      let ones = try Tensor.float32([Float](repeating: 1, count: lstm.units), shape: [lstm.units])
      lstm.peepholes = LSTM.Peepholes(input: ones, forget: ones, output: ones)
      layer.cell = .lstm(lstm)
      model.nodes[index].layer = .recurrent(layer)
      changed += 1
    }
    #expect(changed > 0)
    #expect(model.numericFindings().isEmpty)
  }

  @Test("gates that are at their ends on a recording are a note, and usual ones are none")
  func saturated() throws {
    let found = try findings("lstm.h5", golden: "unscaled.golden.npz")
      .filter { $0.code.rawValue == "model.gate.saturated" }
    #expect(!found.isEmpty)
    #expect(found.allSatisfy { $0.severity == .note })
    #expect(found.first?.reason?.contains("not scaled") == true)
    #expect(try findings("lstm.h5", golden: "lstm.golden.npz").isEmpty)
  }

  @Test("no fixture of a healthy model has a warning", arguments: Fixture.withGolden)
  func healthy(_ fixture: Fixture) throws {
    let checkpoint = try Checkpoint(
      opening: TestData.path(fixture.path), architecture: fixture.architecturePath)
    let golden = try #require(fixture.golden)
    let warnings = checkpoint.numericFindings(golden: TestData.path(golden))
      .filter { $0.severity != .note }
    #expect(warnings.isEmpty, "\(warnings.map(\.message))")
  }

  @Test("numbers that are not finite are an error and stop the rest") func notFinite() throws {
    let model = try Checkpoint(opening: TestData.path("broken/weight_is_nan.h5")).model
    let found = model.numericFindings()
    #expect(found.map(\.code.rawValue) == ["tensor.not-finite"])
    #expect(found.first?.expected == "finite numbers")
  }
}
