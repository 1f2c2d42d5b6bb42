import Foundation
import Recur

// Raw float32 samples from standard input, through a model, to standard output.
let program = try Program(Checkpoint(opening: CommandLine.arguments[1]).model)
var state = try program.makeState()
var y = [Float](repeating: 0, count: try program.outputSize())

while let block = try FileHandle.standardInput.read(upToCount: 4096), !block.isEmpty {
  var samples = block.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  for index in samples.indices {
    try program.step([samples[index]], state: &state, into: &y)
    samples[index] = y[0]
  }
  try FileHandle.standardOutput.write(contentsOf: samples.withUnsafeBytes { Data($0) })
}
