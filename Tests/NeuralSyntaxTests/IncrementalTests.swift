import Foundation
import Support
import Testing

@testable import NeuralSyntax

/// Edits a tree; the result is that of a text read from its start, and so many chunks are new.
@discardableResult
private func check(
  _ tree: SyntaxTree, replacing range: Range<Int>, with text: String, newChunks: ClosedRange<Int>,
  at location: Testing.SourceLocation = #_sourceLocation
) -> SyntaxTree {
  var bytes = tree.text
  bytes.replaceSubrange(range, with: Array(text.utf8))
  let (edited, cost) = tree.replacingAndCounting(range, with: Array(text.utf8))
  check(edited, bytes, at: location)
  if let difference = TreeDifference.between(edited, bytes) {
    Issue.record("\(difference)", sourceLocation: location)
  }
  if !newChunks.contains(cost.newChunks)
    || cost.newChunks + cost.reusedChunks != edited.chunkLengths.count
  {
    Issue.record("\(cost) of \(edited.chunkLengths.count)", sourceLocation: location)
  }
  return edited
}

@Suite struct IncrementalTests {
  /// The place of a text in the tree's.
  private func find(_ text: String, in tree: SyntaxTree, _ occurrence: Int = 0) -> Range<Int> {
    let bytes = tree.text
    let wanted = Array(text.utf8)
    let starts = bytes.indices.filter { bytes[$0...].starts(with: wanted) }
    let start = starts.indices.contains(occurrence) ? starts[occurrence] : 0
    return start..<start + wanted.count
  }

  private let tree = SyntaxTree.parse(Array(TreeTests.long.utf8))

  @Test func aCharacterCostsItsChunk() {
    var tree = tree
    for number in stride(from: 3, to: 199, by: 7) {
      let place = find("Conv2D(\(number),", in: tree, 1)
      tree = check(
        tree, replacing: place.upperBound..<place.upperBound, with: " ", newChunks: 1...2)
    }
  }

  @Test func theFirstStatementOfABlockLeavesTheRestOfIt() {
    let place = find("Conv2D(0,", in: tree, 0)
    check(tree, replacing: place, with: "MaxPool(", newChunks: 1...2)
    let section = find("Conv2D(0,", in: tree, 1)
    check(tree, replacing: section, with: "MaxPool(10,", newChunks: 1...2)
  }

  @Test func renamingWhatIsOpenLeavesItsBlock() {
    check(tree, replacing: find("network B", in: tree), with: "network Bee", newChunks: 1...2)
    check(tree, replacing: find("Residual", in: tree), with: "Sequence", newChunks: 1...2)
  }

  @Test func anErrorStaysInItsChunk() {
    let place = find("Conv2D(90,", in: tree, 0)
    let broken = check(tree, replacing: place, with: "Conv2D((90,", newChunks: 1...2)
    #expect(!broken.errors.isEmpty)
    let mended = check(
      broken, replacing: place.lowerBound..<place.upperBound + 1, with: "Conv2D(90,",
      newChunks: 1...2)
    #expect(mended.errors.isEmpty)
  }

  @Test func aMissingBraceIsNamedAsItIsNow() {
    let brace = find("} -> y", in: tree)
    let open = tree.replacing(brace, with: Array("-> y".utf8))
    #expect(open.errors.map(\.message).contains { $0.contains("the block of Residual") })
    // Far from where the error is noted.
    let renamed = check(open, replacing: find("Residual", in: open), with: "Rest", newChunks: 1...2)
    #expect(renamed.errors.map(\.message).contains { $0.contains("the block of Rest") })
  }

  @Test func textCanBeTakenAwayAndPutBack() {
    let start = find("Conv2D(20,", in: tree).lowerBound
    let end = find("Conv2D(160,", in: tree).lowerBound
    let removed = String(decoding: tree.text(in: start..<end), as: UTF8.self)
    let short = check(tree, replacing: start..<end, with: "", newChunks: 1...2)
    check(short, replacing: start..<start, with: removed, newChunks: 4...8)
    check(tree, replacing: 0..<tree.byteCount, with: "", newChunks: 1...1)
    check(SyntaxTree.parse([]), replacing: 0..<0, with: TreeTests.long, newChunks: 9...20)
  }

