import Foundation
import Testing
import NeuralSyntax
import NeuralModel
@testable import NeuralCodegen

@Test func probeCode() throws {
  guard let path = ProcessInfo.processInfo.environment["PROBE"] else { return }
  for path in path.split(separator: ":") {
  let text = Array(try Data(contentsOf: URL(fileURLWithPath: String(path))))
  let document = Document(id: FileID(rawValue: 0), path: String(path), text: text)
  let analysis = Analysis(document)
  let result = Generator.generate(analysis.networks, definitions: analysis.definitions, target: .pytorch, source: String(path), documentation: document.source.documentation)
  switch result {
  case .code(let code):
    let name = String(path.split(separator: "/").last!.split(separator: ".")[0])
    try code.write(toFile: "/tmp/probe/\(name).py", atomically: true, encoding: .utf8)
  case .problems(let problems): print("\(path): \(problems.map(\.message))")
  }
  }
}
