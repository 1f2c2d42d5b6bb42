import RecurContainers

/// The functions that torch's pickles name, and what this reader makes of a call of them.
enum TorchCallables {
  /// How to make a tensor from the arguments of a call.
  enum Rebuild: Sendable {
    /// `(storage, offset, size, stride)`, followed by arguments that are ignored; `dtype` and
    /// `metadata` are the positions of two further arguments that are read.
    case tensor(dtype: Int?, metadata: Int?)
    /// `(tensor, …)`, which gives the tensor: a parameter, or a value with its TorchScript type.
    case wrapper
    /// `(function, class, arguments, state)`, which stands for a call of `function` with
    /// `arguments`.
    case typed
    /// `(storage, offset, size, stride, quantizer, …)`: integers with a scale and a zero point.
    case quantized
    /// A tensor that is no plain array of numbers: what it is, and how to make it one.
    case refused(what: String, hint: String)
  }

  /// How a call of the function `name` makes a tensor; nil for a function that makes none
  /// (torch/_utils.py, torch/_tensor.py, torch/jit/_pickle.py).
  static func rebuild(_ name: String) -> Rebuild? { rebuilds[name] }

  private static let rebuilds: [String: Rebuild] = {
    var rebuilds: [String: Rebuild] = [
      "torch._utils._rebuild_tensor": .tensor(dtype: nil, metadata: nil),
      "torch._utils._rebuild_tensor_v2": .tensor(dtype: nil, metadata: 6),
      "torch._utils._rebuild_tensor_v3": .tensor(dtype: 6, metadata: 7),
      "torch._utils._rebuild_parameter": .wrapper,
      "torch._utils._rebuild_parameter_with_state": .wrapper,
      "torch.nn.parameter.Parameter": .wrapper,
      "torch.nn.parameter.Buffer": .wrapper,
      "torch._tensor._rebuild_from_type": .typed,
      "torch._tensor._rebuild_from_type_v2": .typed,
      "torch.tensor._rebuild_from_type": .typed,
    ]
    let device = Rebuild.refused(
      what: "a tensor of another device", hint: "move the model to the CPU before saving it")
    let nested = Rebuild.refused(
      what: "a nested tensor", hint: "save it as a padded tensor: tensor.to_padded_tensor(0)")
    let distributed = Rebuild.refused(
      what: "a part of a distributed tensor",
      hint:
        "gather it before saving: torch.save({k: v.full_tensor() if hasattr(v, 'full_tensor') else v "
        + "for k, v in model.state_dict().items()}, path)")
    let sparse = Rebuild.refused(
      what: "a sparse tensor", hint: "save it as a dense one: tensor.to_dense()")
    let subclass = Rebuild.refused(
      what: "a tensor of a class of its own", hint: "save it as a plain tensor")
    for (name, rebuild) in [
      ("_rebuild_qtensor", Rebuild.quantized), ("_rebuild_sparse_tensor", sparse),
      ("_rebuild_sparse_csr_tensor", sparse), ("_rebuild_nested_tensor", nested),
      ("_rebuild_device_tensor_from_numpy", device),
      ("_rebuild_device_tensor_from_cpu_tensor", device), ("_rebuild_xla_tensor", device),
      ("_rebuild_mlc_tensor", device), ("_rebuild_wrapper_subclass", subclass),
      (
        "_rebuild_meta_tensor_no_storage",
        Rebuild.refused(
          what: "a tensor on the device 'meta', which has no numbers",
          hint: "save the model after its weights are loaded")
      ),
    ] {
      rebuilds["torch._utils." + name] = rebuild
    }
    rebuilds["torch.nested._internal.nested_tensor._rebuild_njt"] = nested
    rebuilds["torch.nested._internal.nested_tensor.NestedTensor"] = nested
    for name in [
      "torch.distributed.tensor.DTensor", "torch.distributed._tensor.api.DTensor",
      "torch.distributed._shard.sharded_tensor.api.ShardedTensor",
    ] {
      rebuilds[name] = distributed
    }
    for name in ["UninitializedParameter", "UninitializedBuffer"] {
      rebuilds["torch.nn.parameter." + name] = .refused(
        what: "a parameter of a lazy module that was never called",
        hint: "run the model once before saving it")
    }
    return rebuilds
  }()

  /// Wrappers of TorchScript's pickler, whose first argument is the value.
  static let typeTags: Set<String> = [
    "torch.jit._pickle.restore_type_tag", "torch.jit._pickle.build_intlist",
    "torch.jit._pickle.build_tensorlist", "torch.jit._pickle.build_doublelist",
    "torch.jit._pickle.build_boollist",
  ]

  /// torch's own classes of tensors, which hold only numbers.
  static let plainTensorClasses: Set<String> = [
    "torch.Tensor", "torch._tensor.Tensor", "torch.nn.parameter.Parameter",
    "torch.nn.parameter.Buffer",
  ]

  /// Whether a pickle that names this function is refused as a whole.
  static func isRefused(module: String, name: String) -> Bool {
    if PickleRefusals.contains(module: module, name: name) { return true }
    let full = "\(module).\(name)"
    return refused.contains(full) || refusedModules.contains { full.hasPrefix($0) }
  }

  private static let refused: Set<String> = [
    "torch.load", "torch.serialization.load", "torch.jit.load", "torch.jit._serialization.load",
    "torch.storage._load_from_bytes", "torch.compile", "torch.ops.load_library",
    "torch._ops.load_library",
  ]

  private static let refusedModules = [
    "torch.hub.", "torch.utils._config_module.", "torch.utils.cpp_extension.",
    "torch.utils.collect_env.", "torch.package.", "torch.distributed.rpc.", "torch._inductor.",
    "torch._dynamo.guards.", "torch.utils.bottleneck.", "torch.fx.experimental.",
  ]

  /// Functions that make plain data of torch, numpy or Python; their results are not listed as
  /// objects.
  static func isPlain(_ name: String) -> Bool {
    plain.contains(name) || rebuilds[name] != nil || typeTags.contains(name)
      || scriptObjects.contains(name)
  }

  /// The objects of C++ classes that torch saves besides tensors: packed parameters.
  static let scriptObjects: Set<String> = ["torch.ScriptObject", "torch._C.ScriptObject"]

  private static let plain: Set<String> = [
    "collections.OrderedDict", "collections.defaultdict", "collections.Counter", "builtins.dict",
    "__builtin__.dict", "builtins.set", "__builtin__.set", "builtins.frozenset",
    "__builtin__.frozenset", "builtins.list", "builtins.tuple", "builtins.complex",
    "builtins.bytearray", "builtins.getattr", "__builtin__.getattr", "_codecs.encode", "torch.Size",
    "torch.device", "numpy.dtype", "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar", "numpy.core.multiarray._reconstruct",
    "numpy._core.multiarray._reconstruct", "numpy.ndarray", "pathlib.PosixPath",
    "pathlib.WindowsPath", "pathlib.PurePosixPath", "pathlib._local.PosixPath",
    "torch.serialization._get_layout",
  ]
}
