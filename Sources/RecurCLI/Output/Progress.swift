import RecurTensors

/// How many files are judged, and how long the others may take, on the last line of a terminal.
struct Progress {
  private let total: Int?
  private let isShown: Bool
  private var done = 0
  private let start = ContinuousClock().now

  /// - Parameters:
  ///   - total: the number of files; nil while nobody knows it.
  ///   - isShown: whether it is wanted; only a terminal shows it.
  init(total: Int?, isShown: Bool) {
    self.total = total
    self.isShown = isShown && total != 1 && StandardOutput.isTerminal(2)
    show("")
  }

  /// Shows that a file is done.
  mutating func advance(_ path: String) {
    done += 1
    show(path)
  }

  private func show(_ path: String) {
    guard isShown else { return }
    // A longer line would wrap and could not be cleared.
    let name = escaped(path).suffix(50)
    StandardOutput.writeStatus("\r\u{1B}[K[\(done)\(total.map { "/\($0)" } ?? "")]\(left) \(name)")
  }

  /// ` 2:05 left`; empty in the first seconds, and while nobody knows how many files there are.
  private var left: String {
    guard let total, done > 0, done < total else { return "" }
    let elapsed = (ContinuousClock().now - start).components
    guard elapsed.seconds >= 2 else { return "" }
    let seconds = Int(Double(elapsed.seconds) / Double(done) * Double(total - done)) + 1
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    return hours > 0
      ? " \(hours):\(two(minutes)):\(two(seconds % 60)) left"
      : " \(minutes):\(two(seconds % 60)) left"
  }

  /// Clears the line, so that something else can be printed.
  func clear() {
    if isShown { StandardOutput.writeStatus("\r\u{1B}[K") }
  }
}
