import Foundation
import NeuralSyntax
import Support

/// Long texts that repeat a few pieces, which the language has no use for: how often the parser reads
/// their bytes.
struct LongLine {
  var opener: String
  var unit: String

  private static let openers = [
    "", "(", "define A { ", "define A { Dense(", "define A { (", "define A { let x = ",
    "define A { let x = [", "network A { ", "network A { input: ", "network A { input: { ",
    "network A { layers: ", "network A { train { ", "network A { loss: ", "layer A(",
    "layer A { ", "layer A { weights { ", "layer A { input: ", "import ", "research A { ",
  ]

  private static let pieces = [
    "(", ")", "[", "]", "{", "}", "->", "x", "Dense", "64", ",", "let", "=", "if", "else", "for",
    "in", "*", "@", "\"s\"", "\u{201E}", "\u{201C}", "\u{AB}", "\u{2192}", "require", "weights",
    "input", "layers", "int", ">=", "|", "...", ":", ";", "not", "as", "when", "train", "define",
    "network", "layer", "import", "from", "-", "**", "1e", ".", "\u{E9}", "\u{0}", "//", "/*",
    "body", "research", "where", "+", "/", "\\", "<", ">", "\n", "  ", "#c\n", "A(", "a)", "x,",
    "x=", "if x", "A: b", "<<<<<<<\n", "'", "\"",
  ]

  static func random(_ random: inout SplitMix64) -> LongLine {
    let separator = random.pick(["", " ", " ", "\n"])
    var unit = ""
    for _ in 0...random.below(4) { unit += random.pick(pieces) + separator }
    return LongLine(opener: random.pick(openers), unit: unit)
  }

  /// `count` bytes, or a few more.
  func text(_ count: Int) -> [UInt8] {
    var text = Array(opener.utf8)
    text.reserveCapacity(count + unit.utf8.count)
    while text.count < count { text += unit.utf8 }
    return text
  }

  /// How many bytes are lexed to read a text from its start, each as often as it is.
  static func lexedBytes(_ text: [UInt8]) -> Int {
    SyntaxTree.parse([]).replacingAndCounting(0..<0, with: text).cost.lexedBytes
  }
}

extension Fuzz {
  /// Twice as much nonsense takes at most about twice as long to read, and an edit of it gives the
  /// tree that it should.
  static func long(_ seed: UInt64, _ bases: [[UInt8]]) -> (checks: Int, failure: Failure?) {
    var random = SplitMix64(seed: seed)
    let line = LongLine.random(&random)
    let count = 1 << (12 + random.below(4))
    let (half, whole) = (line.text(count), line.text(2 * count))
    let lexed = (LongLine.lexedBytes(half), LongLine.lexedBytes(whole))
    // What is read before the parser stops to look for what was meant is the same in both.
    guard lexed.1 <= 22 * lexed.0 / 10 + 0x10_0000 else {
      return (
        1, Failure(message: "\(lexed.0) bytes are lexed of \(count), \(lexed.1) of twice: \(line)")
      )
    }
    var time = (seconds(half), seconds(whole))
    for _ in 0..<3 where time.1 > 0.05 && time.1 > 3 * time.0 {
      time = (min(time.0, seconds(half)), min(time.1, seconds(whole)))
    }
    guard time.1 <= 0.05 || time.1 <= 3 * time.0 else {
      return (
        2, Failure(message: "\(count) bytes take \(time.0) s, twice as many \(time.1) s: \(line)")
      )
    }
    let place = random.below(half.count)
    let edit = Edit(place..<place + random.below(2), random.below(2) == 0 ? [] : [0x78])
    let sequence = EditSequence(half, [edit], chunkSize: SyntaxTree.usualChunkSize)
    let difference = sequence.difference()
    return (3, difference.map { Failure(message: "\($0) in \(line)", sequence: sequence) })
  }

  private static func seconds(_ text: [UInt8]) -> Double {
    let start = clock()
    _ = SyntaxTree.parse(text)
    return Double(clock() - start) / Double(CLOCKS_PER_SEC)
  }
}
