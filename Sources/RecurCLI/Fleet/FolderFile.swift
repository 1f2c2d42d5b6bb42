#if CommandLine
  import Recur
  import RecurContainers
  import RecurFormats
  import RecurTensors

  /// What a file in a folder is, told by its content.
  struct FolderFile {
    /// Whether it is a checkpoint, or may be one and can't be read.
    private(set) var isCheckpoint = false
    /// The lines that get a model out of it, for a format that is named and not read: the same for all parts
    /// of one model.
    private(set) var way: [String] = []
    /// The files that it is the index of.
    private(set) var shards: [String] = []

    /// Endings that nothing but a model has: what is something else must not pass unseen.
    private static let endings = [
      ".keras", ".h5", ".hdf5", ".pt", ".pth", ".pt2", ".pth.tar", ".ckpt", ".safetensors", ".npz",
      "model.bin", ".weights.json", ".safetensors.index.json", ".onnx", ".tflite", ".mlmodel",
      "saved_model.pb",
    ]

    /// Whether the name of a file says that it is a model.
    static func isNamedLikeModel(_ path: String) -> Bool {
      !path.hasSuffix(".golden.npz") && endings.contains { path.hasSuffix($0) }
    }

    init(_ path: String) {
      let watch = InputWatch()
      do throws(CheckpointError) {
        let probe = try FileProbe(path: path, watch: watch)
        let format = try FormatRegistry.all.format(of: probe)
        switch format {
        case let format as any SharedContainerFormat:
          isCheckpoint = format.looksLikeWeights(probe)
        case let format as any ShardedFormat:
          isCheckpoint = true
          shards = (try? format.shards(probe, .init())) ?? []
        case is any ModelDecoding: isCheckpoint = true
        default:
          // A damaged model may look like data; sound data is none of our business.
          _ = try format.inspect(probe)
        }
        try watch.check()
      } catch {
        // Nobody knows what is in a file that can't be read.
        let isUnread = [.fileUnreadable, .fileChanged].contains(error.diagnostic.code)
        isCheckpoint = isUnread || Self.isNamedLikeModel(path)
        guard error.diagnostic.code == .fileOtherFormat, let probe = try? FileProbe(path: path),
          let format = FormatRegistry.all.foreignFile(probe), !format.isOftenData
        else { return }
        isCheckpoint = true
        way = format.way(path)
      }
    }
  }
#endif
