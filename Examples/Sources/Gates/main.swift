import Recur

for (name, layer) in try Checkpoint(opening: CommandLine.arguments[1]).model.recurrentLayers {
  print(name, layer.cell.title)
  guard case .lstm(let lstm) = layer.cell else { continue }
  for (gate, kernel) in lstm.weights.kernel {
    print(" ", gate, "gate: kernel", kernel.shape, "begins with", Array<Float>(kernel)[0])
  }
}
