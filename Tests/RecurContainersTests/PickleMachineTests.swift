import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Pickle machine")
struct PickleMachineTests {
  private func read(_ bytes: [UInt8], limits: DecodeLimits = .init()) throws -> PickleGraph {
    try PickleMachine.read(TestData.region(bytes), limits: limits).graph
  }

  /// The pickle of protocol 2 whose instructions are `body`, with STOP.
  private func pickle(_ body: String) -> [UInt8] { [0x80, 2] + Array(body.utf8) + [0x2E] }

  /// The value at `reference` in words, to compare whole graphs.
  private func text(_ graph: PickleGraph, _ reference: Int) -> String {
    func list(_ references: [Int]) -> String {
      references.map { text(graph, $0) }.joined(separator: ", ")
    }
    return switch graph[reference] {
    case .none: "None"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .bigInteger(let digits): "big\(digits)"
    case .float(let value): "\(value)"
    case .string(let value): "'\(value)'"
    case .bytes(let value): "b\(value)"
    case .tuple(let elements): "(\(list(elements)))"
    case .list(let elements): "[\(list(elements))]"
    case .set(let elements): "set(\(list(elements)))"
    case .dictionary(let entries):
      "{"
        + entries.map { "\(text(graph, $0.key)): \(text(graph, $0.value))" }
        .joined(separator: ", ") + "}"
    case .global(let module, let name): "\(module).\(name)"
    case .call(let call):
      "\(text(graph, call.function))\(text(graph, call.arguments))"
        + (call.keywords.map { " and \(text(graph, $0))" } ?? "")
        + call.states.map { " with \(text(graph, $0))" }.joined()
        + (call.elements.isEmpty ? "" : " + [\(list(call.elements))]")
        + (call.items.isEmpty
          ? ""
          : " + {"
            + call.items.map { "\(text(graph, $0.key)): \(text(graph, $0.value))" }
            .joined(separator: ", ") + "}")
    case .persistent(let id): "persistent \(text(graph, id))"
    }
  }

  private func value(_ bytes: [UInt8]) throws -> String {
    let graph = try read(bytes)
    return text(graph, graph.root)
  }

