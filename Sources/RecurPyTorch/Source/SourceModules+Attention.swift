import RecurModel
import RecurTensors

// Attention of several heads, in elementary operators.
extension SourceModules {
  static let attention: [SourceModuleKind] = [
    SourceModuleKind(
      "MultiheadAttention(embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, "
        + "add_zero_attn=False, kdim=None, vdim=None, batch_first=False)",
      match: { sizes, object, key in
        let width = object["embed_dim"]
        if object["kdim"]?.isNone ?? true, object["vdim"]?.isNone ?? true {
          sizes.match(key, "in_proj_weight", [sizes.product(width, 3), width])
        } else {
          sizes.match(key, "q_proj_weight", [width, width])
          sizes.match(key, "k_proj_weight", [width, object["kdim"]])
          sizes.match(key, "v_proj_weight", [width, object["vdim"]])
        }
        sizes.match(key, "out_proj.weight", [width, width])
        guard object["bias"]?.flag != false else { return }
        sizes.match(key, "in_proj_bias", [sizes.product(width, 3)])
        sizes.match(key, "out_proj.bias", [width])
      }
    ) { interpreter, object, arguments throws(SourceStop) in
      try interpreter.attention(object, arguments)
    }
  ]
}

extension SourceInterpreter {
  fileprivate mutating func attention(
    _ object: SourceObject, _ arguments: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    guard object["add_bias_kv"]?.flag != true, object["add_zero_attn"]?.flag != true else {
      throw problem("nn.MultiheadAttention with added rows is not supported", at: object.place)
    }
    let width = try option(object, "embed_dim")
    let heads = try option(object, "num_heads")
    let isBatchFirst = try flag(object, "batch_first")
    guard heads > 0, width % heads == 0 else {
      throw problem("\(width) features for \(heads) heads", at: object.place)
    }
    var projected: [SourceValue] = []
    for (index, name) in ["query", "key", "value"].enumerated() {
      let hint = SourceHint.sequence(width, isBatchFirst: isBatchFirst)
      var x = SourceValue.plain(try operand(arguments, name, at: index, hint: hint))
      if !isBatchFirst { x = try torch("transpose", [x, .integer(0), .integer(1)]) }
      let part = ["q", "k", "v"][index]
      let weight: SourceValue
      if tensors[StateDictKeys.joined(object.path ?? "", "in_proj_weight")] != nil {
        weight = try rows(tensor(object, "in_proj_weight"), index, width)
      } else {
        weight = try tensor(object, "\(part)_proj_weight")
      }
      let bias =
        try flag(object, "bias") ? rows(tensor(object, "in_proj_bias"), index, width) : .none
      let y = try torch("linear", [x, weight, bias])
      // [batch, timesteps, heads, size] to [batch, heads, timesteps, size]
      let split = try torch(
        "unflatten", [y, .integer(-1), .tuple([.integer(heads), .integer(width / heads)])])
      projected.append(try torch("transpose", [split, .integer(1), .integer(2)]))
    }
    let keys = try torch("transpose", [projected[1], .integer(-2), .integer(-1)])
    let scale = SourceValue.plain(.number(1 / Double(width / heads).squareRoot()))
    var scores = try torch("matmul", [torch("mul", [projected[0], scale]), keys])
    scores = try masked(scores, arguments, heads)
    let weights = try torch("softmax", [scores, .integer(-1)])
    let mixed = try torch(
      "transpose", [torch("matmul", [weights, projected[2]]), .integer(1), .integer(2)])
    var y = try torch("flatten", [mixed, .integer(2), .integer(3)])
    let bias = try flag(object, "bias") ? tensor(object, "out_proj.bias") : .none
    y = try torch("linear", [y, tensor(object, "out_proj.weight"), bias])
    if !isBatchFirst { y = try torch("transpose", [y, .integer(0), .integer(1)]) }
    guard arguments.value("need_weights", at: 4)?.flag != false else { return .tuple([y, .none]) }
    let isAveraged = arguments.value("average_attn_weights", at: 6)?.flag != false
    return .tuple([y, isAveraged ? try torch("mean", [weights, .integer(1)]) : weights])
  }

  /// The scores `[batch, heads, timesteps, keys]` with the masks of a call: true where nothing is read.
  private mutating func masked(
    _ scores: SourceValue, _ arguments: SourceArguments, _ heads: Int
  ) throws(SourceStop) -> SourceValue {
    var result = scores
    let least = SourceValue.plain(.number(-.infinity))
    if let given = arguments.value("attn_mask", at: 5), !given.isNone {
      let mask = try settled(needed(given))
      guard let array = mask.array, let shape = builder.shape(array) else {
        throw problem("nn.MultiheadAttention with an 'attn_mask' that is \(mask.title)")
      }
      guard shape.count == 2 else {
        throw problem("nn.MultiheadAttention with an 'attn_mask' of \(shape.count) axes")
      }
      result =
        builder.type(array) == .bool
        ? try torch("masked_fill", [result, mask, least]) : try torch("add", [result, mask])
    }
    if let given = arguments.value("key_padding_mask", at: 3), !given.isNone {
      var mask = try settled(needed(given))
      guard let array = mask.array, builder.type(array) == .bool,
        builder.shape(array)?.count == 2
      else { throw problem("nn.MultiheadAttention with a 'key_padding_mask' that is not Boolean") }
      for _ in 0..<2 { mask = try torch("unsqueeze", [mask, .integer(1)]) }
      result = try torch("masked_fill", [result, mask, least])
    }
    return result
  }

  private mutating func rows(
    _ value: SourceValue, _ index: Int, _ count: Int
  ) throws(SourceStop) -> SourceValue {
    try torch(
      "slice",
      [value, .integer(0), .integer(index * count), .integer((index + 1) * count)])
  }
}
