package import RecurTensors

/// Reads a pickle as data.
///
/// An instruction that would call a function makes a node that describes the call.
///
/// An allow-list of functions would be no security boundary. This machine can't call any function.
package struct PickleMachine {
  private typealias Reference = PickleGraph.Reference

  private let limits: DecodeLimits
  private var operands: PickleInstructions
  private var nodes: [PickleGraph.Node] = []
  private var offsets: [Int] = []
  private var stack: [Reference] = []
  private var marks: [Int] = []
  private var memo: [UInt32: Reference] = [:]

  /// The graph that the pickle at the start of `bytes` builds, and the number of bytes it takes.
  ///
  /// - Throws: `pickle.opcode.unsupported`, `pickle.stack.underflow`, `pickle.memo.missing`,
  ///   `pickle.value.invalid`, `bytes.limit-exceeded`, `bytes.truncated`.
  package static func read(
    _ bytes: ByteRegion, limits: DecodeLimits = .init()
  ) throws(CheckpointError) -> (graph: PickleGraph, count: Int) {
    guard bytes.count <= limits.pickleBytes else {
      throw CheckpointError(
        .limitExceeded, "a pickle of \(bytes.count) bytes; at most \(limits.pickleBytes) are read",
        at: bytes.location)
    }
    var machine = PickleMachine(bytes: bytes, limits: limits)
    while try machine.step() {}
    let root = try machine.pop()
    let graph = PickleGraph(nodes: machine.nodes, root: root, offsets: machine.offsets)
    return (graph, machine.operands.position)
  }

  private init(bytes: ByteRegion, limits: DecodeLimits) {
    operands = PickleInstructions(bytes, limits)
    self.limits = limits
  }

  /// Executes one instruction; returns false after STOP.
  private mutating func step() throws(CheckpointError) -> Bool {
    let opcode = try operands.next()
    switch opcode {
    case .stop: return false
    case .protocol:
      let version = try operands.take(UInt8.self)
      guard version <= 5 else { throw operands.invalid("protocol \(version) is unknown") }
    case .frame: try operands.skip(8)
    case .mark: try pushMark()
    case .pop: try drop()
    case .popMark: _ = try popToMark()
    case .duplicate: try pushAgain(try top())
    case .none: try push(.none)
    case .newTrue: try push(.bool(true))
    case .newFalse: try push(.bool(false))
    case .binInt1: try push(.integer(Int(try operands.take(UInt8.self))))
    case .binInt2: try push(.integer(Int(try operands.take(UInt16.self))))
    case .binInt: try push(.integer(Int(try operands.take(Int32.self))))
    case .long1: try pushLong(Int(try operands.take(UInt8.self)))
    case .long4:
      let count = Int(try operands.take(Int32.self))
      guard count >= 0 else { throw operands.invalid("an integer of \(count) bytes") }
      try pushLong(count)
    case .integer, .long:
      try push(
        try PickleText.integer(try operands.line(), isLong: opcode == .long, at: operands.here))
    case .float: try push(try PickleText.float(try operands.line(), at: operands.here))
    case .binFloat:
      try push(.float(Double(bitPattern: UInt64(bigEndian: try operands.take(UInt64.self)))))
    case .string: try push(try PickleText.string(try operands.line(), at: operands.here))
    case .unicode: try push(try PickleText.unicode(try operands.line(), at: operands.here))
    case .binString:
      let count = Int(try operands.take(Int32.self))
      guard count >= 0 else { throw operands.invalid("a string of \(count) bytes") }
      try pushOldString(count)
    case .shortBinString: try pushOldString(Int(try operands.take(UInt8.self)))
    case .shortBinUnicode: try pushString(Int(try operands.take(UInt8.self)))
    case .binUnicode: try pushString(Int(try operands.take(UInt32.self)))
    case .binUnicode8: try pushString(try operands.length(try operands.take(UInt64.self)))
    case .shortBinBytes:
      try push(.bytes(try operands.text(Int(try operands.take(UInt8.self))).bytes()))
    case .binBytes: try push(.bytes(try operands.text(Int(try operands.take(UInt32.self))).bytes()))
    case .binBytes8, .byteArray8:
      try push(
        .bytes(try operands.text(try operands.length(try operands.take(UInt64.self))).bytes()))
    case .emptyTuple: try push(.tuple([]))
    case .tuple1: try pushTuple(1)
    case .tuple2: try pushTuple(2)
    case .tuple3: try pushTuple(3)
    case .tuple: try push(.tuple(try popToMark()))
    case .emptyList: try push(.list([]))
    case .list: try push(.list(try popToMark()))
    case .append: try add([try pop()])
    case .appends: try add(try popToMark())
    case .emptyDictionary: try push(.dictionary([]))
    case .dictionary: try push(.dictionary(try pairs(try popToMark())))
    case .setItem:
      let value = try pop()
      try setItems([try pop(), value])
    case .setItems: try setItems(try popToMark())
    case .emptySet: try push(.set([]))
    case .frozenSet: try push(.set(try popToMark()))
    case .addItems: try add(try popToMark(), toSet: true)
    case .global: try push(.global(module: try operands.name(), name: try operands.name()))
    case .stackGlobal:
      let name = try popString()
      try push(.global(module: try popString(), name: name))
    case .reduce, .newObject:
      let arguments = try pop()
      try pushCall(try pop(), arguments)
    case .newObjectWithKeywords:
      let keywords = try pop()
      let arguments = try pop()
      try pushCall(try pop(), arguments, keywords: keywords)
    case .instance:
      let (module, name) = (try operands.name(), try operands.name())
      let arguments = try popToMark()
      try push(.global(module: module, name: name))
      let function = try pop()
      try push(.tuple(arguments))
      try pushCall(function, try pop())
    case .object:
      let parts = try popToMark()
      guard let function = parts.first else { throw underflow() }
      try push(.tuple(Array(parts.dropFirst())))
      try pushCall(function, try pop())
    case .build: try build(try pop())
    case .binPersistent: try push(.persistent(try pop()))
    case .memoize: try remember(UInt32(memo.count))
    case .put: try remember(try operands.memoKey())
    case .binPut: try remember(UInt32(try operands.take(UInt8.self)))
    case .longBinPut: try remember(try operands.take(UInt32.self))
    case .get: try recall(try operands.memoKey())
    case .binGet: try recall(UInt32(try operands.take(UInt8.self)))
    case .longBinGet: try recall(try operands.take(UInt32.self))
    case .persistent, .extension1, .extension2, .extension4, .nextBuffer, .readOnlyBuffer: break
    }
    return true
  }

  // MARK: the stack

  private mutating func push(_ node: PickleGraph.Node) throws(CheckpointError) {
    guard nodes.count < limits.pickleValues else {
      throw tooMany("values")
    }
    stack.append(nodes.count)
    nodes.append(node)
    offsets.append(operands.instruction)
  }

  private func top() throws(CheckpointError) -> Reference {
    guard let top = stack.last, stack.count > marks.last ?? 0 else { throw underflow() }
    return top
  }

  private mutating func pop() throws(CheckpointError) -> Reference {
    let top = try top()
    stack.removeLast()
    return top
  }

  /// POP removes the mark when no value lies above the mark.
  private mutating func drop() throws(CheckpointError) {
    if let mark = marks.last, mark == stack.count {
      marks.removeLast()
    } else {
      _ = try pop()
    }
  }

  private mutating func pushMark() throws(CheckpointError) {
    guard marks.count < limits.pickleValues else { throw tooMany("marks") }
    marks.append(stack.count)
  }

  private mutating func popToMark() throws(CheckpointError) -> [Reference] {
    guard let mark = marks.popLast() else { throw underflow() }
    let items = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return items
  }

  private mutating func popString() throws(CheckpointError) -> String {
    guard case .string(let text) = nodes[try pop()] else {
      throw operands.invalid("a name is no string")
    }
    return text
  }

  private func underflow() -> CheckpointError {
    CheckpointError(
      .pickleStackUnderflow, "the stack is empty at pickle byte \(operands.instruction)",
      at: operands.here,
      facts: [.pickledObjects])
  }

  private mutating func remember(_ key: UInt32) throws(CheckpointError) {
    guard memo.count < limits.pickleValues else { throw tooMany("memos") }
    memo[key] = try top()
  }

  private mutating func recall(_ key: UInt32) throws(CheckpointError) {
    guard let reference = memo[key] else {
      throw CheckpointError(
        .pickleMemoMissing,
        "memo \(key), read at pickle byte \(operands.instruction), was never written",
        at: operands.here, facts: [.pickledObjects])
    }
    try pushAgain(reference)
  }

  private mutating func pushAgain(_ reference: Reference) throws(CheckpointError) {
    stack.append(reference)
    guard stack.count <= limits.pickleValues else { throw tooMany("values on its stack") }
  }

  private func tooMany(_ what: String) -> CheckpointError {
    CheckpointError(
      .limitExceeded, "a pickle of more than \(limits.pickleValues) \(what)", at: operands.here)
  }

  // MARK: values

  private mutating func pushTuple(_ count: Int) throws(CheckpointError) {
    var items: [Reference] = []
    for _ in 0..<count { items.append(try pop()) }
    try push(.tuple(items.reversed()))
  }

  private mutating func pushString(_ length: Int) throws(CheckpointError) {
    guard let text = try operands.text(length).text() else {
      throw operands.invalid("a string is not UTF-8")
    }
    try push(.string(text))
  }

  private mutating func pushLong(_ count: Int) throws(CheckpointError) {
    let digits = try operands.text(count).bytes()
    guard count <= 8 else { return try push(.bigInteger(digits)) }
    var value: UInt64 = (digits.last ?? 0) & 0x80 == 0 ? 0 : .max
    for digit in digits.reversed() { value = value << 8 | UInt64(digit) }
    try push(.integer(Int(Int64(bitPattern: value))))
  }

  /// Python 2 wrote text and bytes in the same form; bytes that are valid UTF-8 become text.
  private mutating func pushOldString(_ length: Int) throws(CheckpointError) {
    let content = try operands.text(length)
    try push(content.text().map { .string($0) } ?? .bytes(content.bytes()))
  }

  private mutating func pushCall(
    _ function: Reference, _ arguments: Reference, keywords: Reference? = nil
  ) throws(CheckpointError) {
    try push(
      .call(PickleGraph.Call(function: function, arguments: arguments, keywords: keywords)))
  }

  /// Adds elements to a list or a set, or to an object that would accept them.
  private mutating func add(
    _ items: [Reference], toSet: Bool = false
  ) throws(CheckpointError) {
    let target = try top()
    switch nodes[target] {
    case .list(var elements) where !toSet:
      nodes[target] = .none  // so that the array below is not copied
      elements += items
      nodes[target] = .list(elements)
    case .set(var elements) where toSet:
      nodes[target] = .none
      elements += items
      nodes[target] = .set(elements)
    case .call(var call):
      nodes[target] = .none
      call.elements += items
      nodes[target] = .call(call)
    case .none, .bool, .integer, .bigInteger, .float, .string, .bytes, .tuple, .list, .dictionary,
      .set, .global, .persistent:
      throw operands.invalid(toSet ? "ADDITEMS to no set" : "APPEND to no list")
    }
  }

  private func pairs(
    _ items: [Reference]
  ) throws(CheckpointError) -> [(key: Reference, value: Reference)] {
    guard items.count % 2 == 0 else {
      throw operands.invalid("a dictionary with a key but no value")
    }
    return stride(from: 0, to: items.count, by: 2).map { (items[$0], items[$0 + 1]) }
  }

  /// Stores items in a dictionary, or in an object that would be one: OrderedDict, defaultdict.
  private mutating func setItems(_ items: [Reference]) throws(CheckpointError) {
    let target = try top()
    let added = try pairs(items)
    switch nodes[target] {
    case .dictionary(var entries):
      nodes[target] = .none
      entries += added
      nodes[target] = .dictionary(entries)
    case .call(var call):
      nodes[target] = .none
      call.items += added
      nodes[target] = .call(call)
    case .none, .bool, .integer, .bigInteger, .float, .string, .bytes, .tuple, .list, .set,
      .global, .persistent:
      throw operands.invalid("SETITEM on a value that is no dictionary")
    }
  }

  /// Sets attributes: those of a dictionary (torch's `_metadata`) are dropped, those of an object
  /// are kept.
  private mutating func build(_ state: Reference) throws(CheckpointError) {
    let target = try top()
    switch nodes[target] {
    case .call(var call):
      // Python sets a state once; without a limit, a pickle could set one large state any number of
      // times.
      guard call.states.count < 4 else {
        throw operands.invalid("an object is set up more than 4 times")
      }
      nodes[target] = .none
      call.states.append(state)
      nodes[target] = .call(call)
    case .dictionary: break
    case .none, .bool, .integer, .bigInteger, .float, .string, .bytes, .tuple, .list, .set,
      .global, .persistent:
      throw operands.invalid("BUILD on a value that is no object")
    }
  }
}

extension Diagnostic.Code {
  package static let pickleOpcodeUnsupported = Self(rawValue: "pickle.opcode.unsupported")
  package static let pickleStackUnderflow = Self(rawValue: "pickle.stack.underflow")
  package static let pickleMemoMissing = Self(rawValue: "pickle.memo.missing")
  package static let pickleValueInvalid = Self(rawValue: "pickle.value.invalid")
}
