import Foundation
import LanguageServerProtocol
import NeuralModel
import NeuralServer
import NeuralSyntax
import Testing

private func file(_ id: Int32, _ path: String, _ text: String, _ diagnostics: [Diagnostic] = [])
  -> CheckedFile
{
  CheckedFile(
    id: FileID(rawValue: id), path: path, tree: SyntaxTree.parse(Array(text.utf8)),
    diagnostics: diagnostics)
}

private func diagnostic(
  _ code: DiagnosticCode, _ severity: Severity, _ message: String, _ range: Range<Int>,
  related: [Diagnostic.Related] = [], fixes: [Fix] = []
) -> Diagnostic {
  Diagnostic(
    code: code, severity: severity, message: message, file: FileID(rawValue: 0), range: range,
    related: related, fixes: fixes)
}

/// Two files and one that is imported, with everything that a finding can have.
private let sample = CheckReport(
  files: [
    file(
      0, "models/a b.neural", "# 漢é😀\nDense(\"64\") <&>\n",
      [
        diagnostic(
          .shapeMismatch, .error, "no: 50%, \"a\" <b>\nsecond", 5..<11,
          related: [
            .init(message: "from here", file: FileID(rawValue: 1), range: 2..<5)
          ]),
        diagnostic(
          .implicitConversion, .warning, "text for a number", 18..<22,
          fixes: [
            Fix(
              title: "Write 64",
              edits: [TextEdit(file: FileID(rawValue: 0), range: 18..<22, text: "64")])
          ]),
        diagnostic(.layerSpelling, .hint, "spelling", 12..<12),
      ]),
    file(2, "/abs/fine.neural", ""),
  ],
  imported: [file(1, "models/blocks.neural", "a\n\tbcd\n")], version: "1.2.3")

