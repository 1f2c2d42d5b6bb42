import RecurTestSupport
import Testing

/// The promises of docs/architecture.md about the arrangement of the code, measured on the sources.
@Suite("The house is arranged as its plan says")
struct HouseTests {
  private let sources = SourceTree.own

  /// The cases of the list of kinds in a file, such as `dense`.
  private func kinds(_ path: String) throws -> [String] {
    let list = try #require(sources.files[path])
    return list.code.matches(of: /case \.(\w+)\(let \w+\): \w+/).map { String($0.1) }
  }

  private func layerKinds() throws -> [String] { try kinds("RecurModel/Layers/Layer.swift") }

  @Test("a new kind is a room and a line of the table in each consumer, and nothing else")
  func costOfAKind() throws {
    let kinds = [
      "GroupNormalization": "groupNormalization", "UnitNormalization": "unitNormalization",
      "MinimalGatedUnit": "minimalGated", "TransposedConvolution": "transposedConvolution",
      "SeparableConvolution": "separableConvolution",
      "ConvolutionalRecurrent": "convolutionalRecurrent",
    ]
    for (kind, entry) in kinds {
      // Benchmarks build models of some kinds; they know no kind of layer.
      let files = sources.files.values.filter {
        !$0.words.isDisjoint(with: [kind, entry]) && $0.target != "RecurBenchmarks"
      }
      let rooms = files.filter { $0.name == kind || $0.name.hasPrefix(kind + "+") }
      let tables = files.filter {
        $0.name.hasSuffix("Table") || ["Layer", "RecurrentCell"].contains($0.name)
      }
      // Tables of functions and operators have a row for each, in files by family, and so has what is
      // written of a kind in a declaration.
      let functions = files.filter { file in
        ["PyTorchFunctions+", "ONNXOperators+"].contains { file.name.hasPrefix($0) }
          || file.name.hasSuffix("+Declaring")
      }
      #expect(
        files.count == rooms.count + tables.count + functions.count,
        "\(kind): \(files.map(\.path).sorted())")
      #expect(Set(rooms.map(\.target)).count == 6, "\(kind): \(rooms.map(\.path).sorted())")
      #expect(files.count - functions.count <= 16, "\(kind): \(files.map(\.path).sorted())")
    }
  }

  @Test("every table has a line for every kind, and no default")
  func tables() throws {
    let (layers, cells) = (
      try layerKinds(), try kinds("RecurModel/Cells/RecurrentCell.swift")
    )
    #expect(layers.count >= 24)
    let tables = sources.files.values.filter {
      $0.name.hasSuffix("Table") && $0.target != "RecurTensors" && !$0.path.hasPrefix("RecurCLI")
    }
    #expect(tables.count >= 5)
    for table in tables where table.path.hasPrefix("RecurContainers") == false {
      for block in table.switches {
        #expect(!block.hasDefault, "\(table.path)")
        let own = Set(block.cases)
        let wanted = own.contains("lstm") ? cells : layers
        #expect(
          own == Set(wanted), "\(table.path): \(Set(wanted).symmetricDifference(own).sorted())")
      }
    }
  }

  @Test("outside the tables no switch tells more than five kinds of layers apart")
  func switches() throws {
    let kinds = Set(try layerKinds())
    for file in sources.files.values where !file.name.hasSuffix("Table") && file.name != "Layer" {
      for block in file.switches {
        let own = kinds.intersection(block.cases)
        #expect(
          own.count <= 5 || block.cases.count > own.count + 3, "\(file.path): \(own.sorted())")
      }
    }
  }

  @Test("below the formats no word names a framework")
  func frameworks() {
    let below = ["RecurTensors", "RecurModel", "RecurInference", "RecurVerification"]
    for file in sources.files.values where below.contains(file.target) {
      for line in file.text.split(separator: "\n") {
        let code = line.replacing(/\/\/.*/, with: "").lowercased()
        #expect(!code.contains("keras") && !code.contains("torch"), "\(file.path): \(line)")
      }
    }
  }

  @Test("below the command line no text names an option of it")
  func options() {
    for file in sources.files.values
    where !["RecurCLI", "RecurBenchmarks"].contains(file.target) {
      for line in file.text.split(separator: "\n") {
        #expect(!line.contains(/"[^"]*--[a-z]/), "\(file.path): \(line)")
      }
    }
  }

  @Test("no circle goes through folders or targets")
  func circles() {
    #expect(sources.circle(by: \.target) == [])
    #expect(sources.circle(by: \.folder) == [])
  }
}
