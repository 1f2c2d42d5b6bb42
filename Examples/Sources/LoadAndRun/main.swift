import Recur

let checkpoint = try Checkpoint(opening: CommandLine.arguments[1])
let program = try Program(checkpoint.model)
let x = try Tensor.float32([Float](repeating: 0.5, count: 18), shape: [1, 6, 3])
print(Array<Float>(try program.run([x])[0]))
