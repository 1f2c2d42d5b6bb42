// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "recur",
  platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
  products: [
    .library(name: "Recur", targets: ["Recur"]),
    .library(name: "RecurTesting", targets: ["RecurTesting"]),
    .executable(name: "recur", targets: ["RecurCLI"]),
  ],
  traits: [
    .trait(name: "CommandLine", description: "The command 'recur', and with it ArgumentParser."),
    .trait(name: "HDF5Writing", description: "Writing HDF5 files, and with it libhdf5."),
    .trait(name: "Keras", description: "The formats of Keras."),
    .trait(
      name: "PyTorch",
      description: "PyTorch checkpoints, and state dicts in safetensors and NumPy archives."),
    .trait(name: "ONNX", description: "Models of ONNX."),
    .trait(
      name: "JAX", description: "Weights of Flax, Haiku and Equinox.", enabledTraits: ["PyTorch"]),
    .trait(name: "MLX", description: "Weights of MLX.", enabledTraits: ["PyTorch"]),
    .trait(name: "CoreML", description: "Models of Core ML."),
    .trait(name: "Audio", description: "Models of audio plug-ins."),
    .trait(
      name: "TensorFlow", description: "What TensorFlow saves, and TensorFlow.js.",
      enabledTraits: ["Keras"]),
    .default(enabledTraits: [
      "CommandLine", "HDF5Writing", "Keras", "PyTorch", "ONNX", "JAX", "MLX", "CoreML", "Audio",
      "TensorFlow",
    ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
    .target(name: "RecurTensors", swiftSettings: strict),
    .target(
      name: "RecurContainers", dependencies: ["RecurTensors", "CZlib"], swiftSettings: strict),
    .target(
      name: "RecurHDF5Writing", dependencies: ["RecurTensors", "CHDF5"], swiftSettings: strict),
    .target(name: "RecurSource", dependencies: ["RecurTensors"], swiftSettings: strict),
    .target(name: "RecurModel", dependencies: ["RecurTensors"], swiftSettings: strict),
    .target(
      name: "RecurFormats", dependencies: ["RecurTensors", "RecurContainers", "RecurModel"],
      swiftSettings: strict),
    .target(
      name: "RecurStateDicts",
      dependencies: ["RecurTensors", "RecurContainers", "RecurModel", "RecurFormats"],
      swiftSettings: strict),
    .target(
      name: "RecurPyTorch",
      dependencies: [
        "RecurTensors", "RecurContainers", "RecurSource", "RecurModel", "RecurFormats",
        "RecurStateDicts",
      ],
      swiftSettings: strict),
    .target(
      name: "RecurKeras",
      dependencies: [
        "RecurTensors", "RecurContainers", "RecurModel", "RecurFormats",
        .target(name: "RecurHDF5Writing", condition: .when(traits: ["HDF5Writing"])),
      ],
      swiftSettings: strict),
    .target(
      name: "RecurKerasSource",
      dependencies: [
        "RecurTensors", "RecurContainers", "RecurSource", "RecurModel", "RecurFormats",
        "RecurKeras", "RecurPyTorch",
      ],
      swiftSettings: strict),
    .target(
      name: "RecurONNX",
      dependencies: ["RecurTensors", "RecurContainers", "RecurModel", "RecurFormats"],
      swiftSettings: strict),
    .target(
      name: "RecurJAX",
      dependencies: [
        "RecurTensors", "RecurContainers", "RecurModel", "RecurFormats", "RecurStateDicts",
      ],
      swiftSettings: strict),
    .target(
      name: "RecurMLX",
      dependencies: [
        "RecurTensors", "RecurContainers", "RecurModel", "RecurFormats", "RecurStateDicts",
      ],
      swiftSettings: strict),
    .target(
      name: "RecurCoreML",
      dependencies: ["RecurTensors", "RecurContainers", "RecurModel", "RecurFormats"],
      swiftSettings: strict),
    .target(
      name: "RecurAudio",
      dependencies: ["RecurTensors", "RecurContainers", "RecurModel", "RecurFormats"],
      swiftSettings: strict),
    .target(
      name: "RecurTensorFlow",
      dependencies: [
        "RecurTensors", "RecurContainers", "RecurModel", "RecurFormats", "RecurKeras",
      ],
      swiftSettings: strict),
    .target(name: "CRecurKernels"),
    .target(
      name: "RecurInference", dependencies: ["RecurTensors", "RecurModel", "CRecurKernels"],
      swiftSettings: strict),
    .target(
      name: "RecurVerification",
      dependencies: ["RecurTensors", "RecurContainers", "RecurModel", "RecurInference"],
      swiftSettings: strict),
    .target(
      name: "Recur",
      dependencies: [
        "RecurTensors", "RecurContainers", "RecurModel", "RecurFormats", "RecurInference",
        "RecurVerification",
        .target(name: "RecurKeras", condition: .when(traits: ["Keras"])),
        .target(name: "RecurKerasSource", condition: .when(traits: ["Keras"])),
        .target(name: "RecurStateDicts", condition: .when(traits: ["PyTorch"])),
        .target(name: "RecurPyTorch", condition: .when(traits: ["PyTorch"])),
        .target(name: "RecurONNX", condition: .when(traits: ["ONNX"])),
        .target(name: "RecurJAX", condition: .when(traits: ["JAX"])),
        .target(name: "RecurMLX", condition: .when(traits: ["MLX"])),
        .target(name: "RecurCoreML", condition: .when(traits: ["CoreML"])),
        .target(name: "RecurAudio", condition: .when(traits: ["Audio"])),
        .target(name: "RecurTensorFlow", condition: .when(traits: ["TensorFlow"])),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "RecurCLI",
      dependencies: [
        "Recur", "RecurTensors", "RecurContainers", "RecurModel", "RecurFormats",
        "RecurInference", "RecurVerification",
        .product(
          name: "ArgumentParser", package: "swift-argument-parser",
          condition: .when(traits: ["CommandLine"])),
      ],
      swiftSettings: strict),
    .target(name: "RecurTesting", dependencies: ["Recur"], swiftSettings: strict),
    .executableTarget(name: "RecurCheck", dependencies: ["Recur"], swiftSettings: strict),
    .target(name: "CRecurBenchmarks", exclude: ["machine.inc"]),
    .executableTarget(
      name: "RecurBenchmarks",
      dependencies: [
        "Recur", "RecurTensors", "RecurContainers", "RecurModel", "RecurInference",
        "CRecurBenchmarks",
      ],
      exclude: ["peers"], swiftSettings: strict),
    .target(
      name: "RecurTestSupport", dependencies: ["RecurTensors", "RecurContainers"],
      path: "Tests/RecurTestSupport", swiftSettings: strict),
    .testTarget(
      name: "RecurTensorsTests", dependencies: ["RecurTensors", "RecurTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "RecurSourceTests", dependencies: ["RecurTensors", "RecurSource", "RecurTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "RecurContainersTests",
      dependencies: [
        "RecurTensors", "RecurContainers", "RecurHDF5Writing", "RecurTestSupport", "CHDF5",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "RecurHDF5WritingTests",
      dependencies: ["RecurTensors", "RecurContainers", "RecurHDF5Writing", "RecurTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "RecurModelTests",
      dependencies: ["RecurTensors", "RecurModel", "RecurInference", "RecurTestSupport"],
      swiftSettings: strict),
    .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
    .testTarget(
      name: "RecurInferenceTests",
      dependencies: [
        "RecurTensors", "RecurModel", "RecurInference", "RecurTestSupport", "CAllocationCounter",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "RecurFormatsTests",
      dependencies: [
        "Recur", "RecurTensors", "RecurContainers", "RecurModel", "RecurFormats",
        "RecurStateDicts", "RecurPyTorch", "RecurONNX", "RecurJAX", "RecurMLX", "RecurCoreML",
        "RecurAudio", "RecurTensorFlow", "RecurKeras", "RecurInference",
        "RecurVerification",
        "RecurTestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "RecurVerificationTests",
      dependencies: [
        "Recur", "RecurTensors", "RecurContainers", "RecurModel", "RecurInference",
        "RecurVerification", "RecurTestSupport", "RecurTesting",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "RecurCLITests",
      dependencies: [
        "RecurCLI", "RecurBenchmarks", "RecurTensors", "RecurContainers", "RecurTestSupport",
      ],
      swiftSettings: strict),
  ]
)

// What plugins run is built a second time, as a tool of the machine that builds. The project's own builds
// leave the plugins out.
if Context.environment["RECUR_PLUGINS"] != "0" {
  package.products += [
    .plugin(name: "ValidateCheckpoints", targets: ["ValidateCheckpoints"]),
    .plugin(name: "RecurCommand", targets: ["RecurCommand"]),
  ]
  package.targets += [
    .plugin(
      name: "ValidateCheckpoints", capability: .buildTool(), dependencies: ["RecurCheck"]),
    .plugin(
      name: "RecurCommand",
      capability: .command(
        intent: .custom(verb: "recur", description: "Runs recur in the folder of the package.")),
      dependencies: ["RecurCLI"]),
  ]
}
