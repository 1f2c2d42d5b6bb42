import RecurTesting
import Testing

@Test func lstm() { expectCheckpoint("Fixtures/lstm.h5", golden: "Fixtures/lstm.golden.npz") }
