import Foundation
import PackagePlugin

/// `swift package recur validate model.h5`: the command, in the folder of the package.
@main
struct RecurCommand: CommandPlugin {
  func performCommand(context: PluginContext, arguments: [String]) throws {
    let process = Process()
    process.executableURL = try context.tool(named: "RecurCLI").url
    process.arguments = arguments
    process.currentDirectoryURL = context.package.directoryURL
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      Diagnostics.error("recur ended with status \(process.terminationStatus)")
      return
    }
  }
}
