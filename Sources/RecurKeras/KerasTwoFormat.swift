import RecurFormats

/// Keras' HDF5 full model as Keras 2 and tf.keras read it; written on request only, because its
/// files end like those of Keras 3, and read as `keras-h5`.
package struct KerasTwoFormat: ModelFormat {
  package let id = "keras2-h5"
  package let title = "Keras HDF5 model for Keras 2 and tf.keras"
  package let extensions: [String] = []

  package init() {}
}
