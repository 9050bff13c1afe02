import Testing

@testable import NeuralSyntax

/// A broken text: `⟦` and `⟧` stand around the place of each error, in order.
struct Broken: Sendable, CustomTestStringConvertible {
  var text: String
  var errors: [String]
  /// What is read nevertheless, as `Dump` writes it.
  var reads: String
  var fixed: String?

  init(_ text: String, _ errors: String..., reads: String, fixed: String? = nil) {
    self.text = text
    self.errors = errors
    self.reads = reads
    self.fixed = fixed
  }

  var testDescription: String { text }

  /// The text without marks, and the ranges between them.
  func plain(_ text: String) -> (bytes: [UInt8], ranges: [Range<Int>]) {
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []
    var start = 0
    for scalar in text.unicodeScalars {
      switch scalar {
      case "⟦": start = bytes.count
      case "⟧": ranges.append(start..<bytes.count)
      default: bytes += Array(String(Character(scalar)).utf8)
      }
    }
    return (bytes, ranges)
  }

  /// The text with marks around ranges.
  private func marked(_ bytes: [UInt8], _ ranges: [Range<Int>]) -> String {
    var marked: [UInt8] = []
    for index in 0...bytes.count {
      for range in ranges where range.upperBound == index && !range.isEmpty {
        marked += Array("⟧".utf8)
      }
      for range in ranges where range.lowerBound == index {
        marked += Array("⟦".utf8)
        if range.isEmpty { marked += Array("⟧".utf8) }
      }
      if index < bytes.count { marked.append(bytes[index]) }
    }
    return String(decoding: marked, as: UTF8.self)
  }

  /// Checks errors and their places; then what the fix of the first one makes of the text.
  func check(_ text: String, read: (SyntaxTree) -> String) {
    let (bytes, _) = plain(text)
    let tree = NeuralSyntaxTests.check(bytes)
    let found = tree.errors
    let places = marked(bytes, found.map { tree.range(of: $0.range) })
    #expect(places == text, "\n\(NeuralSyntaxTests.errors(tree).joined(separator: "\n"))")
    #expect(found.count == errors.count)
    for (error, expected) in zip(found, errors) {
      #expect("\(error.code.rawValue) \(error.message)".hasPrefix(expected))
    }
    #expect(read(tree) == reads)
    if let fixed {
      guard let fix = found.first?.fix else {
        Issue.record("no fix")
        return
      }
      let range = tree.range(of: fix.range)
      let after = bytes[..<range.lowerBound] + Array(fix.text.utf8) + bytes[range.upperBound...]
      let whole = String(decoding: after, as: UTF8.self)
      #expect(whole.contains(fixed))
    }
  }
}