  @Test func editsOutsideTheTextAreClamped() {
    #expect(tree.replacing(-5 ..< -1, with: [0x20]).text == [0x20] + tree.text)
    #expect(tree.replacing(1 << 40..<1 << 41, with: [0x20]).text == tree.text + [0x20])
  }

  @Test func rangesSurviveEditsElsewhere() {
    guard case .network(let network) = tree.sourceFile.declarations[1],
      case .statements(let body) = network.sections[1].value
    else {
      Issue.record("not as expected")
      return
    }
    let statement = body.statements[150]
    let text = tree.text(in: tree.range(of: statement.range))
    var edited = tree
    for number in 0..<500 {
      let place = find("Conv2D(\(number % 100),", in: edited).upperBound
      edited = edited.replacing(place..<place, with: [0x20])
    }
    #expect(
      edited.range(of: statement.range).lowerBound > tree.range(of: statement.range).lowerBound)
    #expect(edited.text(in: edited.range(of: statement.range)) == text)
    // What is replaced is gone, whatever stands there now.
    let gone = edited.replacing(edited.range(of: statement.range), with: Array("Dense(1)".utf8))
    #expect(gone.range(of: statement.range).isEmpty)
  }

  @Test func identitiesNeverRunOut() {
    var tree = SyntaxTree.parse([])
    // Always at one place, so that chunks are always made between the same two.
    let tail = "  Dense(9)\n}\n"
    tree = tree.replacing(0..<0, with: Array(("define A {\n" + tail).utf8))
    for number in 0..<3000 {
      let place = tree.byteCount - tail.utf8.count
      tree = tree.replacing(place..<place, with: Array("  Conv2D(\(number), 3) -> x\n".utf8))
    }
    check(tree, tree.text)
    for number in 0..<3000 {
      tree = tree.replacing(11..<11, with: Array("  Conv2D(\(number), 3) -> x\n".utf8))
    }
    check(tree, tree.text)
    #expect(TreeDifference.between(tree, tree.text) == nil)
  }

  @Test func chunksStayOfASize() {
    var tree = tree
    var random = SplitMix64(seed: 3)
    let line = Array("    Dense(1) -> x\n".utf8)
    for _ in 0..<2000 {
      let length = tree.byteCount
      let place = random.below(length)
      if length > 40_000 || length > 10_000 && random.below(2) == 0 {
        tree = tree.replacing(place..<min(place + random.below(40), length), with: [])
      } else {
        tree = tree.replacing(place..<place, with: line)
      }
    }
    let lengths = tree.chunkLengths
    #expect(lengths.dropLast().allSatisfy { $0 >= 512 })
    #expect(lengths.allSatisfy { $0 <= 3 * 1024 })
    #expect(TreeDifference.between(tree, tree.text) == nil)
  }

  @Test func aLargeFileReusesNearlyAll() {
    let text = Array(String(repeating: TreeTests.long, count: 100).utf8)
    let tree = SyntaxTree.parse(text)
    let count = tree.chunkLengths.count
    for place in stride(from: 50, to: text.count, by: text.count / 50) {
      let cost = tree.replacingAndCounting(place..<place, with: [0x78]).cost
      #expect(cost.reusedChunks * 100 >= count * 95, "at \(place): \(cost) of \(count)")
      #expect(cost.lexedBytes <= 8192, "at \(place): \(cost)")
    }
  }

  /// Looking ahead at each line of a list would take time that grows with the square of its lines.
  @Test(arguments: ["(3, 16, true)", "16", "a(3)", "a", "[3, b]"])
  func theLinesOfAListAreReadFewTimes(_ value: String) {
    let rows = String(repeating: "  \(value),\n", count: 200)
    let text = Array("define A {\n  let rows = [\n\(rows)]\n}\n".utf8)
    let (tree, cost) = SyntaxTree.parse([]).replacingAndCounting(0..<0, with: text)
    #expect(tree.errors.isEmpty)
    #expect(cost.lexedBytes <= 4 * text.count, "\(cost) for \(text.count) bytes")
  }

  /// What cannot be read is read again from near the edit too, on lines or on one.
  @Test(arguments: [
    ("", "x ", 16_384), ("", "a b\n", 4096), ("", "->", 16_384), ("", "{ # c\n", 4096),
    ("", "# c\nx", 4096), ("define A { ", "a, ", 131_072), ("define A { ", "x = x ", 131_072),
    ("define A { ", "a b ", 16_384), ("define A { ", "for x; ", 16_384),
    ("network A { train { ", "a ", 16_384),
  ])
  func anEditOfNonsenseCostsLittle(_ opener: String, _ unit: String, _ limit: Int) {
    let text = Array((opener + String(repeating: unit, count: 300_000 / unit.utf8.count)).utf8)
    let tree = SyntaxTree.parse(text)
    #expect(tree.chunkLengths.count > 60)
    for place in [100_000, 100_001, 200_000, 299_000] {
      let (edited, cost) = tree.replacingAndCounting(place..<place, with: [0x78])
      #expect(cost.lexedBytes <= limit, "at \(place): \(cost)")
      #expect(TreeDifference.between(edited, edited.text) == nil)
    }
  }

  /// How a text is cut changes nothing but what edits cost.
  @Test(arguments: [1, 16, 100, 1000]) func chunksAreInvisible(_ size: Int) {
    var texts = [sample, TypingTests.file, TreeTests.long]
    for base in [sample, TypingTests.file] {
      let bytes = Array(base.utf8)
      for token in SyntaxTree.parse(bytes).tokens(in: 0..<bytes.count) {
        texts.append(
          String(decoding: bytes[..<token.range.lowerBound], as: UTF8.self)
            + String(decoding: bytes[token.range.upperBound...], as: UTF8.self))
      }
    }
    for text in texts {
      let bytes = Array(text.utf8)
      let tree = SyntaxTree.parse(bytes, chunkSize: size)
      if let difference = TreeDifference.between(tree, bytes) {
        Issue.record("\(difference) in \(text)")
      }
      let whole = SyntaxTree.parse(bytes, chunkSize: 1 << 30)
      #expect(Dump.file(tree.sourceFile) == Dump.file(whole.sourceFile))
    }
  }

  /// A chunk that nothing ends is cut where places in it grow large: not within a line, either.
  @Test func largeChunksEndWithLines() {
    let line = "layer LeakyReLU(negative_slope | iple of {groups}int,\n      )\n  }\n}\n"
    for blanks in (65_536 - line.utf8.count)...65_536 {
      let bytes = Array("let x = 1\n#\(String(repeating: "-", count: blanks - 12))\n\(line)".utf8)
      let difference = TreeDifference.between(SyntaxTree.parse(bytes), bytes)
      #expect(difference == nil, "behind \(blanks) bytes")
    }
  }

  @Test func randomEdits() {
    let bases = [sample, TypingTests.file].map { Array($0.utf8) }
    for seed in 0..<UInt64(30) {
      var generator = EditGenerator(seed: seed, bases: bases)
      var count = 0
      if let (failure, difference) = generator.run(edits: &count) {
        Issue.record("seed \(seed): \(difference)\n\(failure.minimized())")
      }
    }
  }

  /// Whatever the fuzzer once found, made small.
  @Test func pastFailures() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fuzz/corpus")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(!files.isEmpty)
    for name in files.sorted() where !name.hasPrefix(".") {
      let file = folder.appendingPathComponent(name)
      let sequence = try #require(EditSequence(String(contentsOf: file, encoding: .utf8)))
      #expect(EditSequence("\(sequence)") == sequence)
      if let difference = sequence.difference() { Issue.record("\(name): \(difference)") }
    }
  }
}
