import Foundation
import Support
import Testing

@testable import NeuralSyntax

/// Formats a text and checks what holds for every one: nothing but the layout changes, formatting
/// again changes nothing, and the changes are in order.
@discardableResult
private func format(_ text: [UInt8], at location: Testing.SourceLocation = #_sourceLocation)
  -> [UInt8]
{
  let tree = SyntaxTree.parse(text)
  let edits = tree.formattingEdits()
  let result = FormattingEdit.apply(edits, to: text)
  let after = SyntaxTree.parse(result)
  if let difference = tree.layoutDifference(from: after) {
    Issue.record(
      "\(difference) in:\n\(String(decoding: text, as: UTF8.self))", sourceLocation: location)
  }
  // Where nothing is wrong, no layout is given up because it would have changed something.
  if tree.errors.isEmpty {
    let reader = FormatReader(
      FlatSyntax(tree), frozen: FormatErrors.frozen(FlatSyntax(tree), [], wholeDeclarations: false))
    #expect(
      FormatWriter(reader, FormatPrinter(reader)).edits == edits, sourceLocation: location)
  }
  for (edit, next) in zip(edits, edits.dropFirst())
  where edit.range.upperBound > next.range.lowerBound {
    Issue.record("\(edit) and \(next) overlap", sourceLocation: location)
  }
  for edit in edits where edit.text.elementsEqual(text[edit.range]) {
    Issue.record("\(edit) changes nothing", sourceLocation: location)
  }
  if !after.formattingEdits().isEmpty {
    Issue.record(
      """
      Formatting again changes:
      \(String(decoding: result, as: UTF8.self))
      to:
      \(String(decoding: SyntaxTree.formatted(result), as: UTF8.self))
      """, sourceLocation: location)
  }
  return result
}

private func format(_ text: String) -> String {
  String(decoding: format(Array(text.utf8)), as: UTF8.self)
}

private let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .appendingPathComponent("../..").standardizedFileURL

private func files(_ folder: String, _ fileExtension: String) -> [(name: String, text: String)] {
  let url = repository.appendingPathComponent(folder)
  let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
  return names.filter { $0.hasSuffix(fileExtension) }.sorted().compactMap { name in
    (try? String(contentsOf: url.appendingPathComponent(name), encoding: .utf8)).map { (name, $0) }
  }
}

@Suite struct FormatterTests {
  // MARK: Layouts

  /// The pairs of Tests/Formatting.
  @Test func layouts() {
    var count = 0
    for (name, text) in files("Tests/Formatting", ".txt") {
      let parts = text.components(separatedBy: "====\n")
      for index in stride(from: 1, to: parts.count - 1, by: 2) {
        let texts = parts[index + 1].components(separatedBy: "----\n")
        check(texts[0], texts[texts.count - 1], "\(name): \(parts[index])")
        count += 1
      }
    }
    #expect(count > 30)
  }

  private func check(_ before: String, _ expected: String, _ title: String) {
    let actual = format(before)
    if actual != expected {
      Issue.record("\(title)expected:\n\(expected)got:\n\(actual)")
    }
    // Lines may end in any of three ways.
    for lineBreak in ["\r\n", "\r"] {
      let other = format(before.replacingOccurrences(of: "\n", with: lineBreak))
      if other != expected.replacingOccurrences(of: "\n", with: lineBreak) {
        Issue.record("\(title)differs with \(lineBreak.debugDescription):\n\(other)")
      }
    }
  }

  @Test(arguments: [
    ("", ""), ("\n\n  \n", ""), ("# a", "# a\n"), ("\n\n# a  \n\n", "# a\n"),
    (
      "import \"a\"\r\nimport \"b\"\n\r\nimport 'c'",
      "import \"a\"\r\nimport \"b\"\r\n\r\nimport \"c\"\r\n"
    ),
    ("\u{FEFF}\n import \"a\"", "\u{FEFF}import \"a\"\n"), ("\u{FEFF}", "\u{FEFF}"),
  ])
  func endsOfFilesAndLines(before: String, after: String) {
    #expect(Array(format(before).utf8) == Array(after.utf8))
  }

  // MARK: What is written well stays

  @Test(arguments: ["Docs/examples", "Schemas/layers"])
  func ownFiles(folder: String) {
    let all = files(folder, ".neural")
    #expect(all.count > 10)
    for (name, text) in all where format(text) != text {
      Issue.record("\(folder)/\(name) is not formatted: neural-lsp format \(folder)")
    }
  }

  // MARK: Every file, and what can be made of it

