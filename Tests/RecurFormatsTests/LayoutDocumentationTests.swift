import Foundation
import RecurFormats
import RecurModel
import RecurTestSupport
import Testing

@Suite("docs/layouts.md agrees with the code")
struct LayoutDocumentationTests {
  @Test(
    "gate order and orientation",
    arguments: [
      ("KerasLayouts.lstm", KerasLayouts.lstm), ("PyTorchLayouts.lstm", PyTorchLayouts.lstm),
    ])
  func row(name: String, layout: RecurrentLayout<LSTMGate>) throws {
    let page = try String(
      contentsOf: TestData.root.appending(path: "docs/layouts.md"), encoding: .utf8)
    let rows = page.components(separatedBy: "\n").filter { $0.hasPrefix("|") }
      .map { line in
        line.split(separator: "|").map {
          $0.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
        }
      }
    let row = try #require(rows.first { $0.first == name }, "\(name) has no row")
    #expect(row[1] == layout.gateOrder.map { "\($0)" }.joined(separator: ", "))
    #expect(row[2] == "\(layout.orientation)")
  }
}
