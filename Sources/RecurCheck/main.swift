import Recur

#if canImport(Glibc)
  import Glibc
#elseif canImport(Android)
  import Android
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

// What the build-tool plugin runs: `RecurCheck MODEL STAMP [GOLDEN]`. Findings have the form that Xcode
// shows beside a file; the stamp is written for a model without errors.
let arguments = CommandLine.arguments
guard arguments.count == 3 || arguments.count == 4 else {
  print("usage: RecurCheck MODEL STAMP [GOLDEN]")
  exit(64)
}

/// Prints findings, and returns whether one is an error.
func report(_ diagnostics: [Diagnostic]) -> Bool {
  for diagnostic in diagnostics {
    let lines = DiagnosticRenderer().text(diagnostic).split(separator: "\n")
    // The first line begins with the severity, which Xcode's form has in front of its colon.
    let code = "[\(diagnostic.code)] "
    print("\(arguments[1]):1: \(diagnostic.severity.rawValue): \(code)\(diagnostic.message)")
    for line in lines.dropFirst() { print(line) }
  }
  return diagnostics.contains { $0.severity == .error }
}

var hasErrors = false
do throws(CheckpointError) {
  let checkpoint = try Checkpoint(opening: arguments[1])
  hasErrors = report(checkpoint.diagnostics)
  if arguments.count == 4 {
    hasErrors = report(try checkpoint.verify(golden: arguments[3]).findings) || hasErrors
  }
} catch {
  hasErrors = report(error.diagnostics)
}
if hasErrors { exit(1) }
guard let stamp = unsafe fopen(arguments[2], "w") else {
  print("\(arguments[2]): error: can't be written")
  exit(1)
}
_ = unsafe fclose(stamp)