@Suite struct RecoveryTests {
  /// Statements between others, which must not be touched.
  static let statements: [Broken] = [
    // Argument lists that are left open.
    Broken(
      "Conv2D(64,⟦⟧ \n    MaxPooling2D(2)",
      "syntax-error expected ')' to close the argument list of Conv2D",
      reads: "Conv2D(64); MaxPooling2D(2)", fixed: "Conv2D(64,)"),
    Broken(
      "Conv2D(64,⟦⟧\n    x -> MaxPooling2D(2)", "syntax-error expected ')' to close",
      reads: "Conv2D(64); x -> MaxPooling2D(2)", fixed: "Conv2D(64,)"),
    Broken(
      "Conv2D(64⟦⟧\n    MaxPooling2D(2)", "syntax-error expected ')'",
      reads: "Conv2D(64); MaxPooling2D(2)", fixed: "Conv2D(64)"),
    Broken(
      "Dense(⟦⟧", "syntax-error expected ')' to close the argument list of Dense",
      reads: "Dense()", fixed: "Dense()"),
    Broken(
      "Dense(units=⟦⟧", "syntax-error expected a value for 'units'", reads: "Dense(units=?)"),
    Broken("Dense(units=⟦⟧)", "syntax-error expected a value for 'units'", reads: "Dense(units=?)"),
    Broken(
      "Bidirectional(LSTM(64⟦⟧", "syntax-error expected ')' to close the argument list of LSTM",
      reads: "Bidirectional(LSTM(64))", fixed: "Bidirectional(LSTM(64))"),
    Broken(
      "Concatenate([a, b⟦⟧) -> c", "syntax-error expected ']' to close this list",
      reads: "Concatenate([a, b]) -> c", fixed: "Concatenate([a, b])"),
    Broken(
      "Conv2D(64, 3⟦⟧ -> x", "syntax-error expected ')'", reads: "Conv2D(64, 3) -> x",
      fixed: "Conv2D(64, 3) -> x"),
    Broken(
      "Residual(⟦⟧ {\n      Dense(3)\n    }", "syntax-error expected ')'",
      reads: "Residual() {Dense(3)}", fixed: "Residual() {"),
    Broken(
      "Conv2D(64,\n      3,⟦⟧\n    Residual { Dense(3) }", "syntax-error expected ')'",
      reads: "Conv2D(64, 3); Residual {Dense(3)}"),
    Broken(
      "Conv2D(64,⟦⟧ \n    let n = 3", "syntax-error expected ')'", reads: "Conv2D(64); let n = 3"),
    Broken(
      "Conv2D(64,⟦⟧ \n    for i in range(3) { Dense(i) }", "syntax-error expected ')'",
      reads: "Conv2D(64); for i in range(3) {Dense(i)}"),
    Broken(
      "Conv2D(64⟦⟧\n    if a { Dense(1) }", "syntax-error expected ')'",
      reads: "Conv2D(64); if a {Dense(1)}"),
    Broken(
      "Conv2D(64, (3, 3⟦⟧\n    MaxPooling2D(2)", "syntax-error expected ')' to close this tuple",
      reads: "Conv2D(64, (3, 3)); MaxPooling2D(2)", fixed: "Conv2D(64, (3, 3))"),
    // Brackets too many or of the wrong kind.
    Broken(
      "Dense(10)⟦)⟧", "syntax-error this ')' closes nothing", reads: "Dense(10)",
      fixed: "Dense(10)\n"),
    Broken(
      "Dense(10⟦]⟧", "syntax-error expected ')' to close the argument list of Dense, found ']'",
      reads: "Dense(10)", fixed: "Dense(10)"),
    Broken("⟦]⟧ Dense(10)", "syntax-error this ']' closes nothing", reads: "Dense(10)"),
    // Commas.
    Broken(
      "Conv2D(64⟦⟧ 3)",
      "syntax-error expected ',' before the next value in the argument list of Conv2D",
      reads: "Conv2D(64, 3)", fixed: "Conv2D(64, 3)"),
    Broken(
      "Conv2D(64,⟦,⟧ 3)", "syntax-error a value is expected before this ','",
      reads: "Conv2D(64, 3)",
      fixed: "Conv2D(64, 3)"),
    Broken(
      "Dense(1)⟦,⟧ Dense(2)", "syntax-error statements are not separated by commas",
      reads: "Dense(1); Dense(2)", fixed: "Dense(1) Dense(2)"),
    // Strings.
    Broken(
      "Conv2D(64, padding=⟦\"same)⟧\n    Dense(1)",
      "unterminated-string this string has no closing \"",
      reads: "Conv2D(64, padding='same'); Dense(1)", fixed: "padding=\"same\")"),
    Broken(
      "Conv2D(64, padding=⟦\"same⟧\n    Dense(1)", "unterminated-string this string",
      reads: "Conv2D(64, padding='same'); Dense(1)"),
    Broken(
      "Conv2D(64, padding=⟦'same, strides=2) -> x⟧\n    Dense(1)",
      "unterminated-string this string",
      reads: "Conv2D(64, padding='same, strides=2) -> x'); Dense(1)"),
    Broken(
      "for s in [⟦\"a] {⟧\n      Dense(1)\n    }", "unterminated-string",
      reads: "for s in ['a'] {Dense(1)}", fixed: "[\"a\"] {"),
    Broken(
      "Dense(\"a⟦\\q⟧b\")", "syntax-error '\\q' is no escape", reads: "Dense('a\\qb')",
      fixed: "a\\\\qb"),
    // Flows.
    Broken(
      "x -> y ⟦->⟧\n    let n = 3", "syntax-error expected a layer or a name after '->'",
      reads: "x -> y; let n = 3"),
    Broken(
      "x -> ⟦->⟧ Dense(1)", "syntax-error expected a layer or a name between these arrows",
      reads: "x -> Dense(1)"),
    Broken(
      "Dense(1) *⟦⟧ ", "syntax-error expected how often to repeat", reads: "Dense(1) * ?"),
    Broken("Dense(1) @⟦⟧ ", "syntax-error expected a device", reads: "Dense(1) @ ?"),
    Broken(
      "Dense(1) * 2 ⟦*⟧ 3", "syntax-error a step has '*' only once", reads: "Dense(1) * 2"),
    Broken(
      "x ⟦+⟧ y", "syntax-error values are not added by '+'", reads: "x"),
    Broken(
      "⟦y =⟧ Dense(3)", "syntax-error a value is named at the end of its flow",
      reads: "Dense(3) -> y", fixed: "Dense(3) -> y\n"),
    // Constants, loops and conditions.
    Broken("let n =⟦⟧", "syntax-error expected a value after '='", reads: "let n = ?"),
    Broken("let n⟦⟧", "syntax-error expected '=' and a value", reads: "let n = ?"),
    Broken("let⟦⟧", "syntax-error expected a name after 'let'", reads: ""),
    Broken("let n = 3 +⟦⟧", "syntax-error expected an operand after '+'", reads: "let n = (3 + ?)"),
    Broken(
      "let n = (a if b⟦⟧\n    Dense(1)", "syntax-error expected 'else' and a value",
      reads: "let n = <(a if b else ?)>; Dense(1)"),
    Broken(
      "for i in⟦⟧ { Dense(i) }", "syntax-error expected what to go through",
      reads: "for i in ? {Dense(i)}"),
    Broken(
      "for i⟦⟧ range(3) { Dense(i) }", "syntax-error expected 'in'",
      reads: "for i in range(3) {Dense(i)}", fixed: "for i in range(3)"),
    Broken(
      "if a⟦⟧\n    Dense(1)", "syntax-error expected '{' and the statements of this 'if'",
      reads: "if a {}; Dense(1)"),
    Broken(
      "if ⟦{⟧ Dense(1) }", "syntax-error expected a condition before '{'", reads: "if ? {Dense(1)}"),
    Broken(
      "⟦else⟧ { Dense(1) }", "syntax-error this 'else' belongs to no 'if'",
      reads: " else {Dense(1)}"),
    Broken(
      "Dense(1) {} ⟦{⟧ Dense(2) }", "syntax-error a step has a block only once",
      reads: "Dense(1) {}"),
    // Words and characters.
    Broken("⟦?⟧ Dense(1)", "syntax-error '?' means nothing here", reads: "Dense(1)"),
    Broken("Dense(1 ⟦$⟧)", "syntax-error '$' means nothing here", reads: "Dense(1)"),
    Broken("Dense(⟦12ab⟧)", "syntax-error '12ab' is not a number", reads: "Dense(?)"),
    Broken("⟦größe⟧ -> x", "syntax-error 'größe' is not a name", reads: "größe -> x"),
    Broken("Dense(a = b ⟦=⟧ 3)", "syntax-error '=' follows only", reads: "Dense(a=b)"),
  ]

  @Test(arguments: statements) func statement(_ broken: Broken) {
    let text = """
      network Broken {
        input: (8)
        layers:
          First(1)
          \(broken.text)
          Last(2)
        optimizer: Adam()
      }
      network After { input: (3) layers: Dense(4) }
      """
    broken.check(text) { tree in
      let declarations = tree.sourceFile.declarations
      guard declarations.count == 2, case .network(let network) = declarations[0],
        case .network(let after) = declarations[1], network.sections.count == 3,
        case .statements(let block) = network.sections[1].value
      else { return Dump.file(tree.sourceFile) }
      #expect(Dump.section(network.sections[0]) == "input: <8>")
      #expect(Dump.section(network.sections[2]) == "optimizer: Adam()")
      #expect(
        Dump.declaration(.network(after)) == "network After()\n  input: <3>\n  layers: {Dense(4)}")
      let statements = block.statements.map(Dump.statement)
      guard statements.first == "First(1)", statements.last == "Last(2)" else {
        return statements.joined(separator: "; ")
      }
      return statements.dropFirst().dropLast().joined(separator: "; ")
    }
  }
}