@Suite struct CheckReportTests {
  @Test func text() {
    #expect(
      sample.write(.text) == """
        error[shape-mismatch]: no: 50%, "a" <b> second
         --> models/a b.neural:1:4
          |
        1 | # 漢é😀
          |     ^^^
          = models/blocks.neural:2:1: from here

        warning[implicit-conversion]: text for a number
         --> models/a b.neural:2:7
          |
        2 | Dense("64") <&>
          |       ^^^^
          = fix: Write 64

        hint[layer-spelling]: spelling
         --> models/a b.neural:2:1
          |
        2 | Dense("64") <&>
          | ^

        1 error, 1 warning, 1 hint

        """)
    #expect(CheckReport(files: [file(0, "a", "")], version: "").write(.text) == "")
  }

  @Test func colours() {
    let colored = sample.write(.text, color: true)
    #expect(colored.contains("\u{1B}[1;31merror[shape-mismatch]\u{1B}[0m"))
    var plain = colored
    while let start = plain.range(of: "\u{1B}[") {
      plain.removeSubrange(start.lowerBound...plain[start.lowerBound...].firstIndex(of: "m")!)
    }
    #expect(plain == sample.write(.text))
  }

  /// A file must not steer the terminal, and no line fills the screen.
  @Test func hostileText() {
    let long = String(repeating: "x", count: 1 << 20)
    let text = "a\u{1B}[2Jb\u{202E}c\u{7}\n\(long)\n"
    let report = CheckReport(
      files: [
        file(
          0, "x", text,
          [
            diagnostic(.syntaxError, .error, "m\u{1B}[1m", 1..<2),
            diagnostic(.syntaxError, .error, "long", (500_000)..<(900_000)),
            diagnostic(.syntaxError, .error, "all", 0..<text.utf8.count),
            diagnostic(.syntaxError, .error, "past the end", (2 << 20)..<(3 << 20)),
          ])
      ], version: "")
    for format in CheckReport.Format.allCases {
      let output = report.write(format)
      #expect(!output.contains("\u{1B}"))
      #expect(output.utf8.count < 20_000)
    }
    #expect(!report.write(.text).contains("\u{202E}"))
  }

  @Test func json() throws {
    let json = try JSON(parsing: Array(sample.write(.json).utf8))
    #expect(try JSONSchema(named: "check").problems(of: json) == [])
    #expect(json["errors"] == 1)
    #expect(json["warnings"] == 1)
    let first = json["files"]?[0]
    #expect(first?["path"] == "models/a b.neural")
    #expect(first?["diagnostics"]?[0]?["range"]?["start"] == ["line": 1, "column": 4])
    #expect(first?["diagnostics"]?[0]?["range"]?["end"] == ["line": 1, "column": 6])
    #expect(
      first?["diagnostics"]?[0]?["related"] == [
        [
          "message": "from here", "path": "models/blocks.neural",
          "range": [
            "start": ["line": 2, "column": 1], "end": ["line": 2, "column": 4],
          ],
        ]
      ])
    #expect(first?["diagnostics"]?[1]?["fixes"]?[0]?["edits"]?[0]?["text"] == "64")
    #expect(json["files"]?[1] == ["path": "/abs/fine.neural", "diagnostics": []])
  }

  @Test func theSchemaRefusesOtherThings() throws {
    let schema = try JSONSchema(named: "check")
    #expect(schema.problems(of: ["version": 1]).count == 3)
    #expect(
      schema.problems(of: ["version": 2, "files": [], "errors": 0, "warnings": -1, "x": 0]).count
        == 3)
  }

  @Test func sarif() throws {
    let json = try JSON(parsing: Array(sample.write(.sarif).utf8))
    let run = json["runs"]?[0]
    #expect(json["version"] == "2.1.0")
    #expect(run?["tool"]?["driver"]?["rules"]?.count == 3)
    let first = run?["results"]?[0]
    #expect(first?["ruleId"] == "shape-mismatch")
    #expect(first?["level"] == "error")
    #expect(run?["results"]?[2]?["level"] == "note")
    #expect(
      first?["locations"]?[0]?["physicalLocation"] == [
        "artifactLocation": ["uri": "models/a%20b.neural"],
        "region": ["startLine": 1, "startColumn": 4, "endLine": 1, "endColumn": 6],
      ])
    #expect(first?["relatedLocations"]?[0]?["message"]?["text"] == "from here")
    #expect(
      run?["results"]?[1]?["fixes"]?[0]?["artifactChanges"]?[0]?["replacements"]?[0]?[
        "insertedContent"]
        == ["text": "64"])
  }

  @Test func github() {
    #expect(
      sample.write(.github) == """
        ::error file=models/a b.neural,line=1,endLine=1,col=4,endColumn=6,title=shape-mismatch::no: 50%25, "a" <b>%0Asecond
        ::warning file=models/a b.neural,line=2,endLine=2,col=7,endColumn=11,title=implicit-conversion::text for a number
        ::notice file=models/a b.neural,line=2,endLine=2,col=1,endColumn=1,title=layer-spelling::spelling

        """)
  }

  @Test func gitlab() throws {
    let json = try JSON(parsing: Array(sample.write(.gitlab).utf8))
    #expect(json.count == 3)
    #expect(json[0]?["severity"] == "major")
    #expect(
      json[0]?["location"] == ["path": "models/a b.neural", "lines": ["begin": 1, "end": 1]])
    // The same finding twice has two fingerprints; they do not depend on the line's number.
    func fingerprints(_ text: String, _ ranges: [Range<Int>]) throws -> [JSON?] {
      let found = ranges.map { diagnostic(.syntaxError, .error, "m", $0) }
      let report = CheckReport(files: [file(0, "x", text, found)], version: "")
      let json = try JSON(parsing: Array(report.write(.gitlab).utf8))
      return ranges.indices.map { json[$0]?["fingerprint"] }
    }
    let two = try fingerprints("a\na\n", [0..<1, 2..<3])
    #expect(two[0] != two[1])
    #expect(try fingerprints("\n\na\na\n", [2..<3, 4..<5]) == two)
  }

  @Test func junit() throws {
    let xml = sample.write(.junit)
    let parser = XMLCheck()
    #expect(parser.parse(xml))
    #expect(parser.counts == ["testsuites": 1, "testsuite": 2, "testcase": 3, "failure": 2])
    #expect(xml.contains("tests=\"3\" failures=\"2\""))
    #expect(xml.contains("message=\"no: 50%, &quot;a&quot; &lt;b&gt;&#10;second\""))
  }
}

/// Whether tags match and what there is of each.
private final class XMLCheck {
  var counts: [String: Int] = [:]

  func parse(_ text: String) -> Bool {
    var open: [String] = []
    for piece in text.split(separator: "<").dropFirst() {
      guard let end = piece.firstIndex(of: ">") else { return false }
      let tag = piece[..<end]
      let name = String(tag.prefix { $0 != " " && $0 != "/" })
      if tag.hasPrefix("?") { continue }
      if tag.hasPrefix("/") {
        if open.popLast() != String(tag.dropFirst()) { return false }
        continue
      }
      counts[name, default: 0] += 1
      if !tag.hasSuffix("/") { open.append(name) }
    }
    return open.isEmpty
  }
}
