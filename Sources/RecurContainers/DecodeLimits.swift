/// What a reader may spend on one file before it calls the file hostile.
public struct DecodeLimits: Sendable {
  /// HDF5 objects, ZIP entries, tensors.
  public var objects = 100_000
  /// Bytes in one name.
  public var nameBytes = 4_096
  /// Dimensions of one tensor.
  public var rank = 32
  /// Bytes of a safetensors header (huggingface/safetensors, `MAX_HEADER_SIZE`).
  public var headerBytes = 100_000_000
  /// Bytes of one JSON text.
  public var jsonBytes = 64 << 20
  /// Values in one JSON text.
  public var jsonValues = 1_000_000
  /// Nesting of JSON and pickled values.
  public var nesting = 128
  /// Bytes of one pickle.
  public var pickleBytes = 64 << 20
  /// Values one pickle may make.
  public var pickleValues = 1_000_000
  /// Bytes that one ZIP entry may hold.
  public var inflatedBytes = 1 << 34

  /// Whether the checksums of arrays are held against them, which reads all of them.
  public var checksArrays = true

  /// The limits used unless told otherwise.
  public init() {}

  /// Those for listing what is in a file: nothing of its arrays is read.
  package static let listing: DecodeLimits = {
    var limits = DecodeLimits()
    limits.checksArrays = false
    return limits
  }()
}
