extension Explanation {
  /// Codes of ZIP archives, NumPy arrays and JSON texts.
  static let aboutArchives: [Explanation] = [
    Explanation(
      "json.depth",
      meaning: "the JSON text is nested deeper than 128 levels",
      cause:
        "The text is damaged, or made to exhaust the stack. Configs and headers of real models "
        + "stay far below.",
      fix: "Find out where the file comes from, or save the model again: model.save('model.h5')",
      example: ""),
    Explanation(
      "json.duplicate-key",
      meaning: "an object in the JSON text has a name twice",
      cause:
        "The config or header was edited by hand or written by a faulty tool. Two readers could "
        + "choose different values.",
      fix:
        "Write the file with its own library: "
        + "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')",
      example: ""),
    Explanation(
      "json.syntax",
      meaning: "the text is not JSON",
      cause:
        "The 'model_config' of a Keras file or the header of a safetensors file is damaged or "
        + "was edited by hand.",
      fix: "The message gives the offset. Save the model again: model.save('model.h5')",
      example: ""),
    Explanation(
      "npy.dtype.unsupported",
      meaning: "an array's elements are of a type that isn't read",
      cause:
        "The array holds complex numbers, text, dates, several values per element (a structured "
        + "dtype) or Python objects; pickled objects are never loaded.",
      fix: "Save it as numbers: np.save('x.npy', x.astype('float32'))",
      example: ""),
    Explanation(
      "npy.header.invalid",
      meaning: "the header of an array can't be read",
      cause:
        "The file is of a newer format version than 3, or it is damaged.",
      fix: "Save the array again: np.save('x.npy', x.astype('float32'))",
      example: ""),
    Explanation(
      "npz.entry.unexpected",
      meaning: "an entry of the .npz is not an array",
      cause:
        "Another archive, such as a .keras or .pt file, was given in place of the .npz, or a "
        + "file was added to it.",
      fix: "Write the archive again: np.savez('golden.npz', in_0=x, out_0=model.predict(x))",
      example: ""),
    Explanation(
      "npz.no-weights",
      meaning: "an archive of recorded inputs and outputs was given as a model",
      cause: "Its arrays are in_0, in_1, … and out_0, …: it is a golden file.",
      fix: "Give the model, and the archive to compare with: "
        + "recur validate model.h5 --golden golden.npz",
      example: ""),
    Explanation(
      "zip.crc.mismatch",
      meaning: "an entry of the archive does not have its checksum",
      cause:
        "The file was damaged after it was written, or changed without its archive being "
        + "written again.",
      fix: "Test the archive, and fetch it again: unzip -t model.pt",
      example: ""),
    Explanation(
      "zip.directory.invalid",
      meaning: "the archive contradicts itself",
      cause:
        "Bytes were put before or after it, its two headers of an entry disagree, or it was "
        + "split into several files.",
      fix:
        "Save a state dict again with torch, and an .npz with numpy: "
        + "np.savez('out.npz', **np.load('in.npz'))",
      example: ""),
    Explanation(
      "zip.directory.missing",
      meaning: "the file is no ZIP archive, or has lost its end",
      cause:
        "A download or copy stopped early, or a file given with --input or --golden is neither "
        + ".npy nor .npz.",
      fix: "Fetch the file again, or save the array for numpy: np.save('x.npy', x)",
      example: ""),
    Explanation(
      "zip.entry.refused",
      meaning: "an entry of the archive is unsafe to read",
      cause:
        "Two entries share a name or bytes, a name is absolute or leads outside, or an entry is "
        + "encrypted or a symbolic link. Neither torch nor numpy writes such archives.",
      fix: "List the entries, and ask whoever made the file: unzip -l model.pt",
      example: ""),
    Explanation(
      "zip.inflate",
      meaning: "a compressed entry does not unpack to what it promises",
      cause:
        "The file is damaged, or promises more than its bytes can hold to exhaust memory. "
        + "Compressed entries of 4 GiB and more are not read.",
      fix: "Test the archive, and fetch it again: unzip -t golden.npz",
      example: ""),
    Explanation(
      "zip.method.unsupported",
      meaning: "an entry is compressed in a way that isn't read",
      cause:
        "The archive was packed again with bzip2, LZMA or Zstandard; only stored and deflated "
        + "entries are read.",
      fix: "Write it again with numpy: np.savez('out.npz', **np.load('in.npz'))",
      example: ""),
  ]
}
