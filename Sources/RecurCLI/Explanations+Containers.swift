extension Explanation {
  /// The codes of the file formats below the models: HDF5, ZIP, JSON, NumPy, pickle, safetensors.
  static let aboutContainers: [Explanation] =
    aboutBytes + aboutHDF5 + aboutText + aboutTensorFiles

  private static let aboutBytes: [Explanation] = [
    Explanation(
      "bytes.limit-exceeded",
      meaning: "the file asks for more than recur spends on one file",
      cause:
        "The file is damaged, or made to exhaust memory. Real checkpoints stay far below the "
        + "limits, such as 100000 objects, 32 dimensions, or a million values and 64 MiB in one "
        + "JSON text or pickle.",
      fix:
        "The limits can't be raised from the command line. Compare the file with its source, "
        + "and fetch it again if they differ: "
        + "sha256sum model.h5"),
    Explanation(
      "bytes.trailing",
      meaning: "bytes follow the end of the HDF5 data, and are ignored",
      cause:
        "Something was appended to the file, or it was written over a longer one that was not "
        + "cut.",
      fix: "The model is read without them. To drop them: h5repack in.h5 out.h5"),
    Explanation(
      "bytes.truncated",
      meaning: "the file, or a structure in it, is shorter than it says",
      cause:
        "A download or copy stopped early, the disk was full when the file was written, or a "
        + "size in the file is damaged.",
      fix: "Fetch the file again, and compare it with its source: sha256sum model.h5"),
    Explanation(
      "zip.crc.mismatch",
      meaning: "an entry of the archive does not have its checksum",
      cause:
        "The file was damaged after it was written, or changed without its archive being "
        + "written again.",
      fix: "Test the archive, and fetch it again: unzip -t model.pt"),
    Explanation(
      "zip.directory.invalid",
      meaning: "the archive contradicts itself",
      cause:
        "Bytes were put before or after it, its two headers of an entry disagree, or it was "
        + "split into several files.",
      fix:
        "Save a state dict again with torch, and an .npz with numpy: "
        + "np.savez('out.npz', **np.load('in.npz'))"),
    Explanation(
      "zip.directory.missing",
      meaning: "the file is no ZIP archive, or has lost its end",
      cause:
        "A download or copy stopped early, or a file given with --input or --golden is neither "
        + ".npy nor .npz.",
      fix: "Fetch the file again, or save the array for numpy: np.save('x.npy', x)"),
    Explanation(
      "zip.entry.refused",
      meaning: "an entry of the archive is unsafe to read",
      cause:
        "Two entries share a name or bytes, a name is absolute or leads outside, or an entry is "
        + "encrypted or a symbolic link. Neither torch nor numpy writes such archives.",
      fix: "List the entries, and ask whoever made the file: unzip -l model.pt"),
    Explanation(
      "zip.inflate",
      meaning: "a compressed entry does not unpack to what it promises",
      cause:
        "The file is damaged, or promises more than its bytes can hold to exhaust memory. "
        + "Compressed entries of 4 GiB and more are not read.",
      fix: "Test the archive, and fetch it again: unzip -t golden.npz"),
    Explanation(
      "zip.method.unsupported",
      meaning: "an entry is compressed in a way that isn't read",
      cause:
        "The archive was packed again with bzip2, LZMA or Zstandard; only stored and deflated "
        + "entries are read.",
      fix: "Write it again with numpy: np.savez('out.npz', **np.load('in.npz'))"),
  ]

  private static let aboutHDF5: [Explanation] = [
    Explanation(
      "hdf5.address.invalid",
      meaning: "an address or a size leads out of the file",
      cause:
        "Bytes of the file were overwritten or changed on the way, as by a transfer in text "
        + "mode.",
      fix: "Fetch the file again, and compare it with its source: sha256sum model.h5"),
    Explanation(
      "hdf5.attribute.invalid",
      meaning: "an attribute can't be read, or holds no text where text belongs",
      cause:
        "A tool wrote numbers, or text that isn't UTF-8, into 'keras_version', 'model_config', "
        + "'layer_names' or 'weight_names', or the file is damaged.",
      fix:
        "Save the model again, or write the attribute as text: "
        + "with h5py.File('model.h5', 'r+') as f: f.attrs['keras_version'] = '2.15.0'"),
    Explanation(
      "hdf5.checksum.mismatch",
      meaning: "a structure of the file does not have the checksum stored with it",
      cause:
        "Bytes of the file changed after it was written. Files made with libver='latest' carry "
        + "checksums of their structures.",
      fix: "Fetch the file again, and compare it with its source: sha256sum model.h5"),
    Explanation(
      "hdf5.chunk.invalid",
      meaning: "a piece of a chunked dataset is not what its index says",
      cause:
        "The chunk is damaged: its checksum, its size or its place in the array is wrong, or two "
        + "chunks stand for one place.",
      fix: "Fetch the file again, or save the model again: model.save('model.h5')"),
    Explanation(
      "hdf5.cycle",
      meaning: "an object of the file is reached a second time",
      cause:
        "Two names lead to one object, as after f['b'] = f['a'] in h5py, or the file is damaged "
        + "or hostile.",
      fix:
        "Give the second name a copy of its own: "
        + "with h5py.File('model.h5', 'r+') as f: del f['b']; f.copy('a', 'b')"),
    Explanation(
      "hdf5.data.missing",
      meaning: "a dataset has a shape, but its data was never written",
      cause:
        "The program that made the file stopped early. A small dataset gets its fill value "
        + "instead; one larger than its file does not.",
      fix: "Save the model again: model.save('model.h5')"),
    Explanation(
      "hdf5.datatype.unsupported",
      meaning: "the elements of a dataset or attribute are of a type that isn't read",
      cause:
        "The dataset holds an enumeration other than h5py's Booleans, complex or compound "
        + "elements, or text.",
      fix:
        "Store the numbers as float32: "
        + "with h5py.File('model.h5', 'r+') as f: a = f['x'][...]; del f['x']; f['x'] = "
        + "a.astype('float32')"),
    Explanation(
      "hdf5.external-storage.refused",
      meaning: "a dataset's data is in another file, which is never opened",
      cause: "The dataset was created with 'external', so its numbers lie beside the HDF5 file.",
      fix:
        "Bring the numbers into the file, with the other file at hand: "
        + "with h5py.File('model.h5', 'r+') as f: a = f['x'][...]; del f['x']; f['x'] = a"),
    Explanation(
      "hdf5.filter.unsupported",
      meaning: "a dataset is packed with a filter that isn't read",
      cause:
        "The file was written with lzf, szip, blosc or another filter. Deflate (gzip), shuffle "
        + "and fletcher32 are read; Keras itself uses no filters.",
      fix: "Rewrite it with deflate: h5repack -f GZIP=4 in.h5 out.h5"),
    Explanation(
      "hdf5.heap.invalid",
      meaning: "a text, a link or an attribute is not in the heap where the file says it is",
      cause: "The heap that holds them, or a reference into it, is damaged.",
      fix: "Fetch the file again, or save the model again: model.save('model.h5')"),
    Explanation(
      "hdf5.layout.unsupported",
      meaning: "a dataset is stored in a layout that isn't read",
      cause:
        "The dataset is virtual (its data is in other files), or stored in a layout of a version "
        + "that is unknown: HDF5 1.4 and before, or a later one than 2.0.",
      fix: "Rewrite it in one piece: h5repack -l CONTI --low=0 --high=1 in.h5 out.h5"),
    Explanation(
      "hdf5.link.refused",
      meaning: "a group holds a soft, external or user-defined link, which is never followed",
      cause:
        "A tool gave an object a second name with h5py.SoftLink, or pointed into another file with "
        + "h5py.ExternalLink.",
      fix:
        "Put a copy in the link's place: "
        + "with h5py.File('model.h5', 'r+') as f: del f['link']; f.copy('target', 'link')"),
    Explanation(
      "hdf5.message.unsupported",
      meaning: "the header of an object is in a form that isn't read",
      cause:
        "Its datatype is a named one, which another object has; or a program shared messages "
        + "between objects, or packed its links with a filter. Keras and h5py do none of it unasked.",
      fix:
        "Give the dataset a type of its own: "
        + "with h5py.File('model.h5', 'r+') as f: a = f['x'][...]; del f['x']; f['x'] = a"),
    Explanation(
      "hdf5.name.invalid",
      meaning: "the name of a link can't be used",
      cause:
        "A name is empty, longer than 4096 bytes, not UTF-8, holds a slash, or appears twice in "
        + "its group. The file is damaged, or its names are in another encoding.",
      fix:
        "Name the layers in plain letters, as in LSTM(32, name='encoder'), and save again: "
        + "model.save('model.h5')"),
    Explanation(
      "hdf5.structure.invalid",
      meaning: "a structure of the file is not what belongs in its place",
      cause:
        "Bytes of the file are damaged, or another tool wrote a version of the structure that "
        + "isn't read.",
      fix: "Fetch the file again, and see whether HDF5's own tools read it: h5dump -H model.h5"),
    Explanation(
      "hdf5.superblock.invalid",
      meaning: "the file does not begin as an HDF5 file does",
      cause:
        "The file given with --architecture isn't HDF5, such as a .keras archive or the config "
        + "as JSON; or bytes were added before the data of an HDF5 file.",
      fix: "Give the full model in HDF5: recur validate weights.h5 --architecture model.h5"),
    Explanation(
      "hdf5.superblock.unsupported",
      meaning: "the file is HDF5 of a version or form that isn't read",
      cause:
        "The file is marked as open for writing, because its writer is at work or crashed; its "
        + "addresses are not 8 bytes long; or it keeps its structures in a cache image.",
      fix:
        "Close the file in the program that writes it; after a crash, remove the mark: "
        + "h5clear -s model.h5"),
    Explanation(
      "hdf5.write.failed",
      meaning: "libhdf5, which lays out the HDF5 files that recur writes, refused something",
      cause:
        "Memory ran out, or the model asks for what HDF5 does not allow and recur does not know "
        + "of. The note gives the library's own words.",
      fix:
        "Free memory and try again; if it stays so, report it with the output of: "
        + "recur inspect model.h5 --format json"),
    Explanation(
      "hdf5.write.unrepresentable",
      meaning: "a name, an attribute or a shape can't be stored in an HDF5 file",
      cause:
        "A layer or weight has an empty name, the name '.' or '..', a name with '/' or a zero byte "
        + "in it, or the name of another one; an attribute takes more than 64512 bytes; or an "
        + "array has more than 32 dimensions.",
      fix:
        "Give the layer named by the location another name in the framework, and save the model "
        + "again: model.save('model.keras')"),
  ]

  private static let aboutText: [Explanation] = [
    Explanation(
      "json.depth",
      meaning: "the JSON text is nested deeper than 128 levels",
      cause:
        "The text is damaged, or made to exhaust the stack. Configs and headers of real models "
        + "stay far below.",
      fix: "Find out where the file comes from, or save the model again: model.save('model.h5')"),
    Explanation(
      "json.duplicate-key",
      meaning: "an object in the JSON text has a name twice",
      cause:
        "The config or header was edited by hand or written by a faulty tool. Two readers could "
        + "choose different values.",
      fix:
        "Write the file with its own library: "
        + "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')"),
    Explanation(
      "json.syntax",
      meaning: "the text is not JSON",
      cause:
        "The 'model_config' of a Keras file or the header of a safetensors file is damaged or "
        + "was edited by hand.",
      fix: "The message gives the offset. Save the model again: model.save('model.h5')"),
    Explanation(
      "npy.dtype.unsupported",
      meaning: "an array's elements are of a type that isn't read",
      cause:
        "The array holds complex numbers, text, dates, several values per element (a structured "
        + "dtype) or Python objects; pickled objects are never loaded.",
      fix: "Save it as numbers: np.save('x.npy', x.astype('float32'))"),
    Explanation(
      "npy.header.invalid",
      meaning: "the header of an array can't be read",
      cause:
        "The file is of a newer format version than 3, or it is damaged.",
      fix: "Save the array again: np.save('x.npy', x.astype('float32'))"),
    Explanation(
      "npz.entry.unexpected",
      meaning: "an entry of the .npz is not an array",
      cause:
        "Another archive, such as a .keras or .pt file, was given in place of the .npz, or a "
        + "file was added to it.",
      fix: "Write the archive again: np.savez('golden.npz', in_0=x, out_0=model.predict(x))"),
    Explanation(
      "npz.no-weights",
      meaning: "an archive of recorded inputs and outputs was given as a model",
      cause: "Its arrays are in_0, in_1, … and out_0, …: it is a golden file.",
      fix: "Give the model, and the archive to compare with: "
        + "recur validate model.h5 --golden golden.npz"),
  ]

  private static let aboutTensorFiles: [Explanation] = [
    Explanation(
      "pickle.callable.refused",
      meaning: "the pickle would call a function, or builds an object where tensors are wanted",
      cause:
        "Loading the file with Python would run a program or code (os.system, eval), or the "
        + "weights are of a class that torch does not have. Nothing in it was called.",
      fix:
        "If you trust the file, load it where it was made and save the state dict alone: "
        + "torch.save(model.state_dict(), 'model.pt')"),
    Explanation(
      "pickle.memo.missing",
      meaning: "the pickle refers to a value that it never stored",
      cause: "The pickle is damaged, or was not written by Python's own pickler.",
      fix: "Save the state dict again: torch.save(model.state_dict(), 'model.pt')"),
    Explanation(
      "pickle.opcode.unsupported",
      meaning: "the pickle has an instruction that plain data does not need",
      cause:
        "The pickle was written by a program with a registry or buffers of its own, or is "
        + "damaged or hostile.",
      fix:
        "Save the state dict with torch's own protocol: "
        + "torch.save(model.state_dict(), 'model.pt')"),
    Explanation(
      "pickle.stack.underflow",
      meaning: "the pickle takes a value that is not there",
      cause: "The pickle is damaged, or was not written by Python's own pickler.",
      fix: "Save the state dict again: torch.save(model.state_dict(), 'model.pt')"),
    Explanation(
      "pickle.value.invalid",
      meaning: "a value in the pickle is not what belongs in its place",
      cause:
        "The pickle is damaged, or was not written by torch: a tensor lacks its shape, a storage "
        + "its size, or bytes follow the end.",
      fix: "Save the state dict again: torch.save(model.state_dict(), 'model.pt')"),
    Explanation(
      "safetensors.dtype.unsupported",
      meaning: "a tensor is of a type that isn't read",
      cause:
        "A tool spelt the type otherwise than the format does (F32, BF16, F8_E4M3), or a tensor to "
        + "be written is complex128, which the format has not.",
      fix:
        "Save it as a type of the format, or as .pt: "
        + "safetensors.torch.save_file({k: v.float() for k, v in model.state_dict().items()}, "
        + "'model.safetensors')"),
    Explanation(
      "safetensors.header.invalid",
      meaning: "the header is JSON, but does not describe tensors",
      cause:
        "A tensor lacks 'dtype', 'shape' or two 'data_offsets', a size is negative or too "
        + "large, or the metadata holds something other than text.",
      fix:
        "Turn metadata into text and save again: "
        + "safetensors.torch.save_file(model.state_dict(), 'model.safetensors', "
        + "metadata={'epoch': '3'})"),
    Explanation(
      "safetensors.header.too-large",
      meaning: "the header is larger than 16 MiB",
      cause:
        "The first 8 bytes, which give the header's size, are damaged, or the file holds far "
        + "more tensors or metadata than a model needs.",
      fix:
        "Save the state dict alone: "
        + "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')"),
    Explanation(
      "safetensors.hole",
      meaning: "bytes of the data belong to no tensor",
      cause:
        "Something was appended to the file, or a tool left gaps between tensors; the format "
        + "allows neither, because gaps can hide data.",
      fix:
        "Fetch the file again, or save it with the format's own library: "
        + "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')"),
    Explanation(
      "safetensors.index.invalid",
      meaning: "the index of a model in several files does not fit the files",
      cause:
        "'weight_map' names a file in another folder, a tensor that its file does not hold, or "
        + "not all tensors of a file. The index and the files are of different versions.",
      fix:
        "Fetch the index and all its files again, or save the model in one: "
        + "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')"),
    Explanation(
      "safetensors.offsets.invalid",
      meaning: "a tensor's bytes lie outside the data or overlap with another's",
      cause: "The file is cut off, or a tool wrote wrong 'data_offsets'.",
      fix: "Fetch the file again, and compare it with its source: sha256sum model.safetensors"),
    Explanation(
      "safetensors.shard.missing",
      meaning: "one of the files of a model in several files can't be opened",
      cause:
        "'model.safetensors.index.json' says that tensors are in a file which is not beside it, "
        + "such as 'model-00002-of-00002.safetensors'.",
      fix: "Fetch all files of the model into one folder: ls model-*.safetensors"),
  ]
}
