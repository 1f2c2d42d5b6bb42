import Recur
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

@Suite("Every fixture does what the manifest says")
struct FixtureTests {
  @Test("opens, or is refused for the listed reasons", arguments: Fixture.all)
  func reading(fixture: Fixture) throws {
    var found: [Diagnostic] = []
    do throws(CheckpointError) {
      let path = TestData.path(fixture.path)
      if fixture.command == "inspect" {
        found = try Checkpoint.inspect(path).diagnostics
      } else {
        let checkpoint = try Checkpoint(opening: path)
        found = checkpoint.diagnostics + checkpoint.model.notFiniteFindings()
      }
    } catch {
      found = error.diagnostics
      #expect(error.diagnostic.location != .init(), "an error must say where")
    }
    let codes = Set(found.filter { $0.severity != .note }.map(\.code.rawValue))
    #expect(codes.sorted() == fixture.expects)
  }

  @Test("computes what its framework recorded", arguments: Fixture.withGolden)
  func golden(fixture: Fixture) throws {
    let golden = try #require(fixture.golden)
    let checkpoint = try Checkpoint(opening: TestData.path(fixture.path))
    let verification = try checkpoint.verify(golden: TestData.path(golden))
    for comparison in verification.comparisons {
      #expect(
        comparison.matches,
        "\(comparison.name): \(comparison.worst?.size ?? 0) at \(comparison.worst?.place ?? "")")
      // A tolerance as wide as a semantic mistake would prove nothing.
      #expect(comparison.tolerance.absolute < 5e-3 * max(1, comparison.scale))
    }
  }

  @Test("is listed, tensors and layers", arguments: Fixture.withGolden)
  func inspection(fixture: Fixture) throws {
    let path = TestData.path(fixture.path)
    let inspection = try Checkpoint.inspect(path)
    let model = try Checkpoint(opening: path).model
    #expect(inspection.format == "keras-h5")
    let isSupported = inspection.layers.allSatisfy { $0.isSupported }
    #expect(isSupported)
    let counted = model.weightedNodes.reduce(0) { $0 + $1.layer.parameterCount }
    let stored = inspection.tensors.filter { $0.name.hasPrefix("/model_weights/") }
      .reduce(0) { $0 + $1.shape.reduce(1, *) }
    #expect(counted == stored)
  }
}
