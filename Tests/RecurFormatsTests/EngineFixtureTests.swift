import Recur
import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("The engine's own code runs the models of all fixtures")
struct EngineFixtureTests {
  @Test("only layers in 16 bits are left to the reference's code", arguments: Fixture.withGolden)
  func layers(fixture: Fixture) throws {
    let model = try Checkpoint(
      opening: TestData.path(fixture.path), architecture: fixture.architecturePath
    ).model
    guard !model.needsReference else { return }
    for node in model.nodes where !node.precision.isHalfWidthFloat {
      #expect(!model.layersOnReference.contains(node.layerName), "\(node.layer.title)")
    }
  }
}
