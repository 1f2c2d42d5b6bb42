import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors

/// A model as the JSON text of an audio plug-in, ready to be written.
struct EncodedAudio: EncodedFile {
  let format: any AudioFormat
  let text: String
  let mappings: [TensorMapping]
  let diagnostics: [Diagnostic]
  let isRounded: Bool

  func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError) {
    try sink.write(Array(text.utf8))
  }

  func readBack(_ written: FileProbe) throws(CheckpointError) -> ReadBack {
    .model(try format.decode(written, options: DecodeOptions()).model)
  }
}
