import RecurModel
import RecurTensors

// Modules with weights.
extension SourceModules {
  static let weighted: [SourceModuleKind] =
    [
      SourceModuleKind(
        "Linear(in_features, out_features, bias=True)",
        match: { sizes, object, key in
          sizes.match(key, "weight", [object["out_features"], object["in_features"]])
          sizes.matchBias(key, object, [object["out_features"]])
        }
      ) { interpreter, object, arguments throws(SourceStop) in
        let weight = try interpreter.tensor(object, "weight")
        let width = weight.array?.known?.array.shape.last ?? 0
        let x = try interpreter.operand(arguments, hint: .features(width))
        try interpreter.demand(x, axis: -1, width)
        return try interpreter.torch(
          "linear", [.plain(x), weight, interpreter.optionalTensor(object, "bias")])
      },
      SourceModuleKind(
        "Embedding(num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0, "
          + "scale_grad_by_freq=False, sparse=False, _weight=None, _freeze=False)",
        match: { sizes, object, key in
          sizes.match(key, "weight", [object["num_embeddings"], object["embedding_dim"]])
        }
      ) { interpreter, object, arguments throws(SourceStop) in
        guard object["max_norm"]?.isNone ?? true else {
          throw interpreter.problem("nn.Embedding with max_norm is not supported", at: object.place)
        }
        let x = try interpreter.operand(arguments, hint: .tokens)
        try interpreter.demandWhole(x)
        return try interpreter.torch(
          "embedding", [interpreter.tensor(object, "weight"), .plain(x)])
      },
      SourceModuleKind(
        "LayerNorm(normalized_shape, eps=1e-05, elementwise_affine=True, bias=True)",
        match: { sizes, object, key in
          guard object["elementwise_affine"]?.flag != false else { return }
          let shape = sizes.list(object["normalized_shape"])
          sizes.match(key, "weight", shape)
          sizes.matchBias(key, object, shape)
        }
      ) { interpreter, object, arguments throws(SourceStop) in
        let x = try interpreter.operand(arguments)
        if let width = object["normalized_shape"]?.integer {
          try interpreter.demand(x, axis: -1, width)
        }
        let shape = object["normalized_shape"] ?? .none
        let sizes: SourceValue = shape.integer == nil ? shape : .tuple([shape])
        return try interpreter.torch(
          "layer_norm", [.plain(x), sizes],
          [
            ("weight", interpreter.optionalTensor(object, "weight")),
            ("bias", interpreter.optionalTensor(object, "bias")), ("eps", object["eps"] ?? .none),
          ])
      },
      SourceModuleKind(
        "GroupNorm(num_groups, num_channels, eps=1e-05, affine=True)", match: affine("num_channels")
      ) { interpreter, object, arguments throws(SourceStop) in
        try interpreter.apply(
          "group_norm", interpreter.operand(arguments), object, ["num_groups", "eps"],
          tensors: ["weight", "bias"])
      },
      SourceModuleKind(
        "PReLU(num_parameters=1, init=0.25)",
        match: { sizes, object, key in sizes.match(key, "weight", [object["num_parameters"]]) }
      ) { interpreter, object, arguments throws(SourceStop) in
        try interpreter.torch(
          "prelu", [.plain(interpreter.operand(arguments)), interpreter.tensor(object, "weight")])
      },
    ] + batchNormalizations + instanceNormalizations + convolutions

  private static func affine(_ name: String) -> SourceModuleKind.Match {
    { sizes, object, key in
      guard object["affine"]?.flag != false else { return }
      sizes.match(key, "weight", [object[name]])
      sizes.match(key, "bias", [object[name]])
    }
  }

  private static let batchNormalizations = ["1d", "2d", "3d"].map { axes in
    SourceModuleKind(
      "BatchNorm\(axes)(num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
      match: { sizes, object, key in
        affine("num_features")(&sizes, object, key)
        guard object["track_running_stats"]?.flag != false else { return }
        sizes.match(key, "running_mean", [object["num_features"]])
        sizes.match(key, "running_var", [object["num_features"]])
      }
    ) { interpreter, object, arguments throws(SourceStop) in
      guard object["track_running_stats"]?.flag != false else {
        throw interpreter.problem(
          "nn.BatchNorm\(axes) without running statistics is not supported", at: object.place)
      }
      let x = try interpreter.operand(arguments)
      let mean = try interpreter.tensor(object, "running_mean")
      try interpreter.demand(x, axis: 1, mean.array?.known?.array.count ?? 0)
      return try interpreter.torch(
        "batch_norm",
        [
          .plain(x), mean, interpreter.tensor(object, "running_var"),
          interpreter.optionalTensor(object, "weight"), interpreter.optionalTensor(object, "bias"),
        ], [("eps", object["eps"] ?? .none)])
    }
  }

