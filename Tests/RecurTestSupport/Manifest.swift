import Foundation
import Testing

/// One fixture of `testdata/manifest.json`.
package struct Fixture: Sendable, Codable, CustomTestStringConvertible {
  package let path: String
  package let command: String
  package let status: Int
  /// The codes of the errors and warnings it must produce, sorted.
  package let expects: [String]
  package let golden: String?
  /// The file with the architecture, for a fixture of weights alone.
  package let architecture: String?
  package let sha256: String

  package var testDescription: String { path }

  private struct Manifest: Codable { let fixtures: [Fixture] }

  /// Every fixture.
  package static let all: [Fixture] = {
    guard let data = try? Data(contentsOf: URL(filePath: TestData.path("manifest.json"))),
      let manifest = try? JSONDecoder().decode(Manifest.self, from: data)
    else { fatalError("testdata/manifest.json can't be read") }
    return manifest.fixtures
  }()

  /// The path of the file with the architecture, if the fixture needs one.
  package var architecturePath: String? { architecture.map(TestData.path) }

  /// The fixtures with outputs that their framework recorded.
  package static var withGolden: [Fixture] { all.filter { $0.golden != nil } }
}
