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
        let checkpoint = try Checkpoint(opening: path, architecture: fixture.architecturePath)
        found = checkpoint.diagnostics + checkpoint.model.notFiniteFindings()
        if let nothing = checkpoint.nothingRecognized { found.append(nothing) }
        if let error = checkpoint.withoutCode { found.append(error) }
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
    let checkpoint = try Checkpoint(
      opening: TestData.path(fixture.path), architecture: fixture.architecturePath)
    let verification = try checkpoint.verify(golden: TestData.path(golden))
    for comparison in verification.comparisons {
      #expect(
        comparison.matches,
        "\(comparison.name): \(comparison.worst?.size ?? 0) at \(comparison.worst?.place ?? "")")
      // A tolerance as large as the effect of a mistake would prove nothing.
      #expect(comparison.tolerance.absolute < 5e-3 * max(1, comparison.scale))
    }
  }

  @Test("is listed, tensors and layers", arguments: Fixture.withGolden)
  func inspection(fixture: Fixture) throws {
    let path = TestData.path(fixture.path)
    let inspection = try Checkpoint.inspect(path)
    let checkpoint = try Checkpoint(opening: path, architecture: fixture.architecturePath)
    #expect(inspection.format == checkpoint.format)
    guard inspection.format == "keras-h5", fixture.architecture == nil else { return }
    let isSupported = inspection.layers.allSatisfy { $0.isSupported }
    #expect(isSupported)
    // A layer that is called twice has two nodes and its weights once. The arrays of Normalization
    // also hold a sample count, which is no parameter.
    var layers: [String: Int] = [:]
    for node in checkpoint.model.weightedNodes where node.layer.title != "Normalization" {
      layers[node.layerName] = node.layer.parameterCount
    }
    let stored = inspection.tensors.filter { $0.name.hasPrefix("/model_weights/") }
      .filter { !$0.name.contains("/normalization") }.reduce(0) { $0 + $1.shape.reduce(1, *) }
    #expect(layers.values.reduce(0, +) == stored)
  }
}
