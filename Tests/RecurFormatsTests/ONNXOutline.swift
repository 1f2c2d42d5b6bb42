import Foundation
import RecurContainers
import RecurTensors
import RecurTestSupport

/// What the messages of an ONNX file say, read field by field.
struct ONNXOutline {
  struct Port {
    var name = ""
    /// The extents in words: a number, or the name of a free one.
    var extents: [String] = []
  }

  var version = 0
  var operatorSet = 0
  var operators: [String] = []
  var inputs: [Port] = []
  var outputs: [Port] = []

  init(_ path: String) throws {
    let bytes = try Array(Data(contentsOf: URL(filePath: path)))
    var reader = ProtobufReader(TestData.region(bytes))
    while let field = try reader.next() {
      switch field.number {
      case 1: version = try field.integer()
      case 7: try readGraph(field.bytes())
      case 8:
        var set = ProtobufReader(try field.bytes())
        while let part = try set.next() {
          if part.number == 2 { operatorSet = try part.integer() }
        }
      default: continue
      }
    }
  }

  private mutating func readGraph(_ bytes: ByteRegion) throws {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1:
        var node = ProtobufReader(try field.bytes())
        while let part = try node.next() {
          if part.number == 4 { operators.append(try part.text()) }
        }
      case 11: inputs.append(try port(field.bytes()))
      case 12: outputs.append(try port(field.bytes()))
      default: continue
      }
    }
  }

  private func port(_ bytes: ByteRegion) throws -> Port {
    var port = Port()
    /// Fields inside each other: the type, the tensor, its shape, an extent.
    func descend(_ bytes: ByteRegion, _ path: [Int]) throws {
      var reader = ProtobufReader(bytes)
      while let field = try reader.next() {
        if path.isEmpty {
          port.extents.append(
            field.number == 1 ? "\(try field.integer())" : try field.text())
        } else if field.number == path[0] {
          try descend(field.bytes(), Array(path.dropFirst()))
        }
      }
    }
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      if field.number == 1 { port.name = try field.text() }
      if field.number == 2 { try descend(field.bytes(), [1, 2, 1]) }
    }
    return port
  }
}
