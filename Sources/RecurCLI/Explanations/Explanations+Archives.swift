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
      example: #"""
        $ printf '[%.0s' $(seq 200) > architecture.json
        $ recur validate pytorch/small.pt --architecture architecture.json
        error[json.depth]: JSON nested deeper than 128 levels
          --> architecture.json (bytes 128..<129)
        """#),
    Explanation(
      "json.duplicate-key",
      meaning: "an object in the JSON text has a name twice",
      cause:
        "The config or header was edited by hand or written by a faulty tool. Two readers could "
        + "choose different values.",
      fix:
        "Write the file with its own library: "
        + "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')",
      example: #"""
        $ recur validate broken/json_duplicate.h5
        error[json.duplicate-key]: the name 'units' appears twice, at bytes 4642 and 4654
          --> broken/json_duplicate.h5:/@model_config (bytes 4654..<4661)
        """#),
    Explanation(
      "json.syntax",
      meaning: "the text is not JSON",
      cause:
        "The 'model_config' of a Keras file or the header of a safetensors file is damaged or "
        + "was edited by hand.",
      fix: "The message gives the offset. Save the model again: model.save('model.h5')",
      example: #"""
        $ recur validate broken/json_broken.h5
        error[json.syntax]: JSON needs ',' or '}' at offset 1546
          --> broken/json_broken.h5:/@model_config (bytes 5490..<5490)
          expected: ',' or '}'
          found: the end of the text
        """#),
    Explanation(
      "npy.dtype.unsupported",
      meaning: "an array's elements are of a type that isn't read",
      cause:
        "The array holds complex numbers, text, dates, several values per element (a structured "
        + "dtype) or Python objects; pickled objects are never loaded.",
      fix: "Save it as numbers: np.save('x.npy', x.astype('float32'))",
      example: #"""
        $ recur run keras3/lstm_last.h5 --input refused/complex.npz
        error[npy.dtype.unsupported]: the array holds complex64, no real numbers
          --> refused/complex.npz:in_0 (bytes 38..<454)
          help: save the array as float32: np.save(file, array.astype('float32'))
        """#),
    Explanation(
      "npy.header.invalid",
      meaning: "the header of an array can't be read",
      cause:
        "The file is of a newer format version than 3, or it is damaged.",
      fix: "Save the array again: np.save('x.npy', x.astype('float32'))",
      example: #"""
        $ printf '\223NUMPY\004\000' > x.npy
        $ recur run keras3/lstm_last.h5 --input x.npy
        error[npy.header.invalid]: version 4 is unknown
          --> x.npy (bytes 6..<8)
          fix in NumPy: np.save('x.npy', x.astype('float32'))
        """#),
    Explanation(
      "npz.entry.unexpected",
      meaning: "an entry of the .npz is not an array",
      cause:
        "Another archive, such as a .keras or .pt file, was given in place of the .npz, or a "
        + "file was added to it.",
      fix: "Write the archive again: np.savez('golden.npz', in_0=x, out_0=model.predict(x))",
      example: #"""
        $ recur validate keras3/lstm_last.h5 --golden keras3/lstm_last.keras
        error[npz.entry.unexpected]: entry 'metadata.json' is not a NumPy array
          --> keras3/lstm_last.keras (bytes 43..<107)
          why: another archive was given, such as a .keras or .pt file, or a file was added
          fix in NumPy: np.savez('golden.npz', in_0=x, out_0=y)
        """#),
    Explanation(
      "npz.no-weights",
      meaning: "an archive of recorded inputs and outputs was given as a model",
      cause: "Its arrays are in_0, in_1, … and out_0, …: it is a golden file.",
      fix: "Give the model, and the archive to compare with: "
        + "recur validate model.h5 --golden golden.npz",
      example: #"""
        $ recur run keras3/lstm_last.h5 --input keras3/lstm_last.golden.npz -o y.npz
        $ recur validate y.npz
        error[npz.no-weights]: the archive holds no weights but recorded inputs and outputs: 'out_0'
          --> y.npz
          help: compare a model with it: recur validate MODEL --golden FILE
        """#),
    Explanation(
      "zip.crc.mismatch",
      meaning: "an entry of the archive does not have its checksum",
      cause:
        "The file was damaged after it was written, or changed without its archive being "
        + "written again.",
      fix: "Test the archive, and fetch it again: unzip -t model.pt",
      example: #"""
        $ cp keras3/lstm_last.golden.npz golden.npz
        $ printf 'damage' | dd of=golden.npz bs=1 seek=300 conv=notrunc
        $ recur validate keras3/lstm_last.h5 --golden golden.npz
        error[zip.crc.mismatch]: the data does not have the checksum the archive promises
          --> golden.npz:in_0.npy (bytes 58..<330)
          expected: CRC-32 f81cc037
          found: CRC-32 c0116bb4
          help: the file was damaged after it was written; fetch it again
        """#),
    Explanation(
      "zip.directory.invalid",
      meaning: "the archive contradicts itself",
      cause:
        "Bytes were put before or after it, its two headers of an entry disagree, or it was "
        + "split into several files.",
      fix:
        "Save a state dict again with torch, and an .npz with numpy: "
        + "np.savez('out.npz', **np.load('in.npz'))",
      example: #"""
        $ cat pytorch/small.pt pytorch/small_module.pt > model.pt
        $ recur inspect model.pt
        error[zip.directory.invalid]: the ZIP64 locator points nowhere
          --> model.pt (bytes 0..<4450)
          why: bytes were put before or after the archive, or it was damaged
          help: fetch it again, or save it again
        """#),
    Explanation(
      "zip.directory.missing",
      meaning: "the file is no ZIP archive, or has lost its end",
      cause:
        "A download or copy stopped early, or a file given with --input or --golden is neither "
        + ".npy nor .npz.",
      fix: "Fetch the file again, or save the array for numpy: np.save('x.npy', x)",
      example: #"""
        $ head -c 1000 pytorch/small.pt > model.pt
        $ recur inspect model.pt
        error[zip.directory.missing]: the ZIP archive has no central directory
          --> model.pt (bytes 0..<1000)
          help: the file is cut off; fetch it again
        """#),
    Explanation(
      "zip.entry.refused",
      meaning: "an entry of the archive is unsafe to read",
      cause:
        "Two entries share a name or bytes, a name is absolute or leads outside, or an entry is "
        + "encrypted or a symbolic link. Neither torch nor numpy writes such archives.",
      fix: "List the entries, and ask whoever made the file: unzip -l model.pt",
      example: #"""
        $ recur run keras3/lstm_last.h5 --input refused/leads_outside.npz
        error[zip.entry.refused]: the entry name '../in_0.npy' is not a plain relative path
          --> refused/leads_outside.npz (bytes 359..<370)
          help: neither torch nor numpy writes such names; get the file from a source you trust
        """#),
    Explanation(
      "zip.inflate",
      meaning: "a compressed entry or chunk does not unpack to what it promises",
      cause:
        "The file is damaged, or promises more than its bytes can hold to exhaust memory. "
        + "Compressed entries of 4 GiB and more are not read. Chunks of HDF5 files are "
        + "compressed in the same way.",
      fix: "Test the archive, and fetch it again: unzip -t golden.npz",
      example: #"""
        $ cp pytorch/deflated.pt model.pt
        $ printf 'damage' | dd of=model.pt bs=1 seek=652 conv=notrunc
        $ recur validate model.pt
        error[zip.inflate]: the deflated data is broken or does not hold the 96 bytes promised
          --> model.pt:stored/data/0 (bytes 652..<753)
          expected: 96 bytes
          found: 0 bytes
        """#),
    Explanation(
      "zip.method.unsupported",
      meaning: "an entry is compressed in a way that isn't read",
      cause:
        "The archive was packed again with bzip2, LZMA or Zstandard; only stored and deflated "
        + "entries are read.",
      fix: "Write it again with numpy: np.savez('out.npz', **np.load('in.npz'))",
      example: #"""
        $ recur run keras3/lstm_last.h5 --input refused/bzip2.npz
        error[zip.method.unsupported]: entry 'in_0.npy' is compressed with method 12; only stored (0) and deflated (8) entries are read
          --> refused/bzip2.npz (bytes 166..<212)
          fix in NumPy: np.savez('out.npz', **np.load('in.npz'))
        """#),
  ]
}