  @Test(
    "each instruction builds its value",
    arguments: [
      ("N", "None"), ("\u{88}", "true"), ("\u{89}", "false"), ("K\u{7}", "7"),
      ("M\u{1}\u{2}", "513"), ("]", "[]"), (")", "()"), ("}", "{}"), ("\u{8F}", "set()"),
      ("K\u{1}\u{85}", "(1)"), ("K\u{1}K\u{2}\u{86}", "(1, 2)"),
      ("K\u{1}K\u{2}K\u{3}\u{87}", "(1, 2, 3)"), ("(t", "()"), ("(K\u{1}NK\u{2}t", "(1, None, 2)"),
      ("(K\u{1}Nl", "[1, None]"), ("(K\u{1}Nd", "{1: None}"), ("(d", "{}"), ("]K\u{1}a", "[1]"),
      ("](K\u{1}K\u{2}e", "[1, 2]"), ("](e", "[]"), ("}K\u{1}Ns", "{1: None}"),
      ("}(K\u{1}NK\u{2}Nu", "{1: None, 2: None}"), ("}(u", "{}"),
      ("\u{8F}(K\u{1}K\u{2}\u{90}", "set(1, 2)"), ("K\u{1}K\u{2}0", "1"), ("cm\nn\n", "m.n"),
      ("cm\nn\n)R", "m.n()"), ("cm\nn\n)\u{81}", "m.n()"), ("cm\nn\n)R}b", "m.n() with {}"),
      ("}Nb", "{}"), ("K\u{1}Q", "persistent 1"), ("\u{8C}\u{1}a", "'a'"),
      ("\u{8C}\u{1}m\u{8C}\u{1}n\u{93}", "m.n"),
      ("ccollections\nOrderedDict\n)R", "collections.OrderedDict()"),
      ("ccollections\nOrderedDict\n)RK\u{1}Ns", "collections.OrderedDict() + {1: None}"),
      (
        "ccollections\nOrderedDict\n)R(K\u{1}Nu}b",
        "collections.OrderedDict() with {} + {1: None}"
      ),
      ("cm\nn\n)R(K\u{1}K\u{2}e", "m.n() + [1, 2]"), ("cm\nn\n)RNa", "m.n() + [None]"),
      ("cm\nn\n)R(N\u{90}", "m.n() + [None]"), ("cm\nn\n)}\u{92}", "m.n() and {}"),
      ("(Nim\nn\n", "m.n(None)"), ("(cm\nn\nNo", "m.n(None)"), ("N2\u{86}", "(None, None)"),
      ("K\u{1}(NN1", "1"), ("K\u{1}(0", "1"), ("(N\u{91}", "set(None)"),
      ("I7\n", "7"), ("I01\n", "true"), ("I00\n", "false"), ("L-12L\n", "-12"),
      ("L18446744073709551616L\n", "big[0, 0, 0, 0, 0, 0, 0, 0, 1, 0]"),
      ("L-18446744073709551616L\n", "big[0, 0, 0, 0, 0, 0, 0, 0, 255, 255]"),
      ("F2.5\n", "2.5"), ("Finf\n", "inf"), ("S'a\\n\\'\\x41'\n", "'a\n'A'"),
      ("S\"\\xff\"\n", "b[255]"), ("Va\\u00e9\\U0001f600\u{E8}\n", "'aé😀è'"),
      ("U\u{1}a", "'a'"), ("U\u{1}\u{FF}", "b[255]"), ("T\u{1}\0\0\0a", "'a'"),
      ("Np300\n0g300\n", "None"), ("\u{8E}\u{1}\0\0\0\0\0\0\0a", "b[97]"),
      ("\u{96}\u{1}\0\0\0\0\0\0\0a", "b[97]"), ("\u{8B}\u{1}\0\0\0\u{7}", "7"),
    ])
  func instructions(body: String, expected: String) throws {
    // One byte per character, so that the table can spell bytes above 0x7F.
    let bytes = body.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    #expect(try value([0x80, 2] + bytes + [0x2E]) == expected)
  }

  @Test(
    "operands are read in their width and byte order",
    arguments: [
      ("4a feffffff", "-2"), ("8a 00", "0"), ("8a 01 fe", "-2"), ("8a 02 ff00", "255"),
      ("8a 08 ffffffffffffff7f", "9223372036854775807"),
      ("8a 09 000000000000000001", "big[0, 0, 0, 0, 0, 0, 0, 0, 1]"),
      ("47 c004000000000000", "-2.5"), ("58 02000000 c3a9", "'é'"),
      ("8d 0200000000000000 c3a9", "'é'"), ("8c 00", "''"), ("43 02 00ff", "b[0, 255]"),
      ("42 01000000 07", "b[7]"), ("95 ffffffffffffffff 4e", "None"),
    ])
  func operands(hexadecimal: String, expected: String) throws {
    #expect(try value([0x80, 2] + Bytes.hexadecimal(hexadecimal) + [0x2E]) == expected)
  }

