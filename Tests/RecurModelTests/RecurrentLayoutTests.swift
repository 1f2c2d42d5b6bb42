import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Layouts pack and unpack")
struct RecurrentLayoutTests {
  private static let orders: [[LSTMGate]] = [
    [.input, .forget, .cell, .output], [.input, .output, .forget, .cell],
    [.output, .cell, .forget, .input],
  ]

  @Test(
    "packing what was unpacked gives the same bits", arguments: orders,
    [RecurrentLayout<LSTMGate>.Orientation.outputsByInputs, .inputsByOutputs])
  func roundTrip(order: [LSTMGate], orientation: RecurrentLayout<LSTMGate>.Orientation) throws {
    let layout = RecurrentLayout<LSTMGate>(gateOrder: order, orientation: orientation)
    for units in 1...3 {
      for inputs in 1...4 {
        let shape =
          orientation == .outputsByInputs ? [4 * units, inputs] : [inputs, 4 * units]
        let matrix = try Tensor.float32((0..<4 * units * inputs).map { Float($0) }, shape: shape)
        let gates = try layout.unpack(matrix)
        for gate in LSTMGate.allCases { #expect(gates[gate].shape == [units, inputs]) }
        #expect(try layout.pack(gates).isBitEqual(to: matrix), "\(units) units, \(inputs) inputs")
        let bias = try Tensor.float32((0..<4 * units).map { Float($0) }, shape: [4 * units])
        #expect(try layout.pack(layout.unpack(bias)).isBitEqual(to: bias))
      }
    }
  }

  @Test(
    "packing gives the same bits for fewer gates, too",
    arguments: [RecurrentLayout<GRUGate>.Orientation.outputsByInputs, .inputsByOutputs])
  func fewerGates(orientation: RecurrentLayout<GRUGate>.Orientation) throws {
    let gru = RecurrentLayout<GRUGate>(
      gateOrder: [.update, .reset, .candidate], orientation: orientation)
    let plain = RecurrentLayout<SimpleRNNGate>(
      gateOrder: [.hidden],
      orientation: orientation == .outputsByInputs ? .outputsByInputs : .inputsByOutputs)
    for (units, inputs) in [(1, 1), (2, 5), (3, 2)] {
      func matrix(_ gates: Int) throws -> Tensor {
        let (rows, columns) =
          orientation == .outputsByInputs ? (gates * units, inputs) : (inputs, gates * units)
        return try .float32((0..<rows * columns).map { Float($0) }, shape: [rows, columns])
      }
      let three = try matrix(3)
      #expect(try gru.pack(gru.unpack(three)).isBitEqual(to: three))
      let one = try matrix(1)
      #expect(try plain.unpack(one)[.hidden].shape == [units, inputs])
      #expect(try plain.pack(plain.unpack(one)).isBitEqual(to: one))
    }
  }

  @Test("a gate is where its framework puts it") func position() throws {
    let columns = RecurrentLayout<LSTMGate>(
      gateOrder: [.input, .forget, .cell, .output], orientation: .inputsByOutputs)
    let kernel = try Tensor.float32((0..<16).map { Float($0) }, shape: [2, 8])
    #expect(try columns.unpack(kernel)[.cell].doubles() == [4, 12, 5, 13])
  }

  @Test("a matrix that can't hold the gates is refused") func refused() throws {
    let layout = RecurrentLayout<LSTMGate>(
      gateOrder: LSTMGate.allCases, orientation: .outputsByInputs)
    expectDiagnostic("tensor.shape-mismatch") {
      try layout.unpack(.float32([1, 2, 3], shape: [3, 1]))
    }
    expectDiagnostic("tensor.shape-mismatch") { try layout.unpack(.float32([1], shape: [])) }
  }
}

@Suite("Wrong shapes say what they imply")
struct ImpliedSizesTests {
  private let rows = RecurrentLayout<LSTMGate>(
    gateOrder: LSTMGate.allCases, orientation: .outputsByInputs)
  private let columns = RecurrentLayout<LSTMGate>(
    gateOrder: LSTMGate.allCases, orientation: .inputsByOutputs)

  private func message(
    _ layout: RecurrentLayout<LSTMGate>, _ shape: [Int], _ role: RecurrentTensorRole,
    units: Int?, inputSize: Int?
  ) throws -> Diagnostic? {
    layout.finding(
      try .zeros(.float32, shape: shape), role, layer: "lstm",
      sizes: RecurrentSizes(units: units, inputSize: inputSize, declaredBy: "the config"))
  }

  @Test("a kernel of other units, in both orientations") func units() throws {
    #expect(
      try message(rows, [512, 80], .kernel, units: 64, inputSize: 80)?.message
        == "kernel of 'lstm': (512, 80) = 4·128 × 80: 128 units, input size 80; "
        + "the config declares 64 units")
    #expect(
      try message(columns, [80, 512], .kernel, units: 64, inputSize: 40)?.message
        == "kernel of 'lstm': (80, 512) = 80 × 4·128: 128 units, input size 80; "
        + "the config declares 64 units and input size 40")
  }

  @Test("a transposed kernel is called one") func transposed() throws {
    let finding = try message(columns, [512, 81], .kernel, units: 128, inputSize: 81)
    #expect(
      finding?.message
        == "kernel of 'lstm': (512, 81) fits no LSTM kernel; transposed it would be that of 128 "
        + "units and input size 81")
    #expect(finding?.expected == "(81, 512)")
  }

  @Test("a GRU's recurrent kernel is no LSTM's") func otherCell() throws {
    let finding = try message(columns, [256, 768], .recurrentKernel, units: 192, inputSize: nil)
    #expect(
      finding?.message == "recurrent kernel of 'lstm': (256, 768) fits no LSTM recurrent kernel")
  }

  @Test("what fits is silent") func fits() throws {
    #expect(try message(columns, [80, 512], .kernel, units: 128, inputSize: nil) == nil)
    #expect(try message(columns, [128, 512], .recurrentKernel, units: 128, inputSize: 9) == nil)
    #expect(try message(columns, [512], .bias, units: 128, inputSize: 9) == nil)
  }
}
