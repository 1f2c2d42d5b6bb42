public import RecurInference
import RecurModel
public import RecurTensors
package import RecurVerification

extension Checkpoint {
  /// The report on this model as one HTML page, with the comparison with a recording if one is given,
  /// the mistake that explains a difference, and what the recording shows.
  ///
  ///     let page = try checkpoint.report(golden: "golden.npz")
  ///     print(page.html)
  ///
  /// - Parameters:
  ///   - path: an `.npz` with `in_0, …` and `out_0, …`; nil for a report on the file alone.
  ///   - engine: finds readings and makes mistakes; the reference judges.
  /// - Returns: the page.
  /// - Throws: `golden.incomplete`, `verify.shape` and what reading the files and running the model
  ///   throws.
  public func report(
    golden path: String? = nil, engine: Engine = .reference
  ) throws(CheckpointError) -> HTMLReport {
    guard let path else {
      return page(findings: diagnostics + numericFindings(), verdict: "READ", isGood: true)
    }
    let golden = try GoldenSource.given(path).read(for: model)
    let diagnosis = try diagnose(golden, at: path, engine: engine)
    let verification = try? verify(golden, at: path)
    let isGood = verification?.matches ?? false
    let found = isGood ? explained(verification?.findings ?? []) : diagnosis.findings
    var page = page(
      findings: diagnostics + found, verdict: isGood ? "PASS" : "FAIL", isGood: isGood)
    try add(golden, at: path, verification, isGood ? nil : diagnosis, engine, to: &page)
    return page
  }

  /// A page about the file alone: its layers, its weights and where it is from.
  package func page(
    findings: [Diagnostic], verdict: String, isGood: Bool, lines: [String] = []
  ) -> HTMLReport {
    var page = HTMLReport(
      title: path, verdict: verdict, isGood: isGood, findings: findings, lines: lines)
    page.sections = [.architecture(model, inputs: nil)]
    if let weights = HTMLReport.Section.weights(model) { page.sections.append(weights) }
    page.sections.append(.provenance(provenance(golden: nil)))
    return page
  }

  /// Adds a recording to a page about the file.
  ///
  /// - Parameters:
  ///   - golden: the recording.
  ///   - path: the file of the recording.
  ///   - verification: the comparison, if shapes allowed one.
  ///   - diagnosis: what was tried to explain a difference.
  ///   - engine: makes the mistakes of the audit.
  ///   - page: the page of ``page(findings:verdict:isGood:lines:)``.
  /// - Throws: what running the model throws.
  package func add(
    _ golden: GoldenFile, at path: String, _ verification: Verification?, _ diagnosis: Diagnosis?,
    _ engine: Engine, to page: inout HTMLReport
  ) throws(CheckpointError) {
    var first: [HTMLReport.Section] = []
    if let diagnosis { first.append(.diagnosis(diagnosis)) }
    var inputs: [Tensor]?
    if let calls = try? ComparedCalls(model, golden, verification) {
      inputs = calls.inputs
      if let verification { first.append(.comparison(verification)) }
      first.append(.outputs(calls))
      if let gates = HTMLReport.Section.gates(calls, of: model) { first.append(gates) }
    }
    if let audit = try? audit(golden, at: path, engine: engine, budget: 2e9) {
      first.append(.audit(audit))
    }
    page.sections = first + [.architecture(model, inputs: inputs)]
    if let weights = HTMLReport.Section.weights(model) { page.sections.append(weights) }
    page.sections.append(.provenance(provenance(golden: path)))
  }

  private func provenance(golden: String?) -> [(name: String, value: String)] {
    let files =
      [("model", path)] + (architecturePath.map { [("architecture", $0)] } ?? [])
      + (golden.map { [("recording", $0)] } ?? [])
    var rows: [(name: String, value: String)] = []
    for (name, path) in files {
      rows.append((name, path))
      if let digest = SHA256.digest(ofFile: path) { rows.append(("\(name), SHA-256", digest)) }
    }
    return rows + [("format", format), ("written by", model.producer)]
  }
}
