import Foundation
import Testing

@testable import NeuralSyntax

/// Good files with one token missing, written twice, or cut off behind it.
///
/// A token in so many is tried; `NEURAL_EVERY_TOKEN=1` tries all of them.
@Suite struct EveryTokenTests {
  private enum Damage { case missing, doubled, cut }

  private static let stride =
    ProcessInfo.processInfo.environment["NEURAL_EVERY_TOKEN"] == nil ? 9 : 1

  private static let files: [(name: String, text: [UInt8])] = {
    let root = BrokenFile.folder.deletingLastPathComponent().deletingLastPathComponent()
    let folder = root.appending(path: "Docs/examples")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let examples = names.filter { $0.hasSuffix(".neural") }.sorted().compactMap { name in
      FileManager.default.contents(atPath: folder.appending(path: name).path).map {
        (name, Array($0))
      }
    }
    return examples + [("sample", Array(sample.utf8))]
  }()

  /// How many errors there were how often; files without any are not counted.
  private typealias Distribution = [Int: Int]

  /// Damages tokens one by one, and checks that what stands on other lines (before the damage, if it
  /// is a cut) is read as in the whole file.
  private func damage(_ damage: Damage, keepsLines: Bool = true) -> Distribution {
    var distribution: Distribution = [:]
    for (name, text) in Self.files {
      let whole = SyntaxTree.parse(text)
      #expect(whole.errors.isEmpty, "\(name)")
      let pieces = Pieces(whole).all
      let tokens = whole.tokens(in: 0..<text.count).filter { !$0.kind.isComment }
      for index in Swift.stride(
        from: name.utf8.count % Self.stride, to: tokens.count, by: Self.stride)
      {
        let range = tokens[index].range
        let broken: [UInt8]
        switch damage {
        case .missing: broken = Array(text[..<range.lowerBound] + text[range.upperBound...])
        case .doubled:
          broken = Array(text[..<range.upperBound]) + [0x20] + Array(text[range.lowerBound...])
        case .cut: broken = Array(text[..<range.upperBound])
        }
        let tree = SyntaxTree.parse(broken)
        if !tree.errors.isEmpty { distribution[tree.errors.count, default: 0] += 1 }
        let line = whole.position(at: range.lowerBound, in: .utf8).line
        var found: [Pieces.Piece: Int] = [:]
        for (piece, _) in Pieces(tree).all { found[piece, default: 0] += 1 }
        for (piece, lines) in pieces where keepsLines {
          if damage == .cut ? lines.upperBound >= line : lines.contains(line) { continue }
          if found[piece] == nil {
            Issue.record(
              "\(damage) `\(tokens[index].text)` on line \(line + 1) of \(name) loses \(piece)")
          }
        }
      }
    }
    return distribution
  }

  private func share(_ distribution: Distribution) -> Double {
    Double(distribution[1] ?? 0) / Double(max(distribution.values.reduce(0, +), 1))
  }

  @Test func aMissingTokenIsOneError() {
    let distribution = damage(.missing)
    #expect(share(distribution) >= 0.97, "\(distribution)")
    #expect((distribution.keys.max() ?? 0) <= 5, "\(distribution)")
  }

  @Test func aDoubledTokenIsOneError() {
    // What a token too many opens may hold what follows it.
    let distribution = damage(.doubled, keepsLines: false)
    #expect(share(distribution) >= 0.97, "\(distribution)")
    #expect((distribution.keys.max() ?? 0) <= 7, "\(distribution)")
  }

  @Test func aCutFileKeepsWhatIsBeforeTheCut() {
    let distribution = damage(.cut)
    #expect(share(distribution) >= 0.97, "\(distribution)")
    #expect((distribution.keys.max() ?? 0) <= 2, "\(distribution)")
  }
}
