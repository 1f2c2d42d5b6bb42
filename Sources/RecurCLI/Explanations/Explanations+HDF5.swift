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
      example: #"""
        $ cp keras3/lstm_last.h5 model.h5
        $ printf 'damage' | dd of=model.h5 bs=1 seek=10328 conv=notrunc
        $ recur validate model.h5
        error[hdf5.address.invalid]: the address 111494690595172 lies outside the file of 14752 bytes
          --> model.h5:/model_weights/lstm/sequential/lstm/lstm_cell (bytes 10328..<10336)
          help: the file was damaged after it was written; fetch it again
        """#),
    Explanation(
      "hdf5.attribute.invalid",
      meaning: "an attribute can't be read, or holds no text where text belongs",
      cause:
        "A tool wrote numbers, or text that isn't UTF-8, into 'keras_version', 'model_config', "
        + "'layer_names' or 'weight_names', or the file is damaged.",
      fix:
        "Save the model again, or write the attribute as text: "
        + "with h5py.File('model.h5', 'r+') as f: f.attrs['keras_version'] = '2.15.0'",
      example: #"""
        $ recur validate refused/version_is_a_number.h5
        error[hdf5.attribute.invalid]: the attribute holds no strings
          --> refused/version_is_a_number.h5:/@keras_version (bytes 1040..<1048)
          expected: text
          found: numbers
          help: write it as text, with h5py: f.attrs['name'] = 'text'
        """#),
    Explanation(
      "hdf5.checksum.mismatch",
      meaning: "a structure of the file does not have the checksum stored with it",
      cause:
        "Bytes of the file changed after it was written. Files made with libver='latest' carry "
        + "checksums of their structures.",
      fix: "Fetch the file again, and compare it with its source: sha256sum model.h5",
      example: #"""
        $ cp unusual/libver_latest.h5 model.h5
        $ printf 'damage' | dd of=model.h5 bs=1 seek=6200 conv=notrunc
        $ recur validate model.h5
        error[hdf5.checksum.mismatch]: an object header does not have the checksum stored with it
          --> model.h5:/model_weights (bytes 6144..<6811)
          expected: 0x003d0833
          found: 0xdc2bdc4d
          help: the file was damaged after it was written; fetch it again
        """#),
    Explanation(
      "hdf5.chunk.invalid",
      meaning: "a piece of a chunked dataset is not what its index says",
      cause:
        "The chunk is damaged: its checksum, its size or its place in the array is wrong, or two "
        + "chunks stand for one place.",
      fix: "Fetch the file again, or save the model again: model.save('model.h5')",
      example: #"""
        $ cp unusual/chunked_all_filters_big_endian.h5 model.h5
        $ printf 'damage' | dd of=model.h5 bs=1 seek=10392 conv=notrunc
        $ recur validate model.h5
        error[hdf5.chunk.invalid]: a chunk does not have the checksum stored with it
          --> model.h5:/model_weights/lstm/sequential/lstm/lstm_cell/kernel (bytes 10392..<10443)
          help: the file was damaged after it was written; fetch it again
        """#),
    Explanation(
      "hdf5.cycle",
      meaning: "an object of the file is reached a second time",
      cause:
        "Two names lead to one object, as after f['b'] = f['a'] in h5py, or the file is damaged "
        + "or hostile.",
      fix:
        "Give the second name a copy of its own: "
        + "with h5py.File('model.h5', 'r+') as f: del f['b']; f.copy('a', 'b')",
      example: #"""
        $ recur validate refused/second_name.h5
        error[hdf5.cycle]: '/model_weights/lstm' is reached a second time
          --> refused/second_name.h5 (bytes 6472..<6496)
          why: two names lead to one object, as after f['b'] = f['a'] in h5py
          help: give the second name a copy of its own: del f['b']; f.copy('a', 'b')
        """#),
    Explanation(
      "hdf5.data.missing",
      meaning: "a dataset has a shape, but its data was never written",
      cause:
        "The program that made the file stopped early. A small dataset gets its fill value "
        + "instead; one larger than its file does not.",
      fix: "Save the model again: model.save('model.h5')",
      example: #"""
        $ recur validate refused/never_written.h5
        error[hdf5.data.missing]: the data was never written: 19200000 bytes are promised
          --> refused/never_written.h5:/model_weights/lstm/sequential/lstm/lstm_cell/kernel (bytes 10872..<10896)
          expected: 19200000 bytes
          found: no bytes
          why: the program that made the file stopped before it wrote the numbers
          help: save the model again
        """#),
    Explanation(
      "hdf5.heap.invalid",
      meaning: "a text, a link or an attribute is not in the heap where the file says it is",
      cause: "The heap that holds them, or a reference into it, is damaged.",
      fix: "Fetch the file again, or save the model again: model.save('model.h5')",
      example: #"""
        $ cp keras3/lstm_last.h5 model.h5
        $ printf '\077' | dd of=model.h5 bs=1 seek=2064 conv=notrunc
        $ recur validate model.h5
        error[hdf5.heap.invalid]: no object 1 of at least 6 bytes is in the global heap at 2048
          --> model.h5:/@keras_version (bytes 888..<904)
          help: the file was damaged after it was written; fetch it again
        """#),
    Explanation(
      "hdf5.name.invalid",
      meaning: "the name of a link can't be used",
      cause:
        "A name is empty, longer than 4096 bytes, not UTF-8, holds a slash, or appears twice in "
        + "its group. The file is damaged, or its names are in another encoding.",
      fix:
        "Name the layers in plain letters, as in LSTM(32, name='encoder'), and save again: "
        + "model.save('model.h5')",
      example: #"""
        $ cp keras3/lstm_last.h5 model.h5
        $ printf '/' | dd of=model.h5 bs=1 seek=9314 conv=notrunc
        $ recur validate model.h5
        error[hdf5.name.invalid]: a link's name is empty, longer than 4096 bytes, not UTF-8 or contains '/'
          --> model.h5:/model_weights/lstm/sequential/lstm (bytes 9312..<9392)
          help: the file was damaged, or its names are in another encoding; save the model again
        """#),
    Explanation(
      "hdf5.structure.invalid",
      meaning: "a structure of the file is not what belongs in its place",
      cause:
        "Bytes of the file are damaged, or another tool wrote a version of the structure that "
        + "isn't read.",
      fix: "Fetch the file again, and see whether HDF5's own tools read it: h5dump -H model.h5",
      example: #"""
        $ cp keras3/lstm_last.h5 model.h5
        $ printf 'damage' | dd of=model.h5 bs=1 seek=7696 conv=notrunc
        $ recur validate model.h5
        error[hdf5.structure.invalid]: a B-tree node does not begin with 'TREE'
          --> model.h5:/model_weights/lstm/sequential (bytes 7696..<7700)
          help: the file was damaged after it was written; fetch it again
        """#),
    Explanation(
      "hdf5.superblock.invalid",
      meaning: "the file does not begin as an HDF5 file does",
      cause:
        "Bytes were put before the data of an HDF5 file, or cut off there, without its "
        + "addresses being changed.",
      fix: "Fetch the file again, and compare it with its source: sha256sum model.h5",
      example: #"""
        $ { head -c 512 /dev/zero; cat keras3/lstm_last.h5; } > model.h5
        $ recur inspect model.h5
        error[hdf5.superblock.invalid]: the base address is 0, and the signature stands at 512
          --> model.h5 (bytes 536..<544)
          why: bytes were put before the HDF5 data, or cut off there, after it was written
          help: fetch the file again
        """#),
  ]
}
