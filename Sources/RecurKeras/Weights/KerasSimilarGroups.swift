import RecurFormats
import RecurTensors

/// Adds likely groups to errors about layers without variables, and likely layers to warnings about
/// unused groups.
struct KerasSimilarGroups {
  private let assignment: KerasNativeWeights.Assignment
  private let names: SimilarNames

  init(_ assignment: KerasNativeWeights.Assignment) {
    self.assignment = assignment
    names = SimilarNames(
      missing: assignment.missing.map(\.group), unused: assignment.unusedGroups, separator: "/")
  }

  /// The error with the likely group; unchanged if no group is similar.
  func completed(_ error: CheckpointError) -> CheckpointError {
    var error = error
    var isLacking = false
    for (group, layer) in assignment.missing {
      guard let other = names.unused(for: group) else { continue }
      func complete(_ finding: inout Diagnostic) {
        guard finding.code == .tensorMissing, finding.location.object == layer.object else {
          return
        }
        finding.notes.append(
          "there is nothing in '/\(group)'; the file has '/\(other)', which nothing uses")
        isLacking = true
      }
      complete(&error.diagnostic)
      for index in error.others.indices { complete(&error.others[index]) }
    }
    guard isLacking else { return error }
    for group in assignment.unusedGroups {
      guard let missing = names.missing(for: group) else { continue }
      error.others.append(
        Diagnostic(
          .tensorUnused, .warning, "no layer uses the variables in '/\(group)'",
          at: .init(object: "/" + group),
          hint: "there is nothing in '/\(missing)'; it may be meant by this one"))
    }
    return error
  }
}
