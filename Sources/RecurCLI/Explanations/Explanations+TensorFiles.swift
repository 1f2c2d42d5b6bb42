extension Explanation {
  /// Codes of pickles and safetensors files.
  static let aboutTensorFiles: [Explanation] = [
    Explanation(
      "pickle.callable.refused",
      meaning: "the pickle would call a function, or builds an object where tensors are wanted",
      cause:
        "Loading the file with Python would run a program or code (os.system, eval), or the "
        + "weights are of a class that torch does not have. Nothing in it was called.",
      fix:
        "If you trust the file, load it where it was made and save the state dict alone: "
        + "torch.save(model.state_dict(), 'model.pt')",
      example: #"""
        $ recur validate pytorch/call_os_system_protocol2.pt
        error[pickle.callable.refused]: the pickle would call 'posix.system' (pickle byte 656), which no checkpoint needs; nothing was called
          --> pytorch/call_os_system_protocol2.pt:call_os_system_protocol2/data.pkl (bytes 784..<785)
          help: don't load this file with Python; get the weights from a source you trust
        """#),
    Explanation(
      "pickle.memo.missing",
      meaning: "the pickle refers to a value that it never stored",
      cause: "The pickle is damaged, or was not written by Python's own pickler.",
      fix: "Save the state dict again: torch.save(model.state_dict(), 'model.pt')",
      example: #"""
        $ recur inspect refused/memo_missing.pt
        error[pickle.memo.missing]: memo 5, read at pickle byte 16, was never written
          --> refused/memo_missing.pt:archive/data.pkl (bytes 62..<63)
          help: save the state dict: torch.save(model.state_dict(), path)
        """#),
    Explanation(
      "pickle.opcode.unsupported",
      meaning: "the pickle has an instruction that plain data does not need",
      cause:
        "The pickle was written by a program with a registry or buffers of its own, or is "
        + "damaged or hostile.",
      fix:
        "Save the state dict with torch's own protocol: "
        + "torch.save(model.state_dict(), 'model.pt')",
      example: #"""
        $ recur inspect refused/extension.pt
        error[pickle.opcode.unsupported]: the instruction EXT1 at pickle byte 18 stands for a class from a registry in the program that wrote it, which is not data
          --> refused/extension.pt:archive/data.pkl (bytes 64..<65)
          help: save the state dict: torch.save(model.state_dict(), path)
        """#),
    Explanation(
      "pickle.stack.underflow",
      meaning: "the pickle takes a value that is not there",
      cause: "The pickle is damaged, or was not written by Python's own pickler.",
      fix: "Save the state dict again: torch.save(model.state_dict(), 'model.pt')",
      example: #"""
        $ recur inspect refused/stack_underflow.pt
        error[pickle.stack.underflow]: the stack is empty at pickle byte 16
          --> refused/stack_underflow.pt:archive/data.pkl (bytes 62..<63)
          help: save the state dict: torch.save(model.state_dict(), path)
        """#),
    Explanation(
      "pickle.value.invalid",
      meaning: "a value in the pickle is not what belongs in its place",
      cause:
        "The pickle is damaged, or was not written by torch: a tensor lacks its shape, a storage "
        + "its size, or bytes follow the end.",
      fix: "Save the state dict again: torch.save(model.state_dict(), 'model.pt')",
      example: #"""
        $ recur inspect hostile/pickle_truncated.pt
        error[pickle.value.invalid]: a line has no end (at pickle byte 127)
          --> hostile/pickle_truncated.pt:archive/data.pkl (bytes 173..<174)
          help: save the state dict: torch.save(model.state_dict(), path)
        """#),
    Explanation(
      "safetensors.dtype.unsupported",
      meaning: "a tensor is of a type that isn't read",
      cause:
        "A tool spelt the type otherwise than the format does (F32, BF16, F8_E4M3), or a tensor to "
        + "be written is complex128, which the format has not.",
      fix:
        "Save it as a type of the format, or as .pt: "
        + "safetensors.torch.save_file({k: v.float() for k, v in model.state_dict().items()}, "
        + "'model.safetensors')",
      example: #"""
        $ recur inspect refused/dtype_float32.safetensors
        error[safetensors.dtype.unsupported]: dtype 'float32' is none of the format's
          --> refused/dtype_float32.safetensors:weight (bytes 8..<71)
          expected: BOOL, F4, F6_E2M3, F6_E3M2, U8, I8, F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, I16, U16, F16, BF16, I32, U32, F32, C64, F64, I64, U64
          found: float32
          fix in PyTorch: safetensors.torch.save_file(state_dict, path)
        """#),
    Explanation(
      "safetensors.header.invalid",
      meaning: "the header is JSON, but does not describe tensors",
      cause:
        "A tensor lacks 'dtype', 'shape' or two 'data_offsets', a size is negative or too "
        + "large, or the metadata holds something other than text.",
      fix:
        "Turn metadata into text and save again: "
        + "safetensors.torch.save_file(model.state_dict(), 'model.safetensors', "
        + "metadata={'epoch': '3'})",
      example: #"""
        $ recur inspect refused/metadata_number.safetensors
        error[safetensors.header.invalid]: '__metadata__' holds a number under 'epoch'; only strings are allowed
          --> refused/metadata_number.safetensors (bytes 8..<94)
          fix in PyTorch: safetensors.torch.save_file(state_dict, path, metadata={"epoch": str(value)})
        """#),
    Explanation(
      "safetensors.header.too-large",
      meaning: "the header is larger than 100 MB",
      cause:
        "The first 8 bytes, which give the header's size, are damaged, or the file holds far "
        + "more tensors or metadata than a model needs.",
      fix:
        "Save the state dict alone: "
        + "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')",
      example: #"""
        $ printf '\377\377\377\017\000\000\000\000{' > model.safetensors
        $ truncate -s 300M model.safetensors
        $ recur inspect model.safetensors
        error[safetensors.header.too-large]: the header has 268435455 bytes; at most 100000000 are read
          --> model.safetensors (bytes 0..<8)
        """#),
    Explanation(
      "safetensors.hole",
      meaning: "bytes of the data belong to no tensor",
      cause:
        "Something was appended to the file, or a tool left gaps between tensors; the format "
        + "allows neither, because gaps can hide data.",
      fix:
        "Fetch the file again, or save it with the format's own library: "
        + "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')",
      example: #"""
        $ recur convert keras3/lstm_last.h5 model.safetensors
        $ echo 'trained on monday' >> model.safetensors
        $ recur validate model.safetensors
        error[safetensors.hole]: 18 bytes after the last tensor belong to none
          --> model.safetensors (bytes 1480..<1498)
          expected: 576 bytes of data
          found: 594 bytes
          why: something was appended to the file
          help: fetch it again, or drop them: truncate -s -18 FILE
        """#),
    Explanation(
      "safetensors.index.invalid",
      meaning: "the index of a model in several files does not fit the files",
      cause:
        "'weight_map' names a file in another folder, a tensor that its file does not hold, or "
        + "not all tensors of a file. The index and the files are of different versions.",
      fix:
        "Fetch the index and all its files again, or save the model in one: "
        + "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')",
      example: #"""
        $ printf '%s' '{"weight_map": {"lstm.weight": "../model-00001-of-00002.safetensors"}}' > model.safetensors.index.json
        $ recur inspect model.safetensors.index.json
        error[safetensors.index.invalid]: 'lstm.weight' is in "../model-00001-of-00002.safetensors", no file beside the index
          --> model.safetensors.index.json (bytes 0..<70)
          expected: a file name without a folder
          found: "../model-00001-of-00002.safetensors"
        """#),
    Explanation(
      "safetensors.offsets.invalid",
      meaning: "a tensor's bytes lie outside the data or overlap with another's",
      cause: "The file is cut off, or a tool wrote wrong 'data_offsets'.",
      fix: "Fetch the file again, and compare it with its source: sha256sum model.safetensors",
      example: #"""
        $ recur inspect refused/header_only.safetensors
        error[safetensors.offsets.invalid]: data_offsets [0, 1073741824] lie outside the 0 bytes of data
          --> refused/header_only.safetensors:dense.weight (bytes 8..<92)
          expected: 1073741824 bytes of data or more
          found: 0 bytes
          why: a download or a copy stopped early, or a tool wrote wrong offsets
          help: fetch the file again
        """#),
    Explanation(
      "safetensors.shard.missing",
      meaning: "one of the files of a model in several files can't be opened",
      cause:
        "'model.safetensors.index.json' says that tensors are in a file which is not beside it, "
        + "such as 'model-00002-of-00002.safetensors'.",
      fix: "Fetch all files of the model into one folder: ls model-*.safetensors",
      example: #"""
        $ printf '%s' '{"weight_map": {"lstm.weight": "model-00001-of-00002.safetensors"}}' > model.safetensors.index.json
        $ recur inspect model.safetensors.index.json
        error[safetensors.shard.missing]: a file of the model can't be opened: can't open: No such file or directory
          --> model-00001-of-00002.safetensors
          expected: 'model-00001-of-00002.safetensors' beside 'model.safetensors.index.json'
          help: fetch all files of the model into one folder
        """#),
  ]
}