  private static var corpus: [[UInt8]] {
    [
      "Docs/examples", "Schemas/layers", "Tests/Mistakes", "Tests/OldForms",
      "Tests/Editors/samples",
    ]
    .flatMap { files($0, ".neural") }.map { Array($0.text.utf8) }
      + ["Syntax/test/corpus", "Tests/Formatting"].flatMap { files($0, ".txt") }
      .flatMap { $0.text.components(separatedBy: "\n---") }.map { Array($0.utf8) }
  }

  @Test func everyFile() {
    for text in FormatterTests.corpus { format(text) }
  }

  /// Whatever a fuzzer once found.
  @Test func pastFailures() throws {
    let names = try FileManager.default.contentsOfDirectory(
      atPath: repository.appendingPathComponent("Tests/Fuzz/corpus").path)
    #expect(!names.isEmpty)
    for name in names.sorted() where !name.hasPrefix(".") {
      let file = repository.appendingPathComponent("Tests/Fuzz/corpus/\(name)")
      let sequence = try #require(EditSequence(String(contentsOf: file, encoding: .utf8)))
      format(sequence.text(after: sequence.edits.count))
    }
  }

  /// Line breaks, blanks, comments and separators put in and taken out where they are allowed, names
  /// made long, tokens doubled and dropped.
  @Test func mutations() {
    var generator = SplitMix64(seed: 11)
    let corpus = FormatterTests.corpus.filter { !$0.isEmpty }
    let gaps = ["", " ", "\n", "\n\n\n\t  ", "  # c \n", "\n  ## d\n   ", " ; ", ",", "\r\n"]
    var valid = 0
    // What is drawn changes with the files; at least 300 valid texts are wanted of them.
    for count in 1...4000 {
      var text = corpus[Int.random(in: 0..<corpus.count, using: &generator)]
      let declarations = SyntaxTree.parse(text).root.children.map(\.range)
      if let one = declarations.randomElement(using: &generator) { text = Array(text[one]) }
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        let tokens = SyntaxTree.parse(text).tokens(in: 0..<text.count)
        guard tokens.count > 1 else { break }
        let index = Int.random(in: 1..<tokens.count, using: &generator)
        let (left, right) = (tokens[index - 1].range, tokens[index].range)
        switch Int.random(in: 0..<12, using: &generator) {
        case 0: text.removeSubrange(right)
        case 1: text.insert(contentsOf: text[left] + [0x20], at: right.lowerBound)
        case 2: text.insert(contentsOf: Array(repeating: 0x61, count: 40), at: right.upperBound)
        default:
          guard let gap = gaps.randomElement(using: &generator) else { break }
          text.replaceSubrange(left.upperBound..<right.lowerBound, with: Array(gap.utf8))
        }
      }
      if SyntaxTree.parse(text).errors.isEmpty { valid += 1 }
      format(text)
      if count >= 1500, valid > 300 { break }
    }
    #expect(valid > 300)
  }

  // MARK: Changes

  @Test func onlyTheGapsThatDifferChange() {
    let text = "network A {\n  input:(8)\n  layers:\n      Dense( 1,'x')\n}\n"
    let edits = SyntaxTree.parse(Array(text.utf8)).formattingEdits()
    #expect(
      edits.map {
        "\($0.range.lowerBound) \($0.range.count) \(String(decoding: $0.text, as: UTF8.self))"
      }
        == ["20 0  ", "38 2 ", "46 1 ", "49 0  ", "49 3 \"x\""])
  }

  @Test func noHalfOfALineBreakIsReplaced() {
    let text = Array("import \"a\"\r\nimport \"b\"\n\n".utf8)
    for text in [
      text, Array("import \"a\"\n\n\r\n".utf8), Array("import \"a\"\n\nimport \"b\"\r\n".utf8),
    ] {
      for edit in SyntaxTree.parse(text).formattingEdits() {
        for place in [edit.range.lowerBound, edit.range.upperBound] {
          #expect(
            place == 0 || place >= text.count || text[place - 1] != 0x0D || text[place] != 0x0A)
        }
      }
      format(text)
    }
  }

  @Test(arguments: [
    // Lines from 0, both ends included, and which lines are changed.
    (0...0, [0]), (1...1, [1]), (2...3, [2, 3]), (4...4, [4]), (0...5, [0, 1, 2, 3, 4, 5]),
  ])
  func onlyLinesOfTheRange(lines: ClosedRange<Int>, changed: [Int]) {
    let source = [
      "network  A {", " input:(8)", " layers:", "   Dense( 1)", "   Dense( 2 )", " loss:\"mse\"",
      "}",
    ]
    let text = Array((source.joined(separator: "\n") + "\n").utf8)
    let starts = source.indices.map { source[..<$0].reduce(0) { $0 + $1.utf8.count + 1 } }
    // Up to the end of the last line, and up to the start of the next, which is how editors select.
    for end in [starts[lines.upperBound + 1] - 1, starts[lines.upperBound + 1]] {
      let edits = SyntaxTree.parse(text).formattingEdits(in: starts[lines.lowerBound]..<end)
      let result = String(decoding: FormattingEdit.apply(edits, to: text), as: UTF8.self)
        .split(separator: "\n")
      #expect(source.indices.filter { result[$0] != source[$0] } == changed)
    }
  }

  // MARK: While typing

  @Test(arguments: [
    // `|` is where the cursor stands after the line break, `}` or `;` was typed.
    ("network A {\n|", "  "), ("network A {\n  layers:\n|", "    "),
    ("network A {\n  layers:\n    Dense(1)\n|", "    "),
    ("network A {\n  layers:\n    for i in range(3) {\n|", "      "),
    ("network A {\n  layers:\n    for i in range(3) {\n      Dense(1)\n|\n    }\n}", "      "),
    ("network A {\n  layers:\n    for i in range(3) {\n      Dense(1)\n      }|", "    "),
    ("network A {\n  layers:\n    Dense(1)\n    }|\n", ""),
    ("network A {\n  layers:\n    Dense(\n|", "      "),
    ("network A {\n  layers:\n    Dense(1,\n|", "      "),
    ("network A {\n  layers:\n    Dense(1) ->\n|", "      "),
    ("network A {\n  layers:\n    x\n  -> Dense(1);|", "      "),
    ("network A {\n  layers:\n   Dense(1);|", "    "),
    ("network A {\n  train {\n|", "    "),
    ("network A {\n  train {\n    epochs: 3\n|\n  }\n}", "    "),
    ("network A {\n  input: (8)\n|", "  "), ("network A {\n}\n|", ""),
    ("  # a comment\n|", "  "), ("define A {\n  if x {\n    Dense(1)\n  } else {\n|", "    "),
    ("define A {\n    Dense(1)\n|", "    "), ("layer A(\n|", "  "), ("|", ""),
  ])
  func onlyTheLineThatWasTyped(source: String, indentation: String) {
    let parts = source.components(separatedBy: "|")
    let text = Array((parts[0] + parts[1]).utf8)
    let offset = parts[0].utf8.count
    let edits = SyntaxTree.parse(text).indentationEdits(typedAt: offset)
    let result = String(decoding: FormattingEdit.apply(edits, to: text), as: UTF8.self)
    let line = parts[0].components(separatedBy: "\n").count - 1
    let lines = result.components(separatedBy: "\n")
    #expect(lines[line].prefix { $0 == " " } == indentation)
    let before = (parts[0] + parts[1]).components(separatedBy: "\n")
    #expect(lines.count == before.count)
    for other in lines.indices where other != line { #expect(lines[other] == before[other]) }
  }

  @Test func typingAnywhereTrapsNowhere() {
    for text in FormatterTests.corpus.prefix(20) {
      let tree = SyntaxTree.parse(text)
      for offset in stride(from: 0, through: text.count + 2, by: 7) {
        _ = tree.indentationEdits(typedAt: offset)
      }
    }
  }

  // MARK: Size

  @Test func deepNesting() {
    let deep = 240
    format(
      Array(
        ("define A {" + String(repeating: "Sequential {\n", count: deep)
          + String(repeating: "}", count: deep) + "}").utf8))
    format(
      Array(
        ("define A { let x = " + String(repeating: "(", count: 150) + "1"
          + String(repeating: ")", count: 150) + " }").utf8))
    format(Array(String(repeating: "{(", count: 5000).utf8))
  }

  @Test func comparison() {
    func difference(_ left: String, _ right: String) -> String? {
      SyntaxTree.parse(Array(left.utf8)).layoutDifference(from: .parse(Array(right.utf8)))
    }
    #expect(difference("define A { f(a) }", "define A {\n  f(\n    a,\n  )\n}") == nil)
    #expect(difference("define A { f('a') }", "define A { f(\"a\") }") == nil)
    #expect(difference("define A { f('\\'') }", "define A { f(\"'\") }") == nil)
    #expect(difference("# a  \ndefine A {}", "# a\ndefine A {}") == nil)
    #expect(difference("define A { f((a)) }", "define A { f((a,)) }") != nil)
    #expect(difference("define A { f(a) }", "define A { f(b) }") != nil)
    #expect(difference("define A { f('a') }", "define A { f('b') }") != nil)
    #expect(difference("# a\ndefine A {}", "define A {} # a") != nil)
    #expect(difference("define A { f (a) }", "define A { f\n(a) }") != nil)
    #expect(difference("define A { f }", "define A { f f }") != nil)
    #expect(difference("define A { f f }", "define A { f }") != nil)
    #expect(difference("# a", "# b") != nil)
  }
}
