extension Explanation {
  /// Codes of HDF5 files that are damaged or contradict themselves.
  static let aboutHDF5: [Explanation] = [
    Explanation(
      "hdf5.address.invalid",
      meaning: "an address or a size leads out of the file",
      cause:
        "Bytes of the file were overwritten or changed on the way, as by a transfer in text "
        + "mode.",
      fix: "Fetch the file again, and compare it with its source: sha256sum model.h5",
      example: ""),
    Explanation(
      "hdf5.attribute.invalid",
      meaning: "an attribute can't be read, or holds no text where text belongs",
      cause:
        "A tool wrote numbers, or text that isn't UTF-8, into 'keras_version', 'model_config', "
        + "'layer_names' or 'weight_names', or the file is damaged.",
      fix:
        "Save the model again, or write the attribute as text: "
        + "with h5py.File('model.h5', 'r+') as f: f.attrs['keras_version'] = '2.15.0'",
      example: ""),
    Explanation(
      "hdf5.checksum.mismatch",
      meaning: "a structure of the file does not have the checksum stored with it",
      cause:
        "Bytes of the file changed after it was written. Files made with libver='latest' carry "
        + "checksums of their structures.",
      fix: "Fetch the file again, and compare it with its source: sha256sum model.h5",
      example: ""),
    Explanation(
      "hdf5.chunk.invalid",
      meaning: "a piece of a chunked dataset is not what its index says",
      cause:
        "The chunk is damaged: its checksum, its size or its place in the array is wrong, or two "
        + "chunks stand for one place.",
      fix: "Fetch the file again, or save the model again: model.save('model.h5')",
      example: ""),
    Explanation(
      "hdf5.cycle",
      meaning: "an object of the file is reached a second time",
      cause:
        "Two names lead to one object, as after f['b'] = f['a'] in h5py, or the file is damaged "
        + "or hostile.",
      fix:
        "Give the second name a copy of its own: "
        + "with h5py.File('model.h5', 'r+') as f: del f['b']; f.copy('a', 'b')",
      example: ""),
    Explanation(
      "hdf5.data.missing",
      meaning: "a dataset has a shape, but its data was never written",
      cause:
        "The program that made the file stopped early. A small dataset gets its fill value "
        + "instead; one larger than its file does not.",
      fix: "Save the model again: model.save('model.h5')",
      example: ""),
    Explanation(
      "hdf5.heap.invalid",
      meaning: "a text, a link or an attribute is not in the heap where the file says it is",
      cause: "The heap that holds them, or a reference into it, is damaged.",
      fix: "Fetch the file again, or save the model again: model.save('model.h5')",
      example: ""),
    Explanation(
      "hdf5.name.invalid",
      meaning: "the name of a link can't be used",
      cause:
        "A name is empty, longer than 4096 bytes, not UTF-8, holds a slash, or appears twice in "
        + "its group. The file is damaged, or its names are in another encoding.",
      fix:
        "Name the layers in plain letters, as in LSTM(32, name='encoder'), and save again: "
        + "model.save('model.h5')",
      example: ""),
    Explanation(
      "hdf5.structure.invalid",
      meaning: "a structure of the file is not what belongs in its place",
      cause:
        "Bytes of the file are damaged, or another tool wrote a version of the structure that "
        + "isn't read.",
      fix: "Fetch the file again, and see whether HDF5's own tools read it: h5dump -H model.h5",
      example: ""),
    Explanation(
      "hdf5.superblock.invalid",
      meaning: "the file does not begin as an HDF5 file does",
      cause:
        "The file given with --architecture isn't HDF5, such as a .keras archive or the config "
        + "as JSON; or bytes were added before the data of an HDF5 file.",
      fix: "Give the full model in HDF5: recur validate weights.h5 --architecture model.h5",
      example: ""),
  ]
}
