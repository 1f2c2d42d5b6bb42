import RecurTensors

/// Python names for the layers of a model, used as attributes of the module and as prefixes of
/// keys.
struct PyTorchNames {
  private var names: [Name: String] = [:]
  private var taken: Set<String> = []

  /// Valid Python names for `names`, in the same order and all different.
  init(_ originals: [String]) {
    for original in originals where names[Name(original)] == nil {
      let plain = Self.identifier(original)
      var candidate = plain
      var number = 2
      while !taken.insert(candidate).inserted {
        candidate = "\(plain)_\(number)"
        number += 1
      }
      names[Name(original)] = candidate
    }
  }

  subscript(original: String) -> String { names[Name(original)] ?? Self.identifier(original) }

  /// `original` without anything that Python or torch.nn.Module can't use in a name.
  private static func identifier(_ original: String) -> String {
    var text = ""
    for scalar in original.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "_": text.unicodeScalars.append(scalar)
      default: text += "_"
      }
    }
    // Two underscores stand between the name of a variable and its part: lstm__mask.
    while text.contains("__") { text = text.replacing("__", with: "_") }
    let isReserved = reserved.contains(text) || text.hasPrefix("_")
    if text.isEmpty || text.first?.isNumber == true || isReserved { text = "layer_" + text }
    return text
  }

  /// Names that a submodule can't have: Python's keywords, names in generated code, and attributes
  /// of torch.nn.Module (2.13).
  private static let reserved = Set(PyTorchHelpers.names).union(
    """
    False None True and as assert async await break class continue def del elif else except finally
    for from global if import in is lambda nonlocal not or pass raise return try while with yield
    self torch nn F math Model super tuple zip state pair reset_states
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter
    get_submodule half ipu load_state_dict modules mtia named_buffers named_children named_modules
    named_parameters parameters register_backward_hook register_buffer register_forward_hook
    register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
    register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module
    register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_
    set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu
    zero_grad
    """.split(whereSeparator: \.isWhitespace).map(String.init))
}
