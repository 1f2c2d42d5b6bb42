import RecurContainers
import RecurKeras
import RecurTensors

/// What Keras says of its objects in a SavedModel: the class and the options of the model and of its
/// layers, by the positions of the objects
/// (keras/protobuf/saved_metadata.proto; tensorflow/core/protobuf/saved_object_graph.proto).
struct KerasMetadata {
  /// The JSON of each object, by its position.
  private(set) var configs: [Int: JSONValue] = [:]
  /// Where the JSON of the root is.
  private(set) var location = Diagnostic.Location()

  /// Reads `keras_metadata.pb` (TensorFlow from 2.5 on).
  ///
  /// - Throws: `protobuf.invalid`, `json.invalid`, `tensorflow.graph.invalid`.
  init(metadata file: ByteRegion, limits: DecodeLimits) throws(CheckpointError) {
    var reader = ProtobufReader(file)
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      var (number, text, node) = (0, ByteRegion?.none, ProtobufReader(try field.bytes()))
      while let part = try node.next() {
        switch part.number {
        case 2: number = try part.integer()
        case 5: text = try part.bytes()
        default: continue
        }
      }
      try add(text, number, at: field.location, limits)
    }
  }

  /// Reads the objects in `saved_model.pb`, where Keras wrote the same before TensorFlow 2.5.
  ///
  /// Functions and graphs, which are most of the file, are passed over.
  ///
  /// - Throws: `protobuf.invalid`, `json.invalid`, `tensorflow.graph.invalid`.
  init(savedModel file: ByteRegion, limits: DecodeLimits) throws(CheckpointError) {
    guard let graph = try ProtobufReader.field(7, of: ProtobufReader.field(2, of: file)) else {
      return
    }
    var (number, reader) = (0, ProtobufReader(graph))
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      let user = try ProtobufReader.field(4, of: field.bytes())
      // An object of a model of Keras has an identifier and a JSON.
      if let user, let text = try ProtobufReader.field(3, of: user), text.count > 2,
        let identifier = try ProtobufReader.field(1, of: user)?.text(),
        identifier.hasPrefix("_tf_keras_")
      {
        try add(text, number, at: field.location, limits)
      }
      number += 1
    }
  }

  private mutating func add(
    _ text: ByteRegion?, _ number: Int, at location: Diagnostic.Location, _ limits: DecodeLimits
  ) throws(CheckpointError) {
    guard let text else { return }
    guard 0..<1 << 20 ~= number, configs[number] == nil else {
      throw CheckpointError(
        .tensorFlowGraphInvalid, "the options of object \(number) are there twice, or it is none",
        at: location)
    }
    configs[number] = try locating(object: "object \(number)") { () throws(CheckpointError) in
      try JSONParser.parse(text, allowsPythonNumbers: true, limits: limits)
    }
    if number == 0 { self.location = text.location }
  }

  /// The config of the model; nil when the file says nothing of it.
  var root: JSONValue? { configs[0] }

  /// The version of Keras that wrote it; nil when the file does not say it.
  ///
  /// - Throws: `keras.version.unsupported`.
  func version() throws(CheckpointError) -> KerasVersion? {
    guard let text = root?["keras_version"]?.string else { return nil }
    return try KerasVersion(text, at: location)
  }
}
