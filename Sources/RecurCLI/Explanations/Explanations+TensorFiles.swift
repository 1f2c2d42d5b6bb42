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
      example: ""),
    Explanation(
      "pickle.memo.missing",
      meaning: "the pickle refers to a value that it never stored",
      cause: "The pickle is damaged, or was not written by Python's own pickler.",
      fix: "Save the state dict again: torch.save(model.state_dict(), 'model.pt')",
      example: ""),
    Explanation(
      "pickle.opcode.unsupported",
      meaning: "the pickle has an instruction that plain data does not need",
      cause:
        "The pickle was written by a program with a registry or buffers of its own, or is "
        + "damaged or hostile.",
      fix:
        "Save the state dict with torch's own protocol: "
        + "torch.save(model.state_dict(), 'model.pt')",
      example: ""),
    Explanation(
      "pickle.stack.underflow",
      meaning: "the pickle takes a value that is not there",
      cause: "The pickle is damaged, or was not written by Python's own pickler.",
      fix: "Save the state dict again: torch.save(model.state_dict(), 'model.pt')",
      example: ""),
    Explanation(
      "pickle.value.invalid",
      meaning: "a value in the pickle is not what belongs in its place",
      cause:
        "The pickle is damaged, or was not written by torch: a tensor lacks its shape, a storage "
        + "its size, or bytes follow the end.",
      fix: "Save the state dict again: torch.save(model.state_dict(), 'model.pt')",
      example: ""),
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
      example: ""),
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
      example: ""),
    Explanation(
      "safetensors.header.too-large",
      meaning: "the header is larger than 16 MiB",
      cause:
        "The first 8 bytes, which give the header's size, are damaged, or the file holds far "
        + "more tensors or metadata than a model needs.",
      fix:
        "Save the state dict alone: "
        + "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')",
      example: ""),
    Explanation(
      "safetensors.hole",
      meaning: "bytes of the data belong to no tensor",
      cause:
        "Something was appended to the file, or a tool left gaps between tensors; the format "
        + "allows neither, because gaps can hide data.",
      fix:
        "Fetch the file again, or save it with the format's own library: "
        + "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')",
      example: ""),
    Explanation(
      "safetensors.index.invalid",
      meaning: "the index of a model in several files does not fit the files",
      cause:
        "'weight_map' names a file in another folder, a tensor that its file does not hold, or "
        + "not all tensors of a file. The index and the files are of different versions.",
      fix:
        "Fetch the index and all its files again, or save the model in one: "
        + "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')",
      example: ""),
    Explanation(
      "safetensors.offsets.invalid",
      meaning: "a tensor's bytes lie outside the data or overlap with another's",
      cause: "The file is cut off, or a tool wrote wrong 'data_offsets'.",
      fix: "Fetch the file again, and compare it with its source: sha256sum model.safetensors",
      example: ""),
    Explanation(
      "safetensors.shard.missing",
      meaning: "one of the files of a model in several files can't be opened",
      cause:
        "'model.safetensors.index.json' says that tensors are in a file which is not beside it, "
        + "such as 'model-00002-of-00002.safetensors'.",
      fix: "Fetch all files of the model into one folder: ls model-*.safetensors",
      example: ""),
  ]
}
