package import RecurContainers
package import RecurFormats
import RecurModel
package import RecurTensors

/// A kind of files of Core ML.
package protocol CoreMLFormat: ModelDecoding, ArchitectureLending {}

extension CoreMLFormat {
  package var convention: any Convention { CoreMLConvention() }

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      try CoreMLReading.decoded(probe, options)
    }
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      try CoreMLReading.inspection(probe, format: id, title: title)
    }
  }
}

/// ML programs of Core ML: packages, which are folders.
package struct CoreMLPackageFormat: CoreMLFormat, SeveralFiles {
  package let id = "mlpackage"
  package let title = "Core ML program"
  package let extensions = [".mlpackage"]

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    CoreMLModel.recognizes(probe.bytes, isProgram: true)
  }

  // MARK: folders

  package func isModelFolder(_ path: String) -> Bool {
    ((try? CoreMLPackage.modelPath(in: path)) ?? nil) != nil
  }

  package func entry(at path: String) throws(CheckpointError) -> String? {
    if isFolder(path) {
      if let own = try CoreMLPackage.modelPath(in: path) { return own }
    }
    // A folder or a file in a package.
    let parts = [CoreMLPackage.manifest, "weight.bin", CoreMLPackage.data, "weights"]
    guard parts.contains(splitPath(path).name) || path.hasSuffix("com.apple.CoreML"),
      let folder = CoreMLPackage.folder(of: path)
    else { return nil }
    return try CoreMLPackage.modelPath(in: folder)
  }
}

extension CoreMLPackageFormat: TensorListing {
  package func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let file = try CoreMLModel(probe.bytes, limits: limits)
      var table = TensorTable()
      for own in CoreMLReading.stored(file, CoreMLReading.weights(probe)) {
        try table.append(own.name, own.tensor())
      }
      return StoredTensors(table: table, metadata: file.metadata)
    }
  }
}

/// Neural networks of Core ML, each in a file.
package struct CoreMLNetworkFormat: CoreMLFormat {
  package let id = "mlmodel"
  package let title = "Core ML neural network"
  package let extensions = [".mlmodel"]

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    CoreMLModel.recognizes(probe.bytes, isProgram: false)
  }
}
