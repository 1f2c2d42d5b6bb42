/// How much a reader may read and allocate for one file before it calls the file hostile.
public struct DecodeLimits: Sendable {
  /// The number of HDF5 objects, ZIP entries or tensors.
  public var objects = 100_000
  /// The length of one name, in bytes.
  public var nameBytes = 4_096
  /// The number of dimensions of one tensor.
  public var rank = 32
  /// The size of a safetensors header, in bytes (huggingface/safetensors, `MAX_HEADER_SIZE`).
  public var headerBytes = 100_000_000
  /// The size of one JSON text, in bytes.
  public var jsonBytes = 64 << 20
  /// The number of values in one JSON text.
  public var jsonValues = 1_000_000
  /// The nesting depth of JSON and pickled values.
  public var nesting = 128
  /// The size of one pickle, in bytes.
  public var pickleBytes = 64 << 20
  /// The number of values that one pickle may make.
  public var pickleValues = 1_000_000
  /// The size of one ZIP entry after inflating, in bytes.
  public var inflatedBytes = 1 << 34

  /// Whether the checksums of arrays are verified, which reads every array in full.
  public var checksArrays = true

  /// The limits used unless told otherwise.
  public init() {}

  /// The limits for listing a file's content: no data of its arrays is read.
  package static let listing: DecodeLimits = {
    var limits = DecodeLimits()
    limits.checksArrays = false
    return limits
  }()
}
