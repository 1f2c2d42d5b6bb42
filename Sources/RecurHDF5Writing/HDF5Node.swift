package import RecurTensors

/// A node of the HDF5 file to write: a group with its children, or a dataset, each with attributes.
///
/// The root of the file is a group. Children and attributes are written in the given order; readers
/// list children in the byte order of their names, whatever the order of writing.
package struct HDF5Node: Sendable {
  /// A child of a group and its name.
  package struct Child: Sendable {
    /// One component of a path: not empty, not `.` or `..`, without `/` and zero bytes.
    package var name: String
    /// The child.
    package var node: HDF5Node

    /// Makes a child from a name and a node.
    package init(_ name: String, _ node: HDF5Node) {
      self.name = name
      self.node = node
    }
  }

  /// An attribute and its name.
  package struct Attribute: Sendable {
    /// The name: not empty, without zero bytes.
    package var name: String
    /// The value.
    package var value: HDF5AttributeValue

    /// Makes an attribute from a name and a value.
    package init(_ name: String, _ value: HDF5AttributeValue) {
      self.name = name
      self.value = value
    }
  }

  /// The content of a node.
  package enum Content: Sendable {
    case group([Child])
    /// A dataset, stored contiguously; rank 0 is a scalar.
    case dataset(Tensor)
  }

  /// The content of the node.
  package var content: Content
  /// The node's attributes.
  package var attributes: [Attribute]

  /// A group of `children`, empty by default.
  package static func group(
    _ children: [Child] = [], attributes: [Attribute] = []
  ) -> HDF5Node {
    HDF5Node(content: .group(children), attributes: attributes)
  }

  /// A dataset that holds `tensor`.
  package static func dataset(_ tensor: Tensor, attributes: [Attribute] = []) -> HDF5Node {
    HDF5Node(content: .dataset(tensor), attributes: attributes)
  }

  /// The children of a group; none for a dataset.
  package var children: [Child] {
    switch content {
    case .group(let children): children
    case .dataset: []
    }
  }

  /// Appends an attribute.
  package mutating func setAttribute(_ name: String, _ value: HDF5AttributeValue) {
    attributes.append(Attribute(name, value))
  }

  /// Adds `node` below this group at `path`, and adds missing groups on the way.
  ///
  /// - Throws: `hdf5.write.unrepresentable` when `path` is taken, leads through a dataset, or is
  ///   empty.
  package mutating func insert(_ node: HDF5Node, at path: [String]) throws(CheckpointError) {
    try insert(node, at: path[...], below: "")
  }

  private mutating func insert(
    _ node: HDF5Node, at path: ArraySlice<String>, below parent: String
  ) throws(CheckpointError) {
    let place = "\(parent)/\(path.first ?? "")"
    try locating(object: place) { () throws(CheckpointError) in
      guard let name = path.first else { throw .unrepresentable("a node has no name") }
      guard case .group(var children) = content else {
        throw .unrepresentable("'\(name)' can't be put into a dataset")
      }
      // The children are moved out first, so that they are changed in place and not copied.
      content = .group([])
      defer { content = .group(children) }
      let key = Name(name)
      let rest = path.dropFirst()
      // Names with equal bytes are equal strings, and comparing strings first finds most
      // differences faster.
      let known = children.lastIndex { $0.name == name && Name($0.name) == key }
      guard !rest.isEmpty else {
        guard known == nil else { throw .unrepresentable("'\(name)' is there twice") }
        return children.append(Child(name, node))
      }
      let position = known ?? children.count
      if known == nil { children.append(Child(name, .group())) }
      try children[position].node.insert(node, at: rest, below: place)
    }
  }
}

extension CheckpointError {
  /// The error for content that HDF5 can't represent; `message` describes the content.
  static func unrepresentable(
    _ message: String, expected: String? = nil, found: String? = nil
  ) -> CheckpointError {
    CheckpointError(.hdf5WriteUnrepresentable, message, expected: expected, found: found)
  }
}

extension Diagnostic.Code {
  package static let hdf5WriteUnrepresentable = Self(rawValue: "hdf5.write.unrepresentable")
  package static let hdf5WriteFailed = Self(rawValue: "hdf5.write.failed")
}
