package import RecurTensors

/// What an HDF5 file is to hold: a group with its children, or a dataset, each with attributes.
///
/// The file's root is a group. Children and attributes are written in the order given here; readers
/// list children in the order of their names' bytes, whatever the order of writing.
package struct HDF5Node: Sendable {
  /// A child of a group under its name.
  package struct Child: Sendable {
    /// One component of a path: not empty, not `.` or `..`, without `/` and zero bytes.
    package var name: String
    /// The child.
    package var node: HDF5Node

    /// Names `node`.
    package init(_ name: String, _ node: HDF5Node) {
      self.name = name
      self.node = node
    }
  }

  /// An attribute under its name.
  package struct Attribute: Sendable {
    /// Not empty and without zero bytes.
    package var name: String
    /// The value.
    package var value: HDF5AttributeValue

    /// Names `value`.
    package init(_ name: String, _ value: HDF5AttributeValue) {
      self.name = name
      self.value = value
    }
  }

  /// What the node is.
  package enum Content: Sendable {
    case group([Child])
    /// A dataset, stored contiguously; rank 0 is a scalar.
    case dataset(Tensor)
  }

  /// What the node is.
  package var content: Content
  /// The node's attributes.
  package var attributes: [Attribute]

  /// A group of `children`, empty unless told otherwise.
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

  /// Adds an attribute after the others.
  package mutating func setAttribute(_ name: String, _ value: HDF5AttributeValue) {
    attributes.append(Attribute(name, value))
  }

  /// Puts `node` below this group at `path`, making the groups on the way that don't exist.
  ///
  /// - Throws: `hdf5.write.unrepresentable` when something is there already, when a dataset is in
  ///   the way, or when `path` is empty.
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
      // The children move out, so that they are changed in place.
      content = .group([])
      defer { content = .group(children) }
      let key = Name(name)
      let rest = path.dropFirst()
      // Equal bytes are equal strings, and comparing strings is the quicker way to say no.
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
  /// HDF5 has no form for what `message` describes.
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
