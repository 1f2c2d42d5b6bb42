import RecurModel
import RecurPyTorch
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Functions of torch")
struct PyTorchFunctionTests {
  @Test("a function, and a call of it, that are not supported are named")
  func refused() {
    let unknown = expectDiagnostic("pytorch.function.unsupported") {
      _ = try PyTorchFunctions.call("torch.relux", [], named: "y")
    }
    #expect(unknown?.message == "the function 'torch.relux' is not supported")
    #expect(unknown?.hint == "did you mean 'relu'?")
    let call = expectDiagnostic("pytorch.function.unsupported") {
      _ = try PyTorchFunctions.call("torch.relu", [], named: "y")
    }
    #expect(call?.message.hasPrefix("this call of 'torch.relu' is not supported: ") == true)
  }

  @Test("an argument that names where the result goes is refused by its name")
  func out() throws {
    let x = PyTorchArgument.tensor(
      PyTorchTensor(Model.Value("x"), shape: [.fixed(2)], kind: .floatingPoint))
    let call = expectDiagnostic("pytorch.function.unsupported") {
      _ = try PyTorchFunctions.call("torch.relu", [x], [("out", x)], named: "y")
    }
    #expect(call?.message.hasSuffix("its argument 'out' is not supported") == true)
    // None is nowhere, and arguments of speed change no number.
    _ = try PyTorchFunctions.call(
      "torch.relu", [x], [("out", .none), ("inplace", .bool(true))], named: "y")
  }

  @Test("synonyms and prefixes mean functions of the table")
  func names() throws {
    #expect(PyTorchFunctions.names.count > 100)
    #expect(Set(PyTorchFunctions.names).isSuperset(of: ["cat", "concat", "matmul", "softmax"]))
  }
}
