import RecurModel
import RecurSource
import RecurTensors

// What a source demands of its arguments and never computes with.
extension SourceInterpreter {
  /// The condition of a branch; nil for one that raises an error where it can't be computed.
  mutating func condition(
    of branch: Statement.Branch, _ scope: SourceScope
  ) throws(SourceStop) -> SourceValue? {
    do throws(SourceStop) {
      return try evaluate(branch.test, scope)
    } catch {
      guard phase != .file, case .problem(let problem) = error,
        problem.diagnostic.code != .limitExceeded, case .raise? = branch.body.last?.kind
      else { throw error }
      return nil
    }
  }

  /// Whether a branch is taken; one that raises an error is not, where that can't be told.
  func isTaken(
    _ test: SourceValue, _ branch: Statement.Branch
  ) throws(SourceStop) -> Bool {
    do throws(SourceStop) {
      return try truth(test, of: branch.test)
    } catch {
      guard case .problem = error, case .raise? = branch.body.last?.kind else { throw error }
      return false
    }
  }

  /// `assert h == 1`: what an extent that the source leaves open is.
  mutating func learn(_ test: Expression, _ scope: SourceScope) throws(SourceStop) {
    guard phase == .forward, case .comparison(let first, let rest) = test.kind, rest.count == 1,
      rest[0].operation == .equal, [first, rest[0].operand].allSatisfy(\.isPlain)
    else { return }
    let sides = [try? evaluate(first, scope), try? evaluate(rest[0].operand, scope)]
    guard let one = sides[0]?.dimension, let other = sides[1]?.dimension else { return }
    for (open, known) in [(one, other), (other, one)] {
      guard let value = known.value, value > 0, open.value == nil, open.openName == nil,
        let solution = open.solved(for: value), solution.value > 0,
        ["features", "axis"].contains(where: solution.name.hasPrefix)
      else { continue }
      throw .learned(.extent(solution.name, solution.value))
    }
  }
}

extension Expression {
  /// Whether the expression is a name or a whole number, which reads nothing else.
  fileprivate var isPlain: Bool {
    switch kind {
    case .name, .integer: true
    default: false
    }
  }
}
