package import RecurContainers
package import RecurFormats
import RecurModel
package import RecurTensors

/// Keras' HDF5 full model (`model.save("x.h5")`), and its weights-only sibling.
package struct KerasH5Format: ModelDecoding, SourceTaking, LambdaTaking, ArrayTaking, TensorListing
{
  package let id = "keras-h5"
  package let title = "Keras HDF5 model"
  package let extensions = [".h5", ".hdf5"]
  package var convention: any Convention { KerasConvention() }

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    probe.hdf5RootAttributes.contains {
      ["model_config", "layer_names", "layer_names0"].contains($0)
    }
  }

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      try KerasFile(
        legacy: probe, options.limits, isArchitectureGiven: options.isArchitectureGiven
      ).decoded(probe, options)
    }
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      var file = try probe.hdf5File()
      let stored = try HDF5Format.inspection(of: file)
      var inspection: Inspection
      let found = KerasInspection.architecture(probe) { () throws(CheckpointError) in
        try KerasFile.legacyArchitecture(&file, .init())
      }
      if let architecture = found.architecture {
        inspection = KerasInspection.inspection(architecture, id, title)
      } else {
        let isModel = !found.problems.isEmpty
        let root = isModel && file["/model_weights"] != nil ? "/model_weights" : "/"
        inspection = KerasInspection.inferred(
          id, isModel ? title : "Keras HDF5 weights only", probe
        ) { () throws(CheckpointError) in try KerasH5Weights(&file, root: root).layers }
      }
      inspection.diagnostics += found.problems
      inspection.tensors = stored.tensors
      inspection.diagnostics += stored.diagnostics.map { $0.located(file: probe.path) }
      return inspection
    }
  }
  package func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    try HDF5Format().tensors(probe, key: key, limits)
  }
}
