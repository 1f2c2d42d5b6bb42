extension Explanation {
  /// Codes of PyTorch checkpoints: their containers, and the choice of a state dict.
  static let aboutCheckpoints: [Explanation] = [
    Explanation(
      "pytorch.archive.invalid",
      meaning: "the checkpoint is not laid out as torch.save lays it out",
      cause:
        "A storage is missing or of another size, 'data.pkl' is there twice, or bytes follow the "
        + "last storage of a file from before torch 1.6.",
      fix:
        "Save the state dict again on the machine that made it: "
        + "torch.save(model.state_dict(), 'model.pt')",
      example: #"""
        $ recur inspect hostile/storage_too_short.pt
        error[pytorch.archive.invalid]: the storage 'archive/data/0' does not hold its 4 elements
          --> hostile/storage_too_short.pt:w (bytes 303..<311)
          expected: 16 bytes
          found: 8 bytes
        """#),
    Explanation(
      "pytorch.entry.skipped",
      meaning: "an object stands among the tensors of the state dict, and is left out",
      cause:
        "A module put an object of a class of its own into its state dict. The pickle was not "
        + "executed, so only the name of the class is known.",
      fix: "See what else the checkpoint holds: recur inspect model.pt",
      example: #"""
        $ recur inspect pytorch/object_in_state.pt
        warning[pytorch.entry.skipped]: 'thing' is an object of '__main__.Thing', which is kept as a name and is no tensor
          --> pytorch/object_in_state.pt:thing (bytes 627..<628)
        """#),
    Explanation(
      "pytorch.envelope.unsupported",
      meaning: "the weights are in a kind of file that torch wrote and that is not read",
      cause:
        "The file is a tar archive of torch 0.1, a program compiled by AOTInductor, or from a "
        + "big-endian machine before torch 1.6.",
      fix: "Save the state dict with a current torch: torch.save(model.state_dict(), 'model.pt')",
      example: #"""
        $ recur inspect pytorch/torch_0_1.tar
        error[pytorch.envelope.unsupported]: the file is a tar archive as torch 0.1 wrote it
          --> pytorch/torch_0_1.tar (bytes 0..<512)
          help: save it again with a later torch: torch.save(torch.load('old', weights_only=False), 'new.pt')
        """#),
    Explanation(
      "pytorch.key.joined",
      meaning:
        "keys of the checkpoint are tuples, and names of tensors were made of their elements",
      cause: "Tensors were saved in a dictionary under keys such as ('encoder', 0).",
      fix: "Nothing has to be done where the joined names will do; else save them under names.",
      example: #"""
        $ recur inspect loose/tuple_keys.pt
        note[pytorch.key.joined]: 2 keys are tuples, which no name of a tensor can be: the elements are joined by '_'
          --> loose/tuple_keys.pt
          note: ('a', 1) is 'a_1'
          note: ('b', 2) is 'b_2'
        """#),
    Explanation(
      "pytorch.parametrization.folded",
      meaning: "a weight was computed from the numbers it is stored as",
      cause:
        "Weight norm and spectral norm store a weight as factors. The result was computed in "
        + "Double and rounded once; torch's own may differ in the last bit.",
      fix: "Compare the outputs: recur validate model.pt --golden golden.npz --fold-weight-norm",
      example: #"""
        $ recur validate pytorch/weight_norm.pt --fold-weight-norm
        warning[pytorch.parametrization.folded]: 'lstm.weight_hh_l0' was computed from its weight norm and rounded once to float32
          --> pytorch/weight_norm.pt:lstm.weight_hh_l0_v
        """#),
    Explanation(
      "pytorch.parametrization.unfolded",
      meaning: "a weight is stored as the numbers it is computed from",
      cause:
        "The module has weight norm or spectral norm, such as 'weight_hh_l0_g' and "
        + "'weight_hh_l0_v'. A plain weight would be new numbers, which is not done unasked.",
      fix: "Ask for it: recur convert model.pt model.keras --fold-weight-norm",
      example: #"""
        $ recur inspect pytorch/weight_norm.pt --emit-architecture > declared.json
        $ recur validate pytorch/weight_norm.pt --architecture declared.json
        error[pytorch.parametrization.unfolded]: 'lstm.weight_hh_l0' is not stored: 'lstm.weight_hh_l0_g', 'lstm.weight_hh_l0_v' are, of which it is computed
          --> pytorch/weight_norm.pt
          help: add --fold-weight-norm
        """#),
    Explanation(
      "pytorch.parametrization.unsupported",
      meaning: "a weight is stored under a parametrization that can't be computed from the file",
      cause:
        "torch.nn.utils.parametrize keeps the formula in Python code; only weight norm and "
        + "spectral norm are known here, and their shapes must fit.",
      fix:
        "Save the weight itself: "
        + "torch.nn.utils.parametrize.remove_parametrizations(module, 'weight')",
      example: #"""
        $ recur validate pytorch/orthogonal.pt --fold-weight-norm
        error[pytorch.parametrization.unsupported]: 'weight' is stored under a parametrization whose formula is not in the file
          --> pytorch/orthogonal.pt:parametrizations.weight.original
          found: 'parametrizations.weight.original'
          help: remove it before saving: torch.nn.utils.parametrize.remove_parametrizations(module, name)
        """#),
    Explanation(
      "pytorch.prefix.collision",
      meaning: "two keys become one when the names of wrappers are taken off",
      cause:
        "The state dict holds a wrapped and a plain copy of one weight, such as "
        + "'lstm._orig_mod.weight' and 'lstm.weight'.",
      fix: "Save the model without its wrapper: torch.save(model._orig_mod.state_dict(), 'm.pt')",
      example: #"""
        $ recur validate pytorch/prefix_collision.pt
        error[pytorch.prefix.collision]: 'lstm._orig_mod.weight' and 'lstm.weight' both become 'lstm.weight' when prefixes are taken off
          --> pytorch/prefix_collision.pt:lstm.weight (bytes 960..<964)
          fix in PyTorch: torch.save(model._orig_mod.state_dict(), 'model.pt')
        """#),
    Explanation(
      "pytorch.prefix.stripped",
      meaning: "the name of a wrapper was taken off the keys",
      cause:
        "DataParallel puts 'module.' before all keys, torch.compile '_orig_mod.', a Lightning "
        + "module often 'model.'.",
      fix: "Nothing has to be done. The keys as they are stored: recur inspect model.pt",
      example: #"""
        $ recur validate pytorch/data_parallel.pt
        note[pytorch.prefix.stripped]: 'module.' was taken off the keys: DataParallel put it there
          --> pytorch/data_parallel.pt
          expected: keys of the model itself
          found: 6 keys with 'module.'
          why: a wrapped module was saved; torch's load_state_dict() refuses such keys, and with strict=False loads nothing of them
          fix in PyTorch: sd = {k.replace("module.", "", 1): w for k, w in sd.items()}
        """#),
    Explanation(
      "pytorch.state-dict.ambiguous",
      meaning: "the checkpoint holds several state dicts, and none is plainly the model",
      cause:
        "A training run saved several networks or copies of one, and none under a usual name such "
        + "as 'state_dict' or 'model'; or the parts of one model were saved side by side.",
      fix:
        "Choose one: recur inspect model.pt --key generator. Parts of one model are read together "
        + "with an architecture whose keys name them ('lstm', 'fc'): recur inspect model.pt "
        + "--emit-architecture > architecture.json",
      example: #"""
        $ recur validate pytorch/ambiguous.pt
        error[pytorch.state-dict.ambiguous]: the checkpoint holds 2 dictionaries of tensors, and none is plainly the model
          --> pytorch/ambiguous.pt:ambiguous/data.pkl
          expected: one of 'teacher_a' (6 tensors), 'teacher_b' (6 tensors)
          help: choose one with --key PATH, such as --key 'teacher_b', or declare them with --architecture if they are parts of one model: 'recur inspect --emit-architecture' writes what to edit
          fix in Recur: recur inspect pytorch/ambiguous.pt --emit-architecture > architecture.json   # then say in it what is null
          fix in Recur: recur convert pytorch/ambiguous.pt model.keras --architecture architecture.json   # with what was said
        """#),
    Explanation(
      "pytorch.state-dict.chosen",
      meaning:
        "the checkpoint holds several state dicts, and the one with the usual name was taken",
      cause:
        "A training run saved averaged weights ('ema'), another network or single tensors beside "
        + "the model.",
      fix: "To take another one: recur inspect model.pt --key ema",
      example: #"""
        $ recur inspect pytorch/model_and_ema.pt
        note[pytorch.state-dict.chosen]: took 'model' out of 2 dictionaries of tensors: 'ema' (6 tensors), 'model' (6 tensors)
          --> pytorch/model_and_ema.pt
          help: choose another one with --key PATH
        """#),
    Explanation(
      "pytorch.state-dict.key-unknown",
      meaning: "the checkpoint holds no state dict at the path given with --key",
      cause: "The path is misspelt, or leads to something without tensors, such as an optimizer.",
      fix: "Give one of the paths in the message, with dots between keys: --key model.generator",
      example: #"""
        $ recur inspect pytorch/model_and_ema.pt --key average
        error[pytorch.state-dict.key-unknown]: the checkpoint holds no dictionary of tensors at 'average'
          --> pytorch/model_and_ema.pt:model_and_ema/data.pkl
          expected: one of 'ema' (6 tensors), 'model' (6 tensors)
          found: 'average'
          fix in Recur: recur inspect pytorch/model_and_ema.pt --key ema
        """#),
    Explanation(
      "pytorch.state-dict.missing",
      meaning: "the checkpoint holds no dictionary of tensors and no module",
      cause:
        "The file holds a single tensor, a list of tensors, or numbers of a training run without "
        + "its model.",
      fix: "Save the state dict: torch.save(model.state_dict(), 'model.pt')",
      example: #"""
        $ recur inspect pytorch/no_tensors.pt
        error[pytorch.state-dict.missing]: the checkpoint holds no dictionary of tensors and no module
          --> pytorch/no_tensors.pt:no_tensors/data.pkl (bytes 66..<67)
          found: a dictionary of 1 entry
          help: save the state dict: torch.save(model.state_dict(), path)
        """#),
    Explanation(
      "pytorch.tensor.unsupported",
      meaning: "a tensor is of a kind that is no plain array of numbers",
      cause:
        "The tensor is sparse, nested, distributed, packed, without numbers ('meta'), of a class "
        + "of its own, or a view whose numbers are the conjugate or negative of those stored.",
      fix: "Save plain tensors: {name: t.to_dense() for name, t in model.state_dict().items()}",
      example: #"""
        $ recur validate pytorch/sparse.pt
        error[pytorch.tensor.unsupported]: 'weight' is a sparse tensor ('torch._utils._rebuild_sparse_tensor'), which is not read
          --> pytorch/sparse.pt:weight (bytes 439..<440)
          help: save it as a dense one: tensor.to_dense()
        """#),
  ]
}
