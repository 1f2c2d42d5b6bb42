import RecurContainers
import RecurFormats
import RecurTensors

extension ForeignFormat {
  /// Graphs of operations that several frameworks write.
  static let graphs: [ForeignFormat] = [
    ForeignFormat(
      "a CNTK model",
      recognizes: { probe in
        // Version 1: "BCN" in UTF-16. Version 2: a dictionary of Protocol Buffers.
        if probe.bytes.holds([0x42, 0x00, 0x43, 0x00, 0x4E, 0x00]) { return true }
        return probe.bytes.holds([0x08]) && probe.mentions("primitive_functions")
          && probe.mentions("root_uid")
      }
    ) { path in
      [
        "import cntk, numpy as np; np.savez('model.npz', **{p.uid: p.value "
          + "for p in cntk.Function.load(\(pythonString(path))).parameters})"
      ]
    },
    ForeignFormat(
      "an MXNet parameter file", recognizes: { $0.bytes.holds([0x12, 0x01, 0, 0, 0, 0, 0, 0]) }
    ) { path in
      [
        "import mxnet as mx, numpy as np; np.savez('model.npz', **{k: v.asnumpy() "
          + "for k, v in mx.nd.load(\(pythonString(path))).items()})"
      ]
    },
    ForeignFormat(
      "a PaddlePaddle program", hint: "its numbers are in the file .pdiparams beside it",
      recognizes: { probe in
        let name = splitPath(probe.path).name
        return (name.hasSuffix(".pdmodel") || name.hasSuffix(".pdiparams"))
      }
    ) { path in
      let stem = pythonString(String(path.prefix(upTo: path.lastIndex(of: ".") ?? path.endIndex)))
      return [
        "import numpy as np, paddle; np.savez('model.npz', **{k: v.numpy() "
          + "for k, v in paddle.jit.load(\(stem)).state_dict().items()})"
      ]
    },
    ForeignFormat(
      "a PaddlePaddle state dict",
      recognizes: { probe in
        probe.isPickle && probe.mentions("StructuredToParameterName@@")
      }
    ) { path in
      [
        "import numpy as np, paddle; np.savez('model.npz', **{k: v.numpy() "
          + "for k, v in paddle.load(\(pythonString(path))).items()})"
      ]
    },
  ]
}

extension FileProbe {
  /// Whether the file begins as pickles since protocol 2 do.
  var isPickle: Bool {
    bytes.holds([0x80]) && (2...5).contains((try? bytes.byte(at: 1)) ?? 0)
  }

  /// Whether this text of ASCII letters stands in the first or the last 256 KiB.
  func mentions(_ text: String) -> Bool {
    let length = 256 << 10
    let needle = Array(text.utf8)
    let starts = bytes.count <= length ? [0] : [0, bytes.count - length]
    return starts.contains { start in
      guard let part = try? bytes.slice(at: start, length: min(length, bytes.count - start)) else {
        return false
      }
      let content = part.bytes()
      guard let first = needle.first, content.count >= needle.count else { return false }
      return content.indices.dropLast(needle.count - 1).contains { index in
        content[index] == first && content[index..<(index + needle.count)].elementsEqual(needle)
      }
    }
  }
}
