import RecurContainers
import RecurFormats
import RecurTensors

extension ForeignFormat {
  /// What audio plug-ins load and what has no recurrent layer.
  static let audio: [ForeignFormat] = [
    ForeignFormat(
      "a WaveNet of SmartAmp", hint: "it has no recurrent layer",
      recognizes: { probe in
        guard let json = probe.json(.init()) else { return false }
        return ["variables", "dilations", "residual_channels"].allSatisfy { json[$0] != nil }
      })
  ]
}
