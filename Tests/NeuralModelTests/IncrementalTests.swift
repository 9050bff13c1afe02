import ModelSupport
import NeuralSyntax
import Testing

@testable import NeuralModel

@Suite struct IncrementalTests {
  /// A network of 10,000 layers, of which every tenth has a name.
  private static let layers = (0..<10_000).map { layer in
    "    Dense(\(16 + layer % 7))" + (layer % 10 == 0 ? " -> _v\(layer)" : "")
  }

  private static let text = Array(
    """
    network Deep {
      input: (16)
      layers:
    \(layers.joined(separator: "\n"))
        Dense(1)
      loss: "mean_squared_error"
      optimizer: Adam()
    }
    """.utf8)

  private func edited(
    _ old: String, to new: String, behind line: Int
  ) throws -> (analysis: Analysis, fresh: Analysis) {
    let text = IncrementalTests.text
    let first = Analysis(Document(id: FileID(rawValue: 0), path: "deep.neural", text: text))
    let tree = first.document.tree
    let start = tree.offset(of: TextPosition(line: line, column: 0), in: .utf8)
    let place = try #require(
      text[start...].indices.first { text[$0...].starts(with: Array(old.utf8)) })
    let document = Document(
      first.document, tree: tree.replacing(place..<place + old.utf8.count, with: Array(new.utf8)))
    // First, for what it infers is remembered.
    let analysis = Analysis(document, after: first)
    let fresh = Analysis(
      Document(id: document.id, path: document.path, text: document.tree.text))
    return (analysis, fresh)
  }

  /// Sizes that no other test asks for, so that nothing remembers them.
  @Test func oneLayerIsInferredAgainWhereItsShapeStays() throws {
    let (analysis, fresh) = try edited(
      "Dense(17)", to: "Dense(17, use_bias=false, trainable=false)", behind: 5_000)
    #expect(analysis.check.inferred == 1)
    // Those in the chunks that were read again.
    #expect(analysis.check.expandedStatements < 150)
    #expect(AnalysisText(analysis).lines == AnalysisText(fresh).lines)
  }

  @Test func theLayerBehindIsInferredWhereItsShapeChanges() throws {
    let (analysis, fresh) = try edited("Dense(17)", to: "Dense(1777)", behind: 5_000)
    #expect(analysis.check.inferred == 2)
    #expect(analysis.check.expandedStatements < 150)
    #expect(AnalysisText(analysis).lines == AnalysisText(fresh).lines)
  }

  @Test(arguments: 1...40) func editsLeaveWhatTheTextSays(seed: Int) {
    var edits = AnalysisEdits(seed: UInt64(seed), bases: [])
    let difference = edits.run(edits: 25)
    #expect(difference == nil, "\(difference ?? "")")
  }
}
