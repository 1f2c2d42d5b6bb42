#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurFormats
  import RecurTensors

  struct FormatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "formats", abstract: "Lists the formats, and what can be done with each.")

    @OptionGroup var output: PrintingOptions

    func run() throws {
      try Report.run("formats", output.alone()) { report throws(CheckpointError) in
        var table = Table()
        table.add("format", "endings", "inspect", "read", "write", "")
        var rows: [JSONValue] = []
        for format in FormatRegistry.all.formats {
          let canInspect = format is any ModelInspecting
          let canRead = format is any ModelDecoding
          let canWrite = format is any ModelEncoding
          func mark(_ can: Bool) -> String { can ? "yes" : "-" }
          table.add(
            format.id, format.extensions.joined(separator: " "), mark(canInspect), mark(canRead),
            mark(canWrite), format.title)
          rows.append([
            "id": .string(format.id), "title": .string(format.title),
            "extensions": .array(format.extensions.map { .string($0) }),
            "inspect": .bool(canInspect), "read": .bool(canRead), "write": .bool(canWrite),
          ])
        }
        table.lines.forEach { report.line($0) }
        report.member("formats", .array(rows))
        try report.print()
      }
    }
  }
#endif
