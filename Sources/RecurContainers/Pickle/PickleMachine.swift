package import RecurTensors

/// Reads a pickle as data.
///
/// Instructions that would call something make a node that says so.
///
/// An allow-list inside a machine that calls is no boundary; this one has nothing to call.
package struct PickleMachine {
  private typealias Reference = PickleGraph.Reference

  private let bytes: ByteRegion
  private let limits: DecodeLimits
  private var position = 0
  private var instruction = 0
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
    return (graph, machine.position)
  }

  private init(bytes: ByteRegion, limits: DecodeLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  /// Executes one instruction; false after STOP.
  private mutating func step() throws(CheckpointError) -> Bool {
    instruction = position
    let byte = try bytes.byte(at: position)
    guard let opcode = PickleOpcode(rawValue: byte) else {
      throw CheckpointError(
        .pickleOpcodeUnsupported,
        "opcode 0x\(String(byte, radix: 16)) at pickle byte \(position) is not data",
        at: here, hint: "save the state dict: torch.save(model.state_dict(), path)")
    }
    position += 1
    switch opcode {
    case .stop: return false
    case .protocol:
      let version = try bytes.byte(at: position)
      position += 1
      guard (2...5).contains(version) else { throw invalid("protocol \(version) is unknown") }
    case .frame: try skip(8)
    case .mark: marks.append(stack.count)
    case .pop: _ = try pop()
    case .none: try push(.none)
    case .newTrue: try push(.bool(true))
    case .newFalse: try push(.bool(false))
    case .binInt1: try push(.integer(Int(try take(UInt8.self))))
    case .binInt2: try push(.integer(Int(try take(UInt16.self))))
    case .binInt: try push(.integer(Int(try take(Int32.self))))
    case .long1: try pushLong(Int(try take(UInt8.self)))
    case .binFloat: try push(.float(Double(bitPattern: UInt64(bigEndian: try take(UInt64.self)))))
    case .shortBinUnicode: try pushString(Int(try take(UInt8.self)))
    case .binUnicode: try pushString(Int(try take(UInt32.self)))
    case .binUnicode8: try pushString(try length(try take(UInt64.self)))
    case .shortBinBytes: try push(.bytes(try text(Int(try take(UInt8.self))).bytes()))
    case .binBytes: try push(.bytes(try text(Int(try take(UInt32.self))).bytes()))
    case .emptyTuple: try push(.tuple([]))
    case .tuple1: try pushTuple(1)
    case .tuple2: try pushTuple(2)
    case .tuple3: try pushTuple(3)
    case .tuple: try push(.tuple(try popToMark()))
    case .emptyList: try push(.list([]))
    case .list: try push(.list(try popToMark()))
    case .append: try appendToList([try pop()])
    case .appends: try appendToList(try popToMark())
    case .emptyDictionary: try push(.dictionary([]))
    case .dictionary: try push(.dictionary(try pairs(try popToMark())))
    case .setItem:
      let value = try pop()
      try setItems([try pop(), value])
    case .setItems: try setItems(try popToMark())
    case .emptySet: try push(.set([]))
    case .addItems: try addItems(try popToMark())
    case .global: try push(.global(module: try line(), name: try line()))
    case .stackGlobal:
      let name = try popString()
      try push(.global(module: try popString(), name: name))
    case .reduce, .newObject:
      let arguments = try pop()
      try push(.call(function: try pop(), arguments: arguments, state: nil))
    case .build: try build(try pop())
    case .binPersistent: try push(.persistent(try pop()))
    case .memoize: memo[UInt32(memo.count)] = try top()
    case .binPut: memo[UInt32(try take(UInt8.self))] = try top()
    case .longBinPut: memo[try take(UInt32.self)] = try top()
    case .binGet: try recall(UInt32(try take(UInt8.self)))
    case .longBinGet: try recall(try take(UInt32.self))
    }
    return true
  }

  // MARK: operands

  private var here: Diagnostic.Location { bytes.location(at: instruction, length: 1) }

  private func invalid(_ message: String) -> CheckpointError {
    CheckpointError(
      .pickleValueInvalid, "\(message) (at pickle byte \(instruction))", at: here)
  }

  private mutating func take<T: FixedWidthInteger>(_ type: T.Type) throws(CheckpointError) -> T {
    let value = try bytes.integer(T.self, at: position)
    position += MemoryLayout<T>.size
    return value
  }

  private func length(_ value: UInt64) throws(CheckpointError) -> Int {
    guard let length = Int(exactly: value) else { throw invalid("a string of \(value) bytes") }
    return length
  }

  private mutating func skip(_ count: Int) throws(CheckpointError) {
    _ = try bytes.slice(at: position, length: count)
    position += count
  }

  private mutating func text(_ length: Int) throws(CheckpointError) -> ByteRegion {
    let region = try bytes.slice(at: position, length: length)
    position += length
    return region
  }

  private mutating func line() throws(CheckpointError) -> String {
    let rest = try bytes.suffix(from: position).slice(
      at: 0, length: min(limits.nameBytes, bytes.count - position))
    let content = rest.bytes().prefix { $0 != 0x0A }
    guard content.count < rest.count, let text = String(validating: content, as: UTF8.self) else {
      throw invalid("a global's name has no end, or is not UTF-8")
    }
    position += content.count + 1
    return text
  }

  // MARK: the stack

  private mutating func push(_ node: PickleGraph.Node) throws(CheckpointError) {
    guard nodes.count < limits.pickleValues else {
      throw CheckpointError(
        .limitExceeded, "a pickle of more than \(limits.pickleValues) values", at: here)
    }
    stack.append(nodes.count)
    nodes.append(node)
    offsets.append(instruction)
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

  private mutating func popToMark() throws(CheckpointError) -> [Reference] {
    guard let mark = marks.popLast() else { throw underflow() }
    let items = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return items
  }

  private mutating func popString() throws(CheckpointError) -> String {
    guard case .string(let text) = nodes[try pop()] else { throw invalid("a name is no string") }
    return text
  }

  private func underflow() -> CheckpointError {
    CheckpointError(
      .pickleStackUnderflow, "the stack is empty at pickle byte \(instruction)", at: here)
  }

  private mutating func recall(_ key: UInt32) throws(CheckpointError) {
    guard let reference = memo[key] else {
      throw CheckpointError(
        .pickleMemoMissing, "memo \(key), read at pickle byte \(instruction), was never written",
        at: here)
    }
    stack.append(reference)
    guard stack.count <= limits.pickleValues else {
      throw CheckpointError(
        .limitExceeded, "a pickle stack of more than \(limits.pickleValues) values", at: here)
    }
  }

  // MARK: values

  private mutating func pushTuple(_ count: Int) throws(CheckpointError) {
    var items: [Reference] = []
    for _ in 0..<count { items.append(try pop()) }
    try push(.tuple(items.reversed()))
  }

  private mutating func pushString(_ length: Int) throws(CheckpointError) {
    guard let text = try text(length).text() else { throw invalid("a string is not UTF-8") }
    try push(.string(text))
  }

  private mutating func pushLong(_ count: Int) throws(CheckpointError) {
    let digits = try text(count).bytes()
    guard count <= 8 else { return try push(.bigInteger(digits)) }
    var value: UInt64 = (digits.last ?? 0) & 0x80 == 0 ? 0 : .max
    for digit in digits.reversed() { value = value << 8 | UInt64(digit) }
    try push(.integer(Int(Int64(bitPattern: value))))
  }

  private mutating func appendToList(_ items: [Reference]) throws(CheckpointError) {
    let target = try top()
    guard case .list(var elements) = nodes[target] else { throw invalid("APPEND to no list") }
    nodes[target] = .none  // so that the array below is not copied
    elements += items
    nodes[target] = .list(elements)
  }

  private mutating func addItems(_ items: [Reference]) throws(CheckpointError) {
    let target = try top()
    guard case .set(var elements) = nodes[target] else { throw invalid("ADDITEMS to no set") }
    nodes[target] = .none
    elements += items
    nodes[target] = .set(elements)
  }

  private func pairs(
    _ items: [Reference]
  ) throws(CheckpointError) -> [(key: Reference, value: Reference)] {
    guard items.count % 2 == 0 else { throw invalid("a dictionary with a key but no value") }
    return stride(from: 0, to: items.count, by: 2).map { (items[$0], items[$0 + 1]) }
  }

  /// OrderedDict() makes a call node, which its first items turn into a dictionary.
  private mutating func setItems(_ items: [Reference]) throws(CheckpointError) {
    let target = try top()
    let added = try pairs(items)
    switch nodes[target] {
    case .dictionary(var entries):
      nodes[target] = .none
      entries += added
      nodes[target] = .dictionary(entries)
    case .call(let function, let arguments, _):
      guard case .global("collections", "OrderedDict") = nodes[function],
        case .tuple(let given) = nodes[arguments], given.isEmpty
      else { throw invalid("SETITEM on an object that is no empty OrderedDict and no dictionary") }
      nodes[target] = .dictionary(added)
    default: throw invalid("SETITEM on a value that is no dictionary")
    }
  }

  /// Attributes of a dictionary (torch's `_metadata`) are dropped; those of an object are kept.
  private mutating func build(_ state: Reference) throws(CheckpointError) {
    let target = try top()
    switch nodes[target] {
    case .call(let function, let arguments, _):
      nodes[target] = .call(function: function, arguments: arguments, state: state)
    case .dictionary: break
    default: throw invalid("BUILD on a value that is no object")
    }
  }
}

extension Diagnostic.Code {
  package static let pickleOpcodeUnsupported = Self(rawValue: "pickle.opcode.unsupported")
  package static let pickleStackUnderflow = Self(rawValue: "pickle.stack.underflow")
  package static let pickleMemoMissing = Self(rawValue: "pickle.memo.missing")
  package static let pickleValueInvalid = Self(rawValue: "pickle.value.invalid")
}
