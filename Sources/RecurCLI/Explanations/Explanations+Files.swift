extension Explanation {
  /// Codes of whole files of any format, and of the command line.
  static let aboutFiles: [Explanation] = [
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
        + "sha256sum model.h5",
      example: #"""
        $ { printf '['; yes 0, | head -n 1000000; printf '0]'; } > architecture.json
        $ recur validate pytorch/small.pt --architecture architecture.json
        error[bytes.limit-exceeded]: JSON of more than 1000000 values
          --> architecture.json (bytes 2999998..<2999999)
        """#),
    Explanation(
      "bytes.trailing",
      meaning: "bytes follow the end of the HDF5 data, and are ignored",
      cause:
        "Something was appended to the file, or it was written over a longer one that was not "
        + "cut.",
      fix: "The model is read without them. To drop them: h5repack in.h5 out.h5",
      example: #"""
        $ cp keras3/lstm_last.h5 model.h5
        $ echo 'trained on monday' >> model.h5
        $ recur inspect model.h5
        warning[bytes.trailing]: 18 bytes follow the end of the HDF5 data
          --> model.h5 (bytes 14752..<14770)
          help: they are not read; 'h5repack in.h5 out.h5' drops them
        """#),
    Explanation(
      "bytes.truncated",
      meaning: "the file, or a structure in it, is shorter than it says",
      cause:
        "A download or copy stopped early, the disk was full when the file was written, or a "
        + "size in the file is damaged.",
      fix: "Fetch the file again, and compare it with its source: sha256sum model.h5",
      example: #"""
        $ head -c 10000 keras3/lstm_last.h5 > model.h5
        $ recur validate model.h5
        error[bytes.truncated]: the file is cut off
          --> model.h5 (bytes 40..<48)
          expected: 14752 bytes
          found: 10000 bytes
          help: fetch the file again
        """#),
    Explanation(
      "file.changed",
      meaning: "an input was cut, written to or removed while it was read",
      cause:
        "Another program cut or rewrote the file in place, such as a training run that saves "
        + "its next checkpoint. What was found in it is not told: it may be half of two files.",
      fix: "Wait until it is done, or read a copy: cp model.h5 copy.h5",
      example: #"""
        $ cp refused/header_only.safetensors model.safetensors
        $ truncate -s 1073741916 model.safetensors
        $ (for i in $(seq 1000); do ls -l /proc/$$/fd | grep -q model && break; done; : > model.safetensors) & exec recur validate model.safetensors
        error[file.changed]: the file became shorter while it was read
          --> model.safetensors
          expected: 1073741916 bytes
          found: 0 bytes
          why: another program cut it or writes it anew
          help: wait until it is done, or read a copy
        """#),
    Explanation(
      "file.empty",
      meaning: "the file has no bytes",
      cause: "A download or a save stopped before the first byte, or the disk was full.",
      fix: "Fetch the file again, or save it again: model.save('model.h5')",
      example: #"""
        $ : > model.h5
        $ recur inspect model.h5
        error[file.empty]: the file is empty
          --> model.h5
          why: a download or a save stopped before the first byte, or the disk was full
          help: fetch it again, or save it again
        """#),
    Explanation(
      "file.exists",
      meaning: "the output would take the place of a file that is needed or already there",
      cause:
        "An earlier run wrote it, or one name is given twice: the output is an input, or the "
        + "weights and the module are one file.",
      fix:
        "An input is never replaced. Choose another name, or allow it: "
        + "recur convert model.h5 model.pt --force",
      example: #"""
        $ recur convert keras3/lstm_last.h5 model.pt
        $ recur convert keras3/lstm_last.h5 model.pt
        error[file.exists]: the output exists already
          --> model.pt
          help: choose another name, or allow it with --force
        """#),
    Explanation(
      "file.format-left-out",
      meaning: "this build of Recur was made without the format of the file",
      cause:
        "Formats are package traits, 'Keras' and 'PyTorch'; a package that depends on Recur, or a build, "
        + "left one out.",
      fix:
        "Add the trait to the dependency, .package(path: \"../recur\", traits: [\"Keras\", \"PyTorch\"]), "
        + "or build with all: swift build",
      example: ""),
    Explanation(
      "file.format-unknown",
      meaning: "no format that can be written has the output's ending",
      cause:
        "The ending chooses the format, and this one is missing, misspelt or of a format that "
        + "is only read.",
      fix:
        "See the endings with 'recur formats', and name the output after one: "
        + "recur convert model.h5 model.pt",
      example: #"""
        $ recur convert keras3/lstm_last.h5 model.mlmodel
        error[file.format-unknown]: no format that can be written has the ending of 'model.mlmodel'
          --> model.mlmodel
          expected: one of .keras, .h5, .hdf5, .weights.h5, .pt, .pth, .npz, .safetensors, .onnx, .mlpackage, .json, .aidax, .nam
          help: name the output model.pt or model.keras, or say what it is with --to
        """#),
    Explanation(
      "file.no-model",
      meaning: "the file is known, but holds no model that can be run",
      cause:
        "It is an HDF5 file without 'model_config', 'layer_names' and Keras' groups of "
        + "layers: data of another program.",
      fix:
        "See what it holds with 'recur inspect data.h5', and save the model again: "
        + "model.save('model.h5')",
      example: #"""
        $ recur validate hostile/compact.h5
        error[file.no-model]: the file holds no model that can be run: HDF5 file without a Keras model
          --> hostile/compact.h5
          help: 'recur inspect' lists what it holds
        """#),
    Explanation(
      "file.no-tensors",
      meaning: "tensors were to be copied out of a file that holds none",
      cause: "The file holds an architecture, or strings and records alone.",
      fix: "See what it holds: recur inspect FILE",
      example: #"""
        $ recur convert --tensors keras3/attentions.json tensors.npz
        error[file.no-tensors]: the file holds no tensors: Keras architecture (JSON)
          --> keras3/attentions.json
        """#),
    Explanation(
      "file.option-unused",
      meaning: "an option was given that says nothing about such a file",
      cause:
        "--key chooses a state dict among several and --fold-weight-norm multiplies out its weights; "
        + "a Keras model has neither.",
      fix: "Leave the option out, or check that the file is the one you mean: recur inspect FILE",
      example: #"""
        $ recur validate keras3/lstm_last.h5 --key ema
        error[file.option-unused]: --key says nothing about Keras HDF5 model
          --> keras3/lstm_last.h5
          help: leave it out
        """#),
    Explanation(
      "file.unreadable",
      meaning: "the file can't be opened or mapped into memory",
      cause:
        "The path is misspelt, leads to a directory, a pipe or a device, or may not be read by "
        + "this user.",
      fix: "Check the path and its permissions: ls -l model.h5",
      example: #"""
        $ recur inspect keras3/lstm_lost.h5
        error[file.unreadable]: can't open: No such file or directory
          --> keras3/lstm_lost.h5
        """#),
    Explanation(
      "file.other-format",
      meaning: "the file is of a format that recur knows and does not read",
      cause:
        "It is a model of another framework: a checkpoint of many files, a file of Torch7, a pickle by "
        + "itself.",
      fix:
        "Run the lines that stand below the error: they write the model, or its arrays by "
        + "name, into a file that is read.",
      example: #"""
        $ recur inspect foreign/distributed
        error[file.other-format]: this is a distributed checkpoint of torch, which is not read
          --> foreign/distributed
          fix in a terminal: python -m torch.distributed.checkpoint.format_utils dcp_to_torch foreign/distributed model.pt
        """#),
    Explanation(
      "file.unrecognized",
      meaning: "the content is of no format that recur reads",
      cause:
        "The file is a pointer of Git LFS or git-annex, a web page in place of the download, "
        + "compressed with gzip, or of a program that is not known.",
      fix:
        "See the formats with 'recur formats', fetch a Git LFS file with 'git lfs pull', "
        + "unpack with 'gunzip model.pt.gz', and save a model of another format in Keras or "
        + "PyTorch.",
      example: #"""
        $ printf 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n' > model.h5
        $ recur inspect model.h5
        error[file.unrecognized]: the file is a Git LFS pointer, and no model format this program reads
          --> model.h5
          help: fetch the file itself with 'git lfs pull'
        """#),
    Explanation(
      "file.unwritable",
      meaning: "an output can't be written",
      cause:
        "The folder is missing or read-only, the disk or quota is full, or the output is a "
        + "directory, a device or a link to nothing. Standard output can also be closed or full.",
      fix:
        "Name a regular file in a folder that exists, and check its room and permissions: "
        + "df -h . ; ls -ld .",
      example: #"""
        $ recur convert keras3/lstm_last.h5 missing/model.pt
        error[file.unwritable]: can't create: No such file or directory
          --> missing/model.pt
          help: make the folder first: mkdir -p 'missing'
        """#),
    Explanation(
      "usage.code-unknown",
      meaning: "there is no diagnostic code of this name",
      cause: "The code is misspelt, or belongs to another version of recur.",
      fix: "List all codes: recur explain --list",
      example: #"""
        $ recur explain tensor.shape
        error[usage.code-unknown]: there is no diagnostic code 'tensor.shape'
          help: did you mean 'tensor.shape-mismatch'?
          fix in Recur: recur explain --list
        """#),
  ]
}
