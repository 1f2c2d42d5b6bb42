import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("HDF5 attribute")
struct HDF5AttributeTests {
  private let strings = ["lstm", "", "dense_1/kernel:0", "é日本"]

  @Test("fixed-length strings padded with zeros are cut to their length")
  func fixedStrings() throws {
    var file = try HDF5Fixture.file { writer in
      try writer.group("/g")
      try writer.fixedStrings("names", on: "/g", strings, width: 20)
      try writer.fixedStrings("exact", on: "/g", ["abcd", "ab"], width: 4)
      try writer.fixedStrings("scalar", on: "/", ["one"], width: 8, shape: [])
      try writer.fixedStrings("matrix", on: "/", ["a", "b", "c", "d"], width: 1, shape: [2, 2])
    }
    #expect(try file.texts("names", of: "/g") == strings)
    #expect(try file.texts("exact", of: "/g") == ["abcd", "ab"])
    #expect(try file.texts("scalar", of: "/") == ["one"])
    #expect(try file.texts("matrix", of: "/") == ["a", "b", "c", "d"])
  }

  @Test("fixed-length strings padded with blanks lose their blanks")
  func blankPadded() throws {
    var file = try HDF5Fixture.file { writer in
      try writer.fixedStrings("names", on: "/", ["a b", "", " c"], width: 6, isBlankPadded: true)
    }
    #expect(try file.texts("names", of: "/") == ["a b", "", " c"])
  }

  @Test("variable-length strings are read, scalar and array")
  func variableStrings() throws {
    let long = String(repeating: "{\"config\": é}", count: 10_000)
    var file = try HDF5Fixture.file { writer in
      try writer.group("/g")
      try writer.variableStrings("model_config", on: "/", [long], shape: [])
      try writer.variableStrings("names", on: "/g", strings)
      try writer.variableStrings("many", on: "/g", (0..<500).map { "name_\($0)" })
    }
    #expect(try file.texts("model_config", of: "/") == [long])
    #expect(try file.texts("names", of: "/g") == strings)
    #expect(try file.texts("many", of: "/g") == (0..<500).map { "name_\($0)" })
  }

  @Test("an attribute can be read as often as its reader likes")
  func readTwice() throws {
    let text = String(repeating: "x", count: 4_000)
    var file = try HDF5Fixture.file { try $0.variableStrings("c", on: "/", [text], shape: []) }
    for _ in 0..<20 { #expect(try file.texts("c", of: "/") == [text]) }
  }

  @Test("an empty list of numbers, as h5py writes [], is an empty list of strings")
  func emptyList() throws {
    var file = try HDF5Fixture.file { try $0.doubles("weight_names", on: "/", []) }
    #expect(try file.texts("weight_names", of: "/") == [])
  }

  @Test("numbers are no strings")
  func numbers() throws {
    var file = try HDF5Fixture.file { try $0.doubles("x", on: "/", [1, 2]) }
    let object = try #require(file["/"])
    let diagnostic = expectDiagnostic("hdf5.attribute.invalid") {
      try file.strings("x", of: object)
    }
    #expect(diagnostic?.message == "the attribute holds no strings")
    #expect(diagnostic?.location.object == "/@x")
  }

  @Test("an attribute that is not there is nil; names are compared byte by byte")
  func missing() throws {
    var file = try HDF5Fixture.file { try $0.doubles("é", on: "/", []) }
    #expect(try file.texts("x", of: "/") == nil)
    #expect(try file.texts("e\u{301}", of: "/") == nil)
    #expect(try file.texts("é", of: "/") == [])
  }

  @Test("a hundred attributes, in continued object headers, are all found")
  func manyAttributes() throws {
    var file = try HDF5Fixture.file { writer in
      try writer.group("/g")
      try writer.floats("/w", shape: [1], [2])
      for index in 0..<100 {
        try writer.fixedStrings("a\(index)", on: "/g", ["value \(index)"], width: 40)
        try writer.variableStrings("b\(index)", on: "/w", ["value \(index)"], shape: [])
      }
    }
    let group = try #require(file["/g"])
    let dataset = try #require(file["/w"])
    #expect(try Set(group.attributeNames()) == Set((0..<100).map { "a\($0)" }))
    #expect(try Set(dataset.attributeNames()) == Set((0..<100).map { "b\($0)" }))
    for index in 0..<100 {
      #expect(try file.texts("a\(index)", of: "/g") == ["value \(index)"])
      #expect(try file.texts("b\(index)", of: "/w") == ["value \(index)"])
    }
    #expect(try file.tensor(dataset).doubles() == [2])
  }
}
