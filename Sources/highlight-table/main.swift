// highlight-table QUERY KINDS CAPTURES OUTPUT: compiles the patterns of highlights.scm into the Swift
// source of the table from which NeuralIDE makes semantic tokens. The package's plugin runs it.
import Foundation

func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data((message + "\n").utf8))
  exit(1)
}

/// Reads a file and makes something of it, or ends with what is wrong there.
func load<Value>(_ path: String, _ make: (String) throws(CompileError) -> Value) -> Value {
  do {
    return try make(String(contentsOfFile: path, encoding: .utf8))
  } catch let error as CompileError {
    fail("\(path)\(error.line.map { ":\($0)" } ?? ""): error: \(error.message)")
  } catch {
    fail("\(path): error: \(error.localizedDescription)")
  }
}

let paths = CommandLine.arguments.dropFirst()
guard paths.count == 4 else { fail("usage: highlight-table QUERY KINDS CAPTURES OUTPUT") }
let nodes = load(paths[2]) { (text) throws(CompileError) in try NodeKinds(text) }
let types = load(paths[3]) { (text) throws(CompileError) in try TokenTypes(text) }
let table = load(paths[1]) { (text) throws(CompileError) in
  try HighlightTable(try HighlightQuery(text), nodes, types)
}
do {
  try table.source.write(toFile: paths[4], atomically: true, encoding: .utf8)
} catch {
  fail("\(paths[4]): error: \(error.localizedDescription)")
}
