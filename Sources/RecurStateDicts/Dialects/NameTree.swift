package import RecurTensors

/// The tensors of a file by their paths.
///
/// `lstm/hi/kernel` is the tensor `kernel` of the part `hi` of `lstm`.
package struct NameTree: Sendable {
  /// The tensors and parts below one path, in file order.
  package struct Group: Sendable {
    /// The path, joined by dots.
    package let key: String
    package fileprivate(set) var tensors: [(name: String, tensor: Tensor)] = []
    /// The last part of each path one level below.
    package fileprivate(set) var parts: [String] = []

    /// The tensor of this name, or nil.
    package subscript(name: String) -> Tensor? { tensors.first { $0.name == name }?.tensor }

    /// The names of the tensors.
    package var names: Set<String> { Set(tensors.map(\.name)) }

    /// The last part of the path.
    package var lastPart: String { key.split(separator: ".").last.map(String.init) ?? "" }
  }

  private var groups: [Name: Group] = [:]
  /// The paths in file order, outer ones first.
  package private(set) var keys: [String] = []

  /// Sorts `entries`, whose names are given as the parts of their paths.
  package init(_ entries: [(path: [String], tensor: Tensor)]) {
    _ = group([])
    for (path, tensor) in entries {
      guard let name = path.last else { continue }
      let key = group(path.dropLast())
      groups[Name(key)]?.tensors.append((name, tensor))
    }
  }

  /// The group at `key`.
  package subscript(key: String) -> Group? { groups[Name(key)] }

  /// The group of a part of `key`.
  package func part(_ name: String, of key: String) -> Group? {
    self[Self.joined(key, name)]
  }

  /// A path with one more part.
  package static func joined(_ key: String, _ part: String) -> String {
    key.isEmpty ? part : "\(key).\(part)"
  }

  /// The key of the group at `path`, which is made with all groups above it.
  private mutating func group(_ path: ArraySlice<String>) -> String {
    let key = path.joined(separator: ".")
    guard groups[Name(key)] == nil else { return key }
    if let last = path.last {
      let outer = group(path.dropLast())
      groups[Name(outer)]?.parts.append(last)
    }
    groups[Name(key)] = Group(key: key)
    keys.append(key)
    return key
  }
}
