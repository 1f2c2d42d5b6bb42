extension Explanation {
  /// Codes of what HDF5 allows and recur does not read or write.
  static let aboutHDF5Refusals: [Explanation] = [
    Explanation(
      "hdf5.datatype.unsupported",
      meaning: "the elements of a dataset or attribute are of a type that isn't read",
      cause:
        "The dataset holds an enumeration other than h5py's Booleans, complex or compound "
        + "elements, or text.",
      fix:
        "Store the numbers as float32: "
        + "with h5py.File('model.h5', 'r+') as f: a = f['x'][...]; del f['x']; f['x'] = "
        + "a.astype('float32')",
      example: #"""
        $ recur validate refused/complex_kernel.h5
        error[hdf5.datatype.unsupported]: elements of class 6 (compound) in this form are not read
          --> refused/complex_kernel.h5:/model_weights/lstm/sequential/lstm/lstm_cell/kernel (bytes 10824..<10952)
          help: with h5py: a = f['x'][...]; del f['x']; f['x'] = a.astype('float32')
        """#),
    Explanation(
      "hdf5.external-storage.refused",
      meaning: "a dataset's data is in another file, which is never opened",
      cause: "The dataset was created with 'external', so its numbers lie beside the HDF5 file.",
      fix:
        "Bring the numbers into the file, with the other file at hand: "
        + "with h5py.File('model.h5', 'r+') as f: a = f['x'][...]; del f['x']; f['x'] = a",
      example: #"""
        $ recur validate refused/external_storage.h5
        error[hdf5.external-storage.refused]: the data is stored in another file; a model file may only hold its own data
          --> refused/external_storage.h5:/model_weights/lstm/sequential/lstm/lstm_cell/kernel (bytes 10872..<10912)
          help: bring the numbers in, with h5py: a = f['x'][...]; del f['x']; f['x'] = a
        """#),
    Explanation(
      "hdf5.filter.unsupported",
      meaning: "a dataset is packed with a filter that isn't read",
      cause:
        "The file was written with lzf, szip, blosc or another filter. Deflate (gzip), shuffle "
        + "and fletcher32 are read; Keras itself uses no filters.",
      fix: "Rewrite it with deflate: h5repack -f GZIP=4 in.h5 out.h5",
      example: #"""
        $ recur validate refused/filter_lzf.h5
        error[hdf5.filter.unsupported]: the data is packed with filter 32000 (lzf), which is not read
          --> refused/filter_lzf.h5:/model_weights/lstm/sequential/lstm/lstm_cell/kernel (bytes 10872..<10912)
          help: rewrite the file with 'h5repack -f GZIP=4 in.h5 out.h5'
        """#),
    Explanation(
      "hdf5.layout.unsupported",
      meaning: "a dataset is stored in a layout that isn't read",
      cause:
        "The dataset is virtual (its data is in other files), or stored in a layout of a version "
        + "that is unknown: HDF5 1.4 and before, or a later one than 2.0.",
      fix: "Rewrite it in one piece: h5repack -l CONTI -j 0 -k 1 in.h5 out.h5",
      example: #"""
        $ recur validate refused/virtual_dataset.h5
        error[hdf5.layout.unsupported]: a virtual dataset, whose data is in other files, is not read
          --> refused/virtual_dataset.h5:/model_weights/lstm/sequential/lstm/lstm_cell/kernel (bytes 10872..<10888)
          help: rewrite the file with 'h5repack -l CONTI -j 0 -k 1 in.h5 out.h5'
        """#),
    Explanation(
      "hdf5.link.refused",
      meaning: "a group holds a soft, external or user-defined link, which is never followed",
      cause:
        "A tool gave an object a second name with h5py.SoftLink, or pointed into another file with "
        + "h5py.ExternalLink.",
      fix:
        "Put a copy in the link's place: "
        + "with h5py.File('model.h5', 'r+') as f: del f['link']; f.copy('target', 'link')",
      example: #"""
        $ recur inspect hostile/soft_link.h5
        error[hdf5.link.refused]: 'alias' is a soft link; a model file may only hold its own data
          --> hostile/soft_link.h5:/ (bytes 1080..<1120)
          help: copy the target in place of the link: 'h5repack' keeps links, h5py's f.copy(f['source'], 'target') does not
        """#),
    Explanation(
      "hdf5.message.unsupported",
      meaning: "the header of an object is in a form that isn't read",
      cause:
        "Its datatype is a named one, which another object has; or a program shared messages "
        + "between objects, or packed its links with a filter. Keras and h5py do none of it unasked.",
      fix:
        "Give the dataset a type of its own: "
        + "with h5py.File('model.h5', 'r+') as f: a = f['x'][...]; del f['x']; f['x'] = a",
      example: #"""
        $ recur validate refused/named_type.h5
        error[hdf5.message.unsupported]: a message of type datatype is shared with another object
          --> refused/named_type.h5:/model_weights/lstm/sequential/lstm/lstm_cell/kernel (bytes 10824..<10840)
          help: write the file without named datatypes and shared messages
        """#),
    Explanation(
      "hdf5.superblock.unsupported",
      meaning: "the file is HDF5 of a version or form that isn't read",
      cause:
        "The file is marked as open for writing, because its writer is at work or crashed; its "
        + "addresses are not 8 bytes long; or it keeps its structures in a cache image.",
      fix:
        "Close the file in the program that writes it; after a crash, remove the mark: "
        + "h5clear -s model.h5",
      example: #"""
        $ recur inspect refused/not_closed.h5
        error[hdf5.superblock.unsupported]: the file is marked as open for writing: its writer is still at work, or crashed
          --> refused/not_closed.h5 (bytes 11..<12)
          expected: flags 0
          found: flags 1
          help: close the file in the program that writes it; after a crash, 'h5clear -s' removes the mark
        """#),
    Explanation(
      "hdf5.write.failed",
      meaning: "libhdf5, which lays out the HDF5 files that recur writes, refused something",
      cause:
        "Memory ran out, or the model asks for what HDF5 does not allow and recur does not know "
        + "of. The note gives the library's own words.",
      fix:
        "Free memory and try again; if it stays so, report it with the output of: "
        + "recur inspect model.h5 --format json",
      example: ""),
    Explanation(
      "hdf5.write.unrepresentable",
      meaning: "a name, an attribute or a shape can't be stored in an HDF5 file",
      cause:
        "A layer or weight has an empty name, the name '.' or '..', a name with '/' or a zero byte "
        + "in it, or the name of another one; an attribute takes more than 64512 bytes; or an "
        + "array has more than 32 dimensions.",
      fix:
        "Give the layer named by the location another name in the framework, and save the model "
        + "again: model.save('model.keras')",
      example: #"""
        $ recur convert refused/layer_named_dot.keras model.h5
        error[hdf5.write.unrepresentable]: the name '.' stands for a place, not for an object
          --> refused/layer_named_dot.keras:/model_weights/.
        """#),
  ]
}
