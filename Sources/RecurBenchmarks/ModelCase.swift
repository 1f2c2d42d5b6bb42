import RecurModel
import RecurTensors

/// One model over one batch of inputs; `peers/models.py` measures the same models.
struct ModelCase {
  enum Name: String, CaseIterable {
    /// Five convolutions over an image of 32×128 positions, then two bidirectional LSTMs.
    case crnn
    /// Three convolutions over a signal of 1024 positions, then an LSTM.
    case signal
    /// A bidirectional LSTM, attention between its timesteps, and a second LSTM.
    case attention
    /// Two convolutional LSTMs over eight images of 32×32 positions.
    case convlstm
  }

  let name: Name
  let batch: Int

  init(name: Name, batch: Int) {
    self.name = name
    self.batch = batch
  }

  /// Reads `crnn,1`: the model and the batch.
  init?(parsing text: String) {
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    guard words.count == 2, let name = Name(rawValue: String(words[0])), let batch = Int(words[1]),
      (1...1024).contains(batch)
    else { return nil }
    self.init(name: name, batch: batch)
  }

  /// The extents of one input.
  private var shape: [Int] {
    switch name {
    case .crnn: [32, 128, 1]
    case .signal: [1024, 1]
    case .attention: [100, 64]
    case .convlstm: [8, 32, 32, 1]
    }
  }

  func input() throws(CheckpointError) -> Tensor {
    var numbers = RandomNumbers(scale: 1)
    return try numbers.tensor([batch] + shape)
  }

  func model() throws(CheckpointError) -> Model {
    var chain = LayerChain(shape)
    switch name {
    case .crnn:
      let sizes = [(1, 64, [2, 2]), (64, 128, [2, 2]), (128, 256, []), (256, 256, [2, 1])]
      for (inputs, outputs, pool) in sizes {
        try chain.convolve(inputs, outputs, [3, 3])
        if !pool.isEmpty { chain.pool(pool) }
      }
      try chain.convolve(256, 512, [3, 3])
      chain.pool([4, 1])
      chain.add(.reshaping(.reshape([32, 512])))
      try chain.bidirectional(512, 128)
      try chain.bidirectional(256, 128)
      try chain.dense(256, 80, .softmax)
    case .signal:
      for (inputs, outputs, size) in [(1, 64, 7), (64, 128, 5), (128, 128, 3)] {
        try chain.convolve(inputs, outputs, [size])
        chain.pool([2])
      }
      try chain.recurrent(128, 128, returnsSequence: false)
      try chain.dense(128, 5, .softmax)
    case .attention:
      try chain.bidirectional(64, 128)
      chain.attend()
      try chain.recurrent(256, 128, returnsSequence: false)
      try chain.dense(128, 10, .softmax)
    case .convlstm:
      try chain.convolutional(1, 32, [3, 3], returnsSequence: true)
      try chain.convolutional(32, 32, [3, 3], returnsSequence: false)
      try chain.convolve(32, 1, [3, 3])
    }
    return try chain.model()
  }
}
