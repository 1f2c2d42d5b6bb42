#if HDF5Writing
  import RecurHDF5Writing
  import RecurModel
  import RecurTensors

  /// The arrays of a written model in an HDF5 tree, and the path of each array.
  struct KerasWeightsWriter {
    private let target: KerasTarget
    /// Every array with its path in the file, in order.
    private(set) var placed: [(path: String, array: KerasArrayForm)] = []

    init(_ target: KerasTarget) { self.target = target }

    // MARK: native

    /// Native weights: Keras finds layers by class and number (keras/src/saving/saving_lib.py).
    mutating func native(_ model: KerasModelForm) throws(CheckpointError) -> HDF5Node {
      var layers: [HDF5Node.Child] = []
      var counters: [String: Int] = [:]
      for layer in model.layers where !layer.form.isOperation {
        let key = layer.form.className.counted(&counters)
        layers.append(.init(key, try native(layer.form, at: "/layers/\(key)")))
      }
      return .group([
        .init("layers", .group(layers)), .init("vars", variables([], model.name, at: "/vars")),
      ])
    }

    private mutating func native(
      _ form: KerasLayerForm, at path: String
    ) throws(CheckpointError) -> HDF5Node {
      if form.carried?.isNested == true {
        var group = HDF5Node.group()
        for array in form.arrays {
          placed.append(("\(path)/\(array.name)", array))
          try group.insert(
            Self.variable(array), at: array.name.split(separator: "/").map(String.init))
        }
        return group
      }
      var children: [HDF5Node.Child] = []
      if let cell = form.cellName {
        let group = variables(form.arrays, cell, at: "\(path)/cell/vars")
        children.append(.init("cell", .group([.init("vars", group)])))
      }
      if form.isList {
        var cells: [HDF5Node.Child] = []
        var counters: [String: Int] = [:]
        for child in form.children {
          let key = child.form.className.counted(&counters)
          cells.append(.init(key, try native(child.form, at: "\(path)/cells/\(key)")))
        }
        children.append(.init("cells", .group(cells)))
      } else {
        for child in form.children {
          let name = child.group ?? child.option
          children.append(.init(name, try native(child.form, at: "\(path)/\(name)")))
        }
      }
      let own = form.cellName == nil ? form.arrays : []
      children.append(.init("vars", variables(own, form.name, at: "\(path)/vars")))
      return .group(children)
    }

    private mutating func variables(
      _ arrays: [KerasArrayForm], _ name: String, at path: String
    ) -> HDF5Node {
      var children: [HDF5Node.Child] = []
      for (index, array) in arrays.enumerated() {
        placed.append(("\(path)/\(index)", array))
        children.append(.init(String(index), Self.variable(array)))
      }
      return .group(children, attributes: [.init("name", .string(name, .utf8))])
    }

    private static func variable(_ array: KerasArrayForm) -> HDF5Node {
      let isBrain = array.tensor.elementType == .bfloat16
      return .dataset(
        array.tensor, attributes: isBrain ? [.init("dtype", .string("bfloat16", .utf8))] : [])
    }

    // MARK: legacy

    /// A full model in HDF5 (keras/src/legacy/saving/legacy_h5_format.py).
    mutating func legacy(
      _ model: KerasModelForm, config: String
    ) throws(CheckpointError) -> HDF5Node {
      var weights = HDF5Node.group()
      var names: [String] = []
      for layer in model.layers where !layer.form.isOperation {
        names.append(layer.form.name)
        var group = HDF5Node.group()
        let arrays = layer.form.allArrays.map { path, array in
          let suffix = target.isKeras3 ? "" : ":0"
          return (
            ([layer.form.name] + path).joined(separator: "/") + "/\(array.name)\(suffix)", array
          )
        }
        for (name, array) in arrays {
          placed.append(("/model_weights/\(layer.form.name)/\(name)", array))
          let path = name.split(separator: "/").map(String.init)
          try group.insert(.dataset(array.tensor), at: path)
        }
        group.attributes = Self.list("weight_names", arrays.map(\.0))
        try weights.insert(group, at: [layer.form.name])
      }
      let top = HDF5Node.group(attributes: Self.list("weight_names", []))
      try weights.insert(top, at: ["top_level_model_weights"])
      weights.attributes =
        Self.list("layer_names", names) + [
          .init("backend", .string("tensorflow", .ascii)),
          .init("keras_version", .string(target.version, .ascii)),
        ]
      return .group(
        [.init("model_weights", weights)],
        attributes: [
          .init("keras_version", .string(target.version, .utf8)),
          .init("backend", .string("tensorflow", .utf8)),
          .init("model_config", .string(config, .ascii)),
        ])
    }

    /// A list of names, split as Keras splits a list that is too long for one attribute
    /// (`save_attributes_to_hdf5_group`).
    static func list(_ name: String, _ values: [String]) -> [HDF5Node.Attribute] {
      let width = values.map(\.utf8.count).max() ?? 0
      let limit = HDF5AttributeValue.largestByteCount
      guard width * values.count > limit else { return [.init(name, .strings(values, .ascii))] }
      let count = (1...values.count).first { chunks in
        (values.count + chunks - 1) / chunks * width <= limit
      }
      let chunks = count ?? values.count
      var attributes: [HDF5Node.Attribute] = []
      var rest = values[...]
      for chunk in 0..<chunks {
        // If the parts can't be equal, the first parts have one name more.
        let size = values.count / chunks + (chunk < values.count % chunks ? 1 : 0)
        attributes.append(.init("\(name)\(chunk)", .fixedStrings(Array(rest.prefix(size)))))
        rest = rest.dropFirst(size)
      }
      return attributes
    }
  }
#endif
