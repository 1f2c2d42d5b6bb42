package import RecurModel
package import RecurTensors

/// The convention of files that have an order of gates and names for them, and no program of their own: no
/// constructor to change and no code for remedies.
package protocol LayoutConvention: Convention {}

extension LayoutConvention {
  package func returningSequences(_ layer: Layer) -> String? { nil }
  package func code(for remedy: Diagnostic.Remedy) -> [String] { [] }

  package func explain(_ fact: Diagnostic.Fact, in finding: inout Diagnostic) {
    if case .difference(let difference) = fact { difference.explain(in: &finding) }
  }
}
