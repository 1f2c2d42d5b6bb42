import RecurFormats

/// Keras' HDF5 full model for Keras 2 and tf.keras.
///
/// It is written on request only, because its ending is that of Keras 3 files. It is read as
/// `keras-h5`.
package struct KerasTwoFormat: ModelFormat {
  package let id = "keras2-h5"
  package let title = "Keras HDF5 model for Keras 2 and tf.keras"
  package let extensions: [String] = []

  package init() {}
}
