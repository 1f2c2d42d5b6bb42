import RecurTensors
import Testing

@Suite("Similar names")
struct SimilarNamesTests {
  @Test("a renamed module is found by its leaves, both ways") func modules() {
    let leaves = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    let names = SimilarNames(
      missing: leaves.map { "encoder.lstm.\($0)" } + ["fc.weight", "fc.bias"],
      unused: leaves.map { "rnn.\($0)" } + ["head.weight", "head.bias", "step"])
    #expect(names.unused(for: "encoder.lstm.bias_hh_l0") == "rnn.bias_hh_l0")
    #expect(names.missing(for: "rnn.weight_ih_l0") == "encoder.lstm.weight_ih_l0")
    #expect(names.unused(for: "fc.bias") == "head.bias")
    #expect(names.missing(for: "step") == nil)
    #expect(names.prefixes.map(\.missing) == ["encoder.lstm", "fc"])
  }

  @Test("the nearest of several modules is taken, and none when two are as near") func nearest() {
    let near = SimilarNames(
      missing: ["lstm_1.weight"], unused: ["gru.weight", "lstm_2.weight", "dense.weight"])
    #expect(near.unused(for: "lstm_1.weight") == "lstm_2.weight")
    let equal = SimilarNames(missing: ["x.weight"], unused: ["aaaaaa.weight", "bbbbbb.weight"])
    #expect(equal.unused(for: "x.weight") == nil)
    #expect(equal.prefixes.isEmpty)
  }

  @Test("a slip in one name is found by edit distance, a name is given once") func slips() {
    let names = SimilarNames(
      missing: ["lstm.weight_ih_l0", "lstm.weight_hh_l0"], unused: ["lstm.weight_ih_10"])
    #expect(names.unused(for: "lstm.weight_ih_l0") == "lstm.weight_ih_10")
    #expect(names.unused(for: "lstm.weight_hh_l0") == nil)
    let none = SimilarNames(missing: ["lstm.weight"], unused: [])
    #expect(none.unused(for: "lstm.weight") == nil)
  }

  @Test("names without a prefix, and other separators") func shapes() {
    let bare = SimilarNames(missing: ["lstm.weight_ih_l0"], unused: ["weight_ih_l0"])
    #expect(bare.unused(for: "lstm.weight_ih_l0") == "weight_ih_l0")
    #expect(bare.prefixes[0].unused.isEmpty)
    let paths = SimilarNames(
      missing: ["layers/lstm"], unused: ["layers/lstm_1", "layers/dense"], separator: "/")
    #expect(paths.unused(for: "layers/lstm") == "layers/lstm_1")
  }
}
