#if CommandLine
  /// A line on standard error that counts the readings of a file while they are tried; only where a
  /// person sees it.
  struct TriedReadings {
    private let isShown = StandardOutput.isTerminal(2)
    /// A reading takes some milliseconds.
    private static let step = 50

    /// Shows how many readings were tried.
    func show(_ count: Int) {
      guard isShown, count % Self.step == 0 else { return }
      StandardOutput.writeStatus("\r\(count) readings tried")
    }

    /// Takes the line away.
    func clear() {
      guard isShown else { return }
      StandardOutput.writeStatus("\r\u{1B}[K")
    }
  }
#endif