  @Test("the memo gives back the same value, not a copy")
  func memo() throws {
    let graph = try read([0x80, 2] + Bytes.hexadecimal("5d 71 05 68 05 86 2e"))
    let elements = try #require(graph.elements(graph.root))
    #expect(elements[0] == elements[1])
    #expect(
      try value([0x80, 2] + Bytes.hexadecimal("4b07 72 00010000 6a 00010000 86 2e")) == "(7, 7)")
    #expect(try value([0x80, 4] + Bytes.hexadecimal("4b07 94 4b08 94 68 00 87 2e")) == "(7, 8, 7)")
  }

  @Test("a list may hold itself")
  func cycle() throws {
    let graph = try read([0x80, 2] + Bytes.hexadecimal("5d 71 00 68 00 61 2e"))
    #expect(graph.elements(graph.root) == [graph.root])
  }

  // Python: pickle.dumps(collections.OrderedDict(a=(1, 2.5), b=[True, None, "é"]), protocol).hex()
  @Test(
    "a dictionary that Python pickled is read, in protocols 2 and 4",
    arguments: [
      """
      800263636f6c6c656374696f6e730a4f726465726564446963740a71002952710128580100000061710 24b01474004
      0000000000008671035801000000 6271045d710528884e5802000000c3a9710665752e
      """,
      """
      80049544000000000000008c0b636f6c6c656374696f6e73948c0b4f7264657265644469637494939429529428
      8c0161944b0147400400000000000086948c0162945d9428884e8c02c3a99465752e
      """,
    ])
  func python(hexadecimal: String) throws {
    #expect(
      try value(Bytes.hexadecimal(hexadecimal))
        == "collections.OrderedDict() + {'a': (1, 2.5), 'b': [true, None, 'é']}")
  }

  @Test("a state dict's tensors are calls that were never made")
  func stateDict() throws {
    var writer = PickleWriter()
    writer.call("collections", "OrderedDict") { _ in }
    writer.emit(.mark)
    writer.string("weight")
    writer.call("torch._utils", "_rebuild_tensor_v2") { writer in
      writer.tuple { writer in
        writer.string("storage")
        writer.global("torch", "FloatStorage")
        writer.string("0")
      }
      writer.emit(.binPersistent)
      writer.integer(0)
    }
    writer.emit(.setItems)
    writer.emit(.stop)
    #expect(
      try value(writer.bytes)
        == "collections.OrderedDict() + {'weight': torch._utils._rebuild_tensor_v2("
        + "persistent ('storage', torch.FloatStorage, '0'), 0)}")
  }

  @Test("os.system stays a name and is never called")
  func hostileGlobal() throws {
    #expect(
      try value([0x80, 2] + Bytes.hexadecimal("636f730a73797374656d0a 8c0474727565 85 52 2e"))
        == "os.system('true')")
    #expect(
      try value(
        [0x80, 4] + Bytes.hexadecimal("8c026f73 8c0673797374656d 93 8c0474727565 85 52 2e"))
        == "os.system('true')")
  }

  @Test("the bytes after STOP are not touched, and the count says where they begin")
  func count() throws {
    let bytes = pickle("N")
    let result = try PickleMachine.read(TestData.region(bytes + [0xFF, 0xFF]))
    #expect(result.count == bytes.count)
  }

  @Test("every node remembers where it began")
  func offsets() throws {
    #expect(try read(pickle("K\u{1}K\u{2}0")).offsets == [2, 4])
  }

  // MARK: refusals

  @Test("instructions that data does not need are refused, every one of them")
  func unknownOpcodes() {
    for byte in UInt8.min...UInt8.max
    where PickleOpcode(rawValue: byte).map({ $0.refusal != nil }) ?? true {
      let diagnostic = expectDiagnostic("pickle.opcode.unsupported") { try read([0x80, 2, byte]) }
      #expect(diagnostic?.location.bytes == 2..<3)
    }
  }

  @Test(
    "an empty stack is found, also behind a mark",
    arguments: [
      "", "0", "a", "]a", "s", "}s", "}Ns", "R", "NR", "b", "Nb", "Q", "t", "l", "d", "e",
      "u", "N(", "(NNs", "](Na", "}(NNs", "q\u{1}", "N(q\u{1}", "(R", "((tt00",
    ])
  func underflow(body: String) {
    #expect(throws: CheckpointError.self) { try read(pickle(body)) }
  }

  @Test("the message of an empty stack says where")
  func underflowMessage() {
    let diagnostic = expectDiagnostic("pickle.stack.underflow") { try read(pickle("N00")) }
    #expect(diagnostic?.message == "the stack is empty at pickle byte 4")
  }

  @Test("a memo that was never written is refused")
  func missingMemo() {
    let diagnostic = expectDiagnostic("pickle.memo.missing") { try read(pickle("h\u{3}")) }
    #expect(diagnostic?.message == "memo 3, read at pickle byte 2, was never written")
    expectDiagnostic("pickle.memo.missing") { try read(pickle("Nq\u{1}j\u{2}\0\0\0")) }
  }

  @Test(
    "values of the wrong kind are refused",
    arguments: [
      "NNa", "N(Ne", "NNNs", "N(NNu", "NNb", "}(NNNu", "(Nd",
      "]NNs", "}Na",
    ])
  func wrongKind(body: String) {
    expectDiagnostic("pickle.value.invalid") { try read(pickle(body)) }
  }

  @Test("a stack global needs two names, a set needs a set")
  func stackGlobal() {
    expectDiagnostic("pickle.value.invalid") {
      try read([0x80, 4, 0x4E, 0x8C, 1, 0x61, 0x93, 0x2E])
    }
    expectDiagnostic("pickle.value.invalid") {
      try read([0x80, 4, 0x8C, 1, 0x61, 0x4E, 0x93, 0x2E])
    }
    expectDiagnostic("pickle.value.invalid") { try read([0x80, 4, 0x4E, 0x28, 0x4E, 0x90, 0x2E]) }
  }

  @Test("unknown protocols are refused", arguments: [6, 7, 255] as [UInt8])
  func protocols(version: UInt8) {
    expectDiagnostic("pickle.value.invalid") { try read([0x80, version, 0x4E, 0x2E]) }
  }

  @Test("strings and names that are not UTF-8 are refused")
  func notUTF8() {
    expectDiagnostic("pickle.value.invalid") { try read([0x80, 2, 0x8C, 1, 0xE9, 0x2E]) }
    expectDiagnostic("pickle.value.invalid") { try read([0x80, 2, 0x63, 0xE9, 0x0A, 0x61, 0x0A]) }
  }

  @Test("a name without an end is refused, and so is one longer than the limit")
  func unterminatedName() throws {
    expectDiagnostic("pickle.value.invalid") { try read([0x80, 2] + Array("cabc".utf8)) }
    expectDiagnostic("pickle.value.invalid") { try read([0x80, 2] + Array("cabc\nd".utf8)) }
    let longest = String(repeating: "m", count: 4_095)
    #expect(try value(pickle("c\(longest)\nn\n")) == "\(longest).n")
    expectDiagnostic("pickle.value.invalid") { try read(pickle("cm\(longest)\nn\n")) }
  }

  @Test(
    "text of protocols 0 and 1 that is none is refused",
    arguments: [
      "Ix\n", "I\n", "L1.5L\n", "L-L\n", "Fx\n", "Sa\n", "S'\n", "S'a\\'\n", "S'\\q'\n",
      "S'\\xg1'\n", "V\\u12\n", "V\\ud800\n", "Npx\n", "I1", "(im\n", "T\u{FF}\u{FF}\u{FF}\u{FF}",
    ])
  func oldText(body: String) {
    let bytes = body.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    expectDiagnostic("pickle.value.invalid") { try read([0x80, 1] + bytes + [0x2E]) }
  }

  @Test("a refused instruction is named") func refusedInstruction() {
    let diagnostic = expectDiagnostic("pickle.opcode.unsupported") { try read(pickle("\u{50}a\n")) }
    #expect(diagnostic?.message.contains("PERSID") == true)
  }

  // Python 2.7: pickle.dumps(collections.OrderedDict([('a', 1)]), 2)
  @Test("a dictionary of Python 2 has its items in a list of pairs") func python2() throws {
    let body = Array("ccollections\nOrderedDict\n](](U\u{1}aK\u{1}ee".utf8)
    let graph = try read([0x80, 2] + body + [0x85, 0x52, 0x2E])
    let items = try #require(graph.items(graph.root))
    #expect(items.map { graph.string($0.key) } == ["a"])
    #expect(items.map { graph.integer($0.value) } == [1])
  }

  @Test("what a checkpoint never needs is known by name") func refusals() {
    for (module, name) in [
      ("os", "system"), ("posix", "system"), ("nt", "system"), ("subprocess", "Popen"),
      ("builtins", "eval"), ("__builtin__", "exec"), ("torch", "os.system"),
      ("importlib._bootstrap", "x"), ("dill._dill", "_create_function"),
      ("cloudpickle.cloudpickle", "_make_function"), ("operator", "attrgetter"),
      ("types", "CodeType"), ("code", "InteractiveInterpreter"),
    ] {
      #expect(PickleRefusals.contains(module: module, name: name), "\(module).\(name)")
    }
    for (module, name) in [
      ("collections", "OrderedDict"), ("builtins", "getattr"), ("builtins", "set"),
      ("pathlib", "PosixPath"), ("argparse", "Namespace"), ("functools", "partial"),
      ("code.model", "Net"), ("oscar", "Model"), ("signal", "Signals"),
      ("types", "SimpleNamespace"), ("omegaconf.dictconfig", "DictConfig"), ("", ""),
    ] {
      #expect(!PickleRefusals.contains(module: module, name: name), "\(module).\(name)")
    }
  }

  @Test(
    "strings longer than the file are refused",
    arguments: [
      "58 ffffffff 61", "58 02000000 61", "8c 02 61", "8d ffffffffffffff7f 61",
      "43 02 61", "42 ffffffff 61", "8a 05 01", "95 00", "47 00", "4b", "4d 00", "4a 000000",
    ])
  func unterminatedOperand(hexadecimal: String) {
    expectDiagnostic("bytes.truncated") { try read([0x80, 2] + Bytes.hexadecimal(hexadecimal)) }
  }

  @Test("a string of 2⁶³ bytes is refused")
  func hugeString() {
    expectDiagnostic("pickle.value.invalid") {
      try read([0x80, 4] + Bytes.hexadecimal("8d ffffffffffffffff 61"))
    }
  }

  @Test("a pickle cut off at any byte is refused, with every byte changed is refused or read")
  func mutations() {
    let bytes = Bytes.hexadecimal(
      "80049513000000000000007d94284b014b028c0178948f94284b0390752e")
    for count in 0..<bytes.count {
      #expect(throws: CheckpointError.self) { try read(Array(bytes[..<count])) }
    }
    for index in bytes.indices {
      for value in UInt8.min...UInt8.max {
        _ = try? read(Bytes.patched(bytes, at: index, [value]))
      }
    }
  }

  // MARK: limits

  @Test("values and bytes are accepted at their limits and refused one beyond")
  func limits() throws {
    var limits = DecodeLimits()
    limits.pickleValues = 3
    limits.pickleBytes = 6
    #expect(try read(pickle("NNN"), limits: limits).nodes.count == 3)
    expectDiagnostic("bytes.limit-exceeded") { try read(pickle("NNNN"), limits: limits) }
    limits.pickleBytes = 100
    expectDiagnostic("bytes.limit-exceeded") { try read(pickle("NNNN"), limits: limits) }
    expectDiagnostic("bytes.limit-exceeded") {
      try read(pickle("Nq\u{0}h\u{0}h\u{0}h\u{0}"), limits: limits)
    }
  }

  @Test("a million marks are harmless")
  func marks() {
    expectDiagnostic("pickle.stack.underflow") {
      try read(pickle(String(repeating: "(", count: 1_000_000)))
    }
  }

  @Test("adding to a list, dictionary or set many times takes linear time", .timeLimit(.minutes(1)))
  func manyAdditions() throws {
    let count = 20_000
    let items = [[UInt8]](repeating: [0x28, 0x4E, 0x90], count: count).flatMap { $0 }
    let graph = try read([0x80, 4, 0x8F] + items + [0x2E])
    guard case .set(let elements) = graph[graph.root] else {
      Issue.record("no set")
      return
    }
    #expect(elements.count == count)
    let list = try read(pickle("]" + String(repeating: "Na", count: 200_000)))
    #expect(list.elements(list.root)?.count == 200_000)
  }
}
