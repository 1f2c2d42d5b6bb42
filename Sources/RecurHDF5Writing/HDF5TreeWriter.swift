import CHDF5
import RecurTensors

/// Writes groups, attributes and dataset headers, and records the address of each dataset's data.
struct HDF5TreeWriter: ~Copyable {
  /// The datasets that have data, in the order of writing.
  private(set) var placements: [HDF5Placement] = []
  private let creation: HDF5Handle

  init() throws(CheckpointError) {
    let list = try HDF5Handle(
      H5Pcreate(recur_dataset_creation()), "make a property list", release: H5Pclose)
    try HDF5Library.checked(H5Pset_obj_track_times(list.id, false), "switch times off")
    creation = list
  }

  /// Writes the attributes and children of `node` to the open group or file `parent` at `path`.
  mutating func write(
    _ node: HDF5Node, into parent: hid_t, path: String = "/"
  ) throws(CheckpointError) {
    try HDF5AttributeWriter(object: parent, path: path).write(node.attributes)
    var names: Set<Name> = []
    for child in node.children {
      let childPath = path == "/" ? "/\(child.name)" : "\(path)/\(child.name)"
      try locating(object: childPath) { () throws(CheckpointError) in
        try Self.check(child.name)
        guard names.insert(Name(child.name)).inserted else {
          throw .unrepresentable("'\(child.name)' is there twice")
        }
        try write(child, into: parent, path: childPath)
      }
    }
  }

  private mutating func write(
    _ child: HDF5Node.Child, into parent: hid_t, path: String
  ) throws(CheckpointError) {
    switch child.node.content {
    case .group:
      // Links are written without a character set: with a UTF-8 link, a group gets the newer form,
      // which fewer programs read. The bytes of names are UTF-8 in both cases.
      let group = try HDF5Handle(
        unsafe H5Gcreate2(parent, child.name, 0, 0, 0), "make a group", release: H5Gclose)
      try write(child.node, into: group.id, path: path)
    case .dataset(let tensor):
      let type = try HDF5Types.datatype(of: tensor.elementType)
      let space = try HDF5Types.space(tensor.shape)
      let dataset = try HDF5Handle(
        unsafe H5Dcreate2(parent, child.name, type.id, space.id, 0, creation.id, 0),
        "make a dataset", release: H5Dclose)
      if tensor.count > 0 {
        let address = try Self.allocate(dataset.id, type.id, space.id, rank: tensor.rank)
        placements.append(HDF5Placement(tensor: tensor, address: address))
      }
      try HDF5AttributeWriter(object: dataset.id, path: path).write(child.node.attributes)
    }
  }

  /// Makes libhdf5 allocate the dataset's data by writing the first element, and returns the
  /// address.
  private static func allocate(
    _ dataset: hid_t, _ type: hid_t, _ space: hid_t, rank: Int
  ) throws(CheckpointError) -> Int {
    let one = try HDF5Types.space([])
    if rank > 0 {
      let (start, count) = (
        [hsize_t](repeating: 0, count: rank), [hsize_t](repeating: 1, count: rank)
      )
      try HDF5Library.checked(
        unsafe H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nil, count, nil),
        "select an element")
    }
    try HDF5Library.checked(
      unsafe H5Dwrite(dataset, type, one.id, space, 0, [UInt64(0)]), "allocate a dataset")
    let address = H5Dget_offset(dataset)
    guard address != recur_no_address(), let offset = Int(exactly: address) else {
      throw CheckpointError(.hdf5WriteFailed, "libhdf5 allocated nothing for a dataset")
    }
    return offset
  }

  private static func check(_ name: String) throws(CheckpointError) {
    let reason: String? =
      switch name {
      case "": "is empty"
      case ".", "..": "stands for a place, not for an object"
      default:
        if name.utf8.contains(UInt8(ascii: "/")) {
          "holds '/', which separates the components of a path"
        } else if name.utf8.contains(0) {
          "holds a zero byte"
        } else {
          nil
        }
      }
    if let reason { throw .unrepresentable("the name '\(name)' \(reason)") }
  }
}
