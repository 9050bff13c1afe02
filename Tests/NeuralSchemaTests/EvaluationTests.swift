import NeuralDimension
import NeuralSyntax
import Testing

@testable import NeuralSchema

/// Python's semantics, over 64-bit integers (language.md, section 5).
@Suite struct EvaluationTests {
  /// The value of an expression as the language writes it, or the code of what is wrong with it.
  private func value(_ expression: String) -> String {
    let tree = SyntaxTree.parse(Array("define Test(x=\(expression)) {}".utf8))
    guard tree.errors.isEmpty,
      case .definition(let definition)? = tree.sourceFile.declarations.first,
      let parsed = definition.parameters.first?.defaultValue
    else { return "unread: \(tree.errors.first?.message ?? "")" }
    var context = Names()
    do {
      return try context.evaluate(parsed).description
    } catch {
      return error.code.rawValue
    }
  }

  /// `n` is a size that is not known, at least 3.
  private struct Names: EvaluationContext {
    let size = Dimension(Symbol(id: 1, name: "n"))
    var skipped: [String] = []

    var facts: Facts {
      var facts = Facts()
      facts.add(Facts.Constraint(size, .greaterOrEqual, .constant(3)))
      return facts
    }

    func lookup(_ name: String) -> Value? { name == "n" ? .integer(size) : nil }

    func undefined(_ name: String, _ range: SourceRange) -> EvaluationError {
      EvaluationError(.undefinedName, name, range)
    }

    mutating func evaluate(call: Call) throws(EvaluationError) -> Value {
      throw EvaluationError(.unknownLayer, call.name.text, call.range)
    }

    mutating func skip(_ expression: Expression) {
      expression.forEachName { skipped.append($0) }
    }
  }

  @Test(arguments: [
    ("7 // 2", "3"), ("-7 // 2", "-4"), ("7 // -2", "-4"), ("-7 // -2", "3"),
    ("7 % 3", "1"), ("-7 % 3", "2"), ("7 % -3", "-2"), ("-7 % -3", "-1"),
    ("7.5 // 2", "3.0"), ("-7.5 % 2", "0.5"), ("7 / 2", "3.5"), ("6 / 2", "3.0"),
    ("2 ** 10", "1024"), ("2 ** -1", "0.5"), ("-2 ** 2", "-4"), ("(-2) ** 3", "-8"),
    ("2 ** 3 ** 2", "512"), ("2 ** 0.5 > 1.41", "true"), ("1 + 2 * 3 - 4", "3"),
    ("1_000 + 1", "1001"), ("0.1 + 0.2 == 0.3", "false"), ("1 == 1.0", "true"),
  ])
  func arithmetic(expression: String, expected: String) {
    #expect(value(expression) == expected)
  }

  @Test(arguments: [
    ("1 < 2 < 3", "true"), ("1 < 3 < 2", "false"), ("1 < 2 > 1 != 0", "true"),
    ("3 in (1, 2, 3)", "true"), ("3 not in [1, 2]", "true"), ("\"b\" in \"abc\"", "true"),
    ("not 0", "true"), ("1 and 0", "0"), ("0 or \"x\"", "\"x\""), ("() or 5", "5"),
    ("\"a\" < \"b\"", "true"), ("(1, 2) == (1, 2)", "true"), ("(1, 2) == [1, 2]", "false"),
    ("none == none", "true"), ("none != 1", "true"), ("true == true", "true"),
    ("(1 if 2 > 1 else 3)", "1"), ("(1 if false else 3)", "3"),
  ])
  func conditions(expression: String, expected: String) {
    #expect(value(expression) == expected)
  }

  @Test(arguments: [
    ("(1, 2, 3)[0]", "1"), ("(1, 2, 3)[-1]", "3"), ("(1, 2) + (3,)", "(1, 2, 3)"),
    ("[0] * 3", "[0, 0, 0]"), ("(1, 2) * 0", "()"), ("len((1, 2, 3))", "3"),
    ("sum((1, 2, 3))", "6"), ("min(3, 1, 2)", "1"), ("max((3, 1, 2))", "3"),
    ("range(3)", "(0, 1, 2)"), ("range(1, 7, 3)", "(1, 4)"), ("range(3, 0, -1)", "(3, 2, 1)"),
    ("abs(-3)", "3"), ("round(2.5)", "2"), ("round(3.5)", "4"), ("ceil(1.2)", "2"),
    ("floor(-1.2)", "-2"), ("int(-1.9)", "-1"), ("int(\"12\")", "12"),
    ("\"a\" + 'b'", "\"ab\""),
  ])
  func sequencesAndFunctions(expression: String, expected: String) {
    #expect(value(expression) == expected)
  }

  @Test(arguments: [
    ("9223372036854775807 + 1", "integer-overflow"), ("3037000500 ** 2", "integer-overflow"),
    ("9223372036854775808", "integer-overflow"), ("2 ** 64", "integer-overflow"),
    ("-9223372036854775807 - 1", "-9223372036854775808"),
    ("int(1e30)", "integer-overflow"), ("1 // 0", "invalid-argument"),
    ("1 % 0", "invalid-argument"), ("1 / 0", "invalid-argument"),
    ("(1, 2)[2]", "invalid-argument"), ("(1, 2)[-3]", "invalid-argument"),
    ("1 + \"a\"", "invalid-argument"), ("unknown + 1", "undefined-name"),
    ("1 ** 9223372036854775807", "1"), ("range(10 ** 9)", "expansion-limit"),
    ("(0,) * 10 ** 9", "expansion-limit"), ("((0,) * 400,) * 400", "expansion-limit"),
    ("range(1, 2, 0)", "invalid-argument"), ("Dense(3)", "unknown-layer"),
  ])
  func limits(expression: String, expected: String) {
    #expect(value(expression) == expected)
  }

  @Test(arguments: [
    ("n + n", "2*n"), ("n - n", "0"), ("n * 0", "0"), ("2 * n // 2", "n"),
    ("n / 2", "not-constant"),
    ("2 ** n", "not-constant"), ("(1, 2)[n]", "not-constant"), ("range(n)", "not-constant"),
    ("(1 if n >= 3 else 2)", "1"), ("(1 if n >= 4 else 2)", "not-constant"),
    ("(1 if n == n else 2)", "1"), ("0 < n", "condition"),
  ])
  func sizes(expression: String, expected: String) {
    #expect(value(expression) == expected)
  }

  @Test(arguments: [
    ("true or a", ["a"]), ("false and a", ["a"]), ("(1 if true else a + b)", ["a", "b"]),
    ("2 < 1 < a", ["a"]), ("1 < 2 < 3", []),
  ])
  func whatIsNotEvaluatedIsTold(expression: String, expected: [String]) throws {
    let tree = SyntaxTree.parse(Array("define Test(x=\(expression)) {}".utf8))
    guard case .definition(let definition)? = tree.sourceFile.declarations.first else {
      Issue.record("no definition")
      return
    }
    var context = Names()
    _ = try context.evaluate(try #require(definition.parameters.first?.defaultValue))
    #expect(context.skipped == expected)
  }
}
