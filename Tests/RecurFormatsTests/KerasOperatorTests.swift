#if HDF5Writing
  import Recur
  import RecurFormats
  import RecurInference
  import RecurModel
  import RecurTensors
  import RecurTestSupport
  import RecurVerification
  import Testing

  /// Every operator in models that the real frameworks recorded (gen_operators.py).
  @Suite("Operators of Keras 3 and tf.keras")
  struct KerasOperatorTests {
    static let files = [
      "keras3/operators_elementwise.keras", "keras3/operators_reductions.keras",
      "keras3/operators_shapes.keras", "keras3/operators_products.keras",
      "keras3/operators_attention.keras", "tf_keras/operators.keras",
      "keras3/operators_positions.keras", "tf_keras/operators_positions.keras",
    ]

    private func inputs(_ file: String) throws -> [Tensor] {
      let stem = file.prefix { $0 != "." }
      return try GoldenFile(at: TestData.path("\(stem).golden.npz"), for: nil).inputs
    }

    @Test("each kind of operator stands with at least 20 options and shapes in the recordings")
    func coverage() throws {
      var counts: [String: Int] = [:]
      for file in Self.files {
        let model = try Checkpoint(opening: TestData.path(file)).model
        for node in model.nodes {
          counts[String(node.layer.title.prefix { $0 != "(" }), default: 0] += 1
        }
      }
      let wanted =
        ["Slice", "Where", "Clamp", "Cast", "MatrixProduct", "Softmax"]
        + ["MultiHeadAttention", "EinsumDense", "Einsum", "Discretization", "CategoryEncoding"]
        + ["Mean", "Sum", "Max", "Min", "Product", "All", "Variance", "StandardDeviation"]
        + ["LogSumExp", "L1Norm", "L2Norm"]
        + [Binary.Function.divide, .floorDivide, .modulo, .power, .maximum, .less, .equal]
        .map(\.rawValue)
      for name in wanted { #expect(counts[name, default: 0] >= 20, "\(name)") }
      let positions =
        [
          "ArgMax", "ArgMin", "CumSum", "CumProd", "Sort", "Top", "Gather", "OneHot", "Repeat",
          "Tile",
        ]
        + ["Pad", "RMSNormalization", "LayerNormalization", "Lookup"]
      for name in positions { #expect(counts[name, default: 0] >= 14, "\(name)") }
      for function in Unary.allCases { #expect(counts[function.rawValue, default: 0] >= 7) }
    }

    @Test("the engine computes what the reference computes", arguments: files)
    func engine(file: String) throws {
      let model = try Checkpoint(opening: TestData.path(file)).model
      let inputs = try inputs(file)
      let expected = try model.run(inputs)
      for (result, wanted) in zip(try Program(model).run(inputs), expected) {
        #expect(result.shape == wanted.shape)
        let scale = wanted.doubles().reduce(1) { max($0, $1.isFinite ? abs($1) : 0) }
        for (a, b) in zip(result.doubles(), wanted.doubles()) where !(a.isNaN && b.isNaN) {
          #expect(a == b || abs(a - b) <= 2e-6 * scale)
        }
      }
    }

    @Test("written for Keras 3 and read back they compute the same numbers", arguments: files)
    func roundTrip(file: String) throws {
      let model = try Checkpoint(opening: TestData.path(file)).model
      let encoding = try FormatRegistry.all.encoding(forPath: "", id: "keras")
      let encoded = try encoding.encode(model, options: EncodeOptions(source: "test"))
      var sink = MemorySink()
      try encoded.write(to: &sink)
      let read = try encoded.readBack(FileProbe(path: "", bytes: TestData.region(sink.bytes)))
      guard case .model(let copy) = read else {
        Issue.record("no model")
        return
      }
      let inputs = try inputs(file)
      for (one, other) in zip(try model.run(inputs), try copy.run(inputs)) {
        #expect(one.shape == other.shape)
        for (a, b) in zip(one.doubles(), other.doubles()) {
          #expect(a == b || a.isNaN && b.isNaN)
        }
      }
    }

    @Test("an operation that is not read is named, with those that are")
    func unknown() throws {
      let checkpoint = try Checkpoint(opening: TestData.path("broken/diff_alone.keras"))
      let finding = try #require(checkpoint.diagnostics.first)
      #expect(finding.message.contains("is the operation 'Diff', which is not read"))
      #expect(finding.notes.first?.contains("GetItem, Greater") == true)
    }
  }
#endif
