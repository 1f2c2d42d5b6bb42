import Recur
import RecurTestSupport
import RecurTesting
import Testing

@Suite("A unit test with a golden")
struct ExpectCheckpointTests {
  private let model = TestData.path("keras3/lstm_last.h5")

  @Test("passes where the command passes") func passes() {
    let golden = TestData.path("keras3/lstm_last.golden.npz")
    #expect(expectCheckpoint(model, golden: golden) != nil)
  }

  @Test("fails with the command's text") func fails() {
    let other = TestData.path("keras3/lstm_seq_state.golden.npz")
    for (path, golden, wanted) in [
      (model, other, "error[golden.incomplete]"),
      (
        TestData.path("mistakes/gru_order_hzr.h5"), TestData.path("mistakes/gru.golden.npz"),
        "error[verify.mismatch]"
      ),
      (TestData.path("nothing.h5"), nil, "error[file.unreadable]"),
    ] as [(String, String?, String)] {
      withKnownIssue {
        expectCheckpoint(path, golden: golden)
      } matching: { issue in
        issue.comments.contains {
          $0.rawValue.hasPrefix(wanted) && $0.rawValue.contains("\n  --> ")
        }
      }
    }
  }
}
