import Recur

let paths = CommandLine.arguments
let checkpoint = try Checkpoint(opening: paths[1], architecture: paths[2])
print(try checkpoint.convert(to: paths[3], overwriting: true).mappings.count, "tensors written")
