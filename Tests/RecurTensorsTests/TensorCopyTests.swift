import RecurTensors
import RecurTestSupport
import Testing

@Suite("Tensor copies")
struct TensorCopyTests {
  @Test(
    "cutting a tensor and joining it again gives the same bits", arguments: ElementType.allCases)
  func cutAndJoin(type: ElementType) throws {
    for shape in Grid.shapes(rank: 3, extent: 3) where !shape.isEmpty {
      let tensor = try Grid(shape: shape).tensor(type)
      for view in [tensor, tensor.transposed()] {
        for axis in 0..<min(2, shape.count) {
          for cut in 0...view.shape[axis] {
            let parts = [
              view.slice(axis: axis, 0..<cut), view.slice(axis: axis, cut..<view.shape[axis]),
            ]
            let joined = try Tensor.concatenated(parts, axis: axis)
            #expect(joined.isBitEqual(to: view) && joined.isContiguous)
          }
        }
      }
    }
  }

  @Test(
    "cutting and joining a tensor without elements gives its shape",
    arguments: Grid.emptyShapes(rank: 2, extent: 2))
  func cutAndJoinEmpty(shape: [Int]) throws {
    let tensor = try Grid(shape: shape).tensor(.float32)
    for axis in shape.indices {
      for cut in 0...shape[axis] {
        let parts = [
          tensor.slice(axis: axis, 0..<cut), tensor.slice(axis: axis, cut..<shape[axis]),
        ]
        #expect(try Tensor.concatenated(parts, axis: axis).shape == shape)
      }
    }
  }

  @Test("parts are joined in their order")
  func order() throws {
    let one = try Tensor.int32([1, 2, 3, 4], shape: [2, 2])
    let other = try Tensor.int32([5, 6], shape: [2, 1])
    let third = try Tensor.int32([7, 8], shape: [1, 2])
    #expect(try Tensor.concatenated([one, other], axis: 1).doubles() == [1, 2, 5, 3, 4, 6])
    #expect(try Tensor.concatenated([third, one], axis: 0).doubles() == [7, 8, 1, 2, 3, 4])
    #expect(try Tensor.concatenated([one], axis: 1).isBitEqual(to: one))
  }

  @Test("parts of another type, rank or extent are refused")
  func mismatch() throws {
    let matrix = try Tensor.int32([1, 2, 3, 4], shape: [2, 2])
    let diagnostic = expectDiagnostic("tensor.shape-mismatch") {
      try Tensor.concatenated([matrix, .int32([1, 2, 3], shape: [1, 3])], axis: 0)
    }
    #expect(
      diagnostic?.message
        == "[2, 2] of int32 and [1, 3] of int32 can't be joined along axis 0")
    expectDiagnostic("tensor.shape-mismatch") {
      try Tensor.concatenated([matrix, .int32([1, 2, 3], shape: [3, 1])], axis: 1)
    }
    expectDiagnostic("tensor.shape-mismatch") {
      try Tensor.concatenated([matrix, .int32([1, 2], shape: [2])], axis: 0)
    }
    expectDiagnostic("tensor.shape-mismatch") {
      try Tensor.concatenated([matrix, .float32([1, 2], shape: [1, 2])], axis: 0)
    }
  }

  @Test("joined numbers keep the first part's name and lose its bytes")
  func joinedLocation() throws {
    let place = Diagnostic.Location(file: "f", object: "w", bytes: 0..<4)
    let part = try Tensor.float32([1], shape: [1], at: place)
    let joined = try Tensor.concatenated([part, part], axis: 0)
    #expect(joined.location == .init(file: "f", object: "w"))
  }

  @Test("the bytes of a contiguous tensor are a view, of another a copy")
  func rowMajorBytes() throws {
    let tensor = try Grid(shape: [2, 3]).tensor(.float32)
    let storage = try tensor.rowMajorBytes().storage
    #expect(try tensor.slice(axis: 0, 1..<2).rowMajorBytes().storage === storage)
    #expect(try tensor.transposed().rowMajorBytes().storage !== storage)
  }

  @Test("zeros are zero in every type", arguments: ElementType.allCases)
  func zeros(type: ElementType) throws {
    let tensor = try Tensor.zeros(type, shape: [2, 3])
    // A power of two is never zero.
    if type != .float8E8M0FNU { #expect(tensor.components().allSatisfy { $0 == 0 }) }
    #expect(tensor.elementType == type)
  }

  @Test("an impossible shape of zeros is refused")
  func impossibleZeros() {
    expectDiagnostic("tensor.bytes-mismatch") {
      try Tensor.zeros(.float32, shape: [.max, 2])
    }
  }

  @Test("the same bits are read as another type of the same size")
  func reinterpreted() throws {
    let bits = ByteRegion(ByteStorage(copying: [0x80, 0x3F, 0x20, 0xC0]))
    let opaque = try Tensor(bits, .uint16, shape: [2])
    #expect(opaque.reinterpreted(as: .bfloat16).doubles() == [1, -2.5])
  }
}

@Suite("Tensor table")
struct TensorTableTests {
  @Test("names keep their order and are compared byte by byte")
  func order() throws {
    var table = TensorTable()
    let names = ["b", "a", "é", "e\u{301}", ""]
    for (index, name) in names.enumerated() {
      try table.append(name, .int32([Int32(index)], shape: []))
    }
    #expect(table.names.map { Array($0.utf8) } == names.map { Array($0.utf8) })
    #expect(table["é"]?.doubles() == [2])
    #expect(table["e\u{301}"]?.doubles() == [3])
    #expect(table["c"] == nil)
    #expect(table.entries.map { $0.tensor.doubles() } == [[0], [1], [2], [3], [4]])
  }

  @Test("a name that is taken is refused")
  func duplicate() throws {
    var table = TensorTable()
    let tensor = try Tensor.int32([0], shape: [])
    try table.append("w", tensor)
    let diagnostic = expectDiagnostic("tensor.duplicate") { try table.append("w", tensor) }
    #expect(diagnostic?.message == "two tensors are named 'w'")
    #expect(table.names == ["w"])
  }
}

@Suite("Element type")
struct ElementTypeTests {
  @Test(
    "numbers are rounded to what the type can hold",
    arguments: [
      (.float64, 0.1, 0.1), (.float32, 0.1, Double(Float(0.1))), (.float16, 0.1, 0x1.998p-4),
      (.bfloat16, 0.1, 0x1.9Ap-4), (.int8, -2.7, -2), (.uint64, 2.7, 2), (.bool, 0.3, 1),
      (.bool, 0, 0), (.float16, 1e9, .infinity),
    ] as [(ElementType, Double, Double)])
  func rounded(type: ElementType, value: Double, expected: Double) {
    #expect(type.rounded(value) == expected)
  }

  @Test("nine types are floating point, and widths are what their names say")
  func widths() {
    #expect(
      ElementType.allCases.filter { $0.isFloatingPoint && $0.float8 == nil } == [
        .float16, .bfloat16, .float32, .float64,
      ])
    #expect(ElementType.allCases.filter { $0.float8 != nil }.count == 5)
    for type in ElementType.allCases where type != .bool {
      let name = type.rawValue.prefix { $0 != "_" }
      #expect(Int(name.filter(\.isNumber)) == 8 * type.byteCount)
      #expect(type.float8 == nil || type.isFloatingPoint)
    }
  }
}
