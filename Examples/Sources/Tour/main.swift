import Recur

let checkpoint = try Checkpoint(opening: "lstm_last.h5")
for diagnostic in checkpoint.diagnostics { print(diagnostic.message) }

let lstm = try checkpoint.model.lstm(named: "lstm")
print(lstm.units, "units, input size", lstm.inputSize)
print("forget kernel", lstm.weights.kernel[.forget].shape)

// A whole sequence, [batch, timesteps, inputSize], by the reference in Double.
let x = try Tensor.float32([Float](repeating: 0.5, count: 18), shape: [1, 6, 3])
let last = Array<Double>(try checkpoint.model.run([x])[0])

// The same in float32, as fast as the processor: packed once, for any number of threads. A stream has
// a state of its own, whose parts have names.
let program = try Program(checkpoint.model)
var state = try program.makeState()
var y: [Float] = []
for _ in 0..<6 { try program.step([0.5, 0.5, 0.5], state: &state, into: &y) }
print("six steps are the sequence:", zip(y, last).allSatisfy { abs(Double($0) - $1) < 2e-6 })
print("the state:", state.names, "and its h is the output:", try state.values(named: "lstm.h") == y)

let verification = try checkpoint.verify(golden: "lstm_last.golden.npz")
print("computes what Keras recorded:", verification.matches)
