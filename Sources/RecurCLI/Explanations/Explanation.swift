/// The text of `recur explain` for one diagnostic code.
struct Explanation: Sendable {
  let code: String
  let meaning: String
  let cause: String
  let fix: String
  /// Commands, each after `$ `, and the diagnostic as the last of them prints it.
  ///
  /// A test runs the commands in a folder that holds the folders of `testdata/`, and compares every
  /// line. The example is empty for the few codes that no command can provoke; the test lists these
  /// codes.
  let example: String

  init(_ code: String, meaning: String, cause: String, fix: String, example: String) {
    self.code = code
    self.meaning = meaning
    self.cause = cause
    self.fix = fix
    self.example = example
  }

  /// The part of the code before the first dot: `hdf5`.
  var area: Substring { code.prefix { $0 != "." } }
}

extension Explanation {
  /// Every code, sorted.
  ///
  /// `docs/diagnostics.md` is made from this table; a test compares the table and the page with the
  /// codes that the sources declare.
  static let all: [Explanation] =
    (aboutFiles + aboutHDF5 + aboutHDF5Refusals + aboutArchives + aboutTensorFiles + aboutKeras
    + aboutKerasNotes + aboutKerasFiles + aboutCheckpoints + aboutDeclarations + aboutModels
    + aboutTensors
    + aboutInputs + aboutEngine + aboutSequences + aboutNumbers + aboutReports
    + aboutNumericFindings + aboutContents + aboutONNX + aboutCoreML + aboutTensorFlow
    + aboutTensorFlowGraphs + aboutSources
    + aboutDiagnosis + aboutGoldens + aboutPrograms + aboutNeighbours)
    .sorted { $0.code < $1.code }

  /// The areas of the codes, sorted: `bytes`, `convert`, `file`.
  static let areas: [String] = Set(all.map { String($0.area) }).sorted()
}
