import Foundation
import PackagePlugin

/// Compiles Syntax/queries/highlights.scm into the table from which semantic tokens are made.
@main struct HighlightTablePlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let folder = context.package.directoryURL.appending(path: "Syntax")
    let inputs = ["queries/highlights.scm", "kinds.json", "captures.json"].map {
      folder.appending(path: $0)
    }
    let output = context.pluginWorkDirectoryURL.appending(path: "HighlightTable.swift")
    return [
      .buildCommand(
        displayName: "Compiling Syntax/queries/highlights.scm",
        executable: try context.tool(named: "highlight-table").url,
        arguments: (inputs + [output]).map { $0.path() },
        inputFiles: inputs, outputFiles: [output])
    ]
  }
}
