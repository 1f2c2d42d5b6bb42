// swift-tools-version: 6.2
import PackageDescription

let recur: Target.Dependency = .product(name: "Recur", package: "recur")

let package = Package(
  name: "Examples",
  dependencies: [
    .package(name: "recur", path: "..", traits: ["Keras", "PyTorch", "Audio", "HDF5Writing"])
  ],
  targets: [
    .executableTarget(name: "LoadAndRun", dependencies: [recur]),
    .executableTarget(name: "SampleBySample", dependencies: [recur]),
    .executableTarget(name: "Gates", dependencies: [recur]),
    .executableTarget(name: "PyTorchToKeras", dependencies: [recur]),
    .executableTarget(name: "Tour", dependencies: [recur], exclude: ["expected.txt"]),
    .testTarget(
      name: "ModelTests", dependencies: [.product(name: "RecurTesting", package: "recur")]),
  ]
)