  // a normalization of groups of one channel each
  private static let instanceNormalizations = (1...3).map { axes in
    SourceModuleKind(
      "InstanceNorm\(axes)d(num_features, eps=1e-05, momentum=0.1, affine=False, "
        + "track_running_stats=False)",
      match: { sizes, object, key in
        guard object["affine"]?.flag == true else { return }
        affine("num_features")(&sizes, object, key)
      }
    ) { interpreter, object, arguments throws(SourceStop) in
      guard object["track_running_stats"]?.flag == false else {
        throw interpreter.problem(
          "nn.InstanceNorm\(axes)d with running statistics is not supported", at: object.place)
      }
      let x = try interpreter.operand(arguments)
      let channels = try interpreter.option(object, "num_features")
      try interpreter.demandRank(x, axes + 2)
      try interpreter.demand(x, axis: 1, channels)
      guard try interpreter.extents(x).count == axes + 2 else {
        throw interpreter.problem(
          "nn.InstanceNorm\(axes)d reads an array \(text(try interpreter.extents(x)))")
      }
      return try interpreter.torch(
        "group_norm", [.plain(x), .integer(channels)],
        [
          ("weight", interpreter.optionalTensor(object, "weight")),
          ("bias", interpreter.optionalTensor(object, "bias")), ("eps", object["eps"] ?? .none),
        ])
    }
  }

  private static let convolutions = (1...3).flatMap { axes in
    [
      SourceModuleKind(
        "Conv\(axes)d(in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, "
          + "groups=1, bias=True, padding_mode=zeros)",
        match: { sizes, object, key in
          let inner = sizes.quotient(object["in_channels"], object["groups"])
          sizes.match(
            key, "weight",
            [object["out_channels"], inner] + sizes.list(object["kernel_size"], count: axes))
          sizes.matchBias(key, object, [object["out_channels"]])
        }
      ) { interpreter, object, arguments throws(SourceStop) in
        guard object["padding_mode"]?.text == "zeros" else {
          throw interpreter.problem(
            "nn.Conv\(axes)d with another padding than zeros is not supported", at: object.place)
        }
        let weight = try interpreter.tensor(object, "weight")
        let channels =
          (weight.array?.known?.array.shape[1] ?? 1) * (object["groups"]?.integer ?? 1)
        let x = try interpreter.operand(arguments, hint: .channels(channels, axes: axes))
        try interpreter.demandRank(x, axes + 2)
        try interpreter.demand(x, axis: 1, channels)
        return try interpreter.torch(
          "conv\(axes)d", [.plain(x), weight, interpreter.optionalTensor(object, "bias")],
          ["stride", "padding", "dilation", "groups"].map { ($0, object[$0] ?? .none) })
      },
      SourceModuleKind(
        "ConvTranspose\(axes)d(in_channels, out_channels, kernel_size, stride=1, padding=0, "
          + "output_padding=0, groups=1, bias=True, dilation=1, padding_mode=zeros)",
        match: { sizes, object, key in
          let inner = sizes.quotient(object["out_channels"], object["groups"])
          sizes.match(
            key, "weight",
            [object["in_channels"], inner] + sizes.list(object["kernel_size"], count: axes))
          sizes.matchBias(key, object, [object["out_channels"]])
        }
      ) { interpreter, object, arguments throws(SourceStop) in
        let weight = try interpreter.tensor(object, "weight")
        let channels = weight.array?.known?.array.shape.first ?? 1
        let x = try interpreter.operand(arguments, hint: .channels(channels, axes: axes))
        try interpreter.demandRank(x, axes + 2)
        try interpreter.demand(x, axis: 1, channels)
        return try interpreter.torch(
          "conv_transpose\(axes)d",
          [.plain(x), weight, interpreter.optionalTensor(object, "bias")],
          ["stride", "padding", "output_padding", "groups", "dilation"].map {
            ($0, object[$0] ?? .none)
          })
      },
    ]
  }
}
