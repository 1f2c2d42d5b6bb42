struct Explanation: Sendable {
  let code: String
  let meaning: String
  let cause: String
  let fix: String
  static let all: [Explanation] = []
}
