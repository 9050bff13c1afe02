import Testing

@testable import highlight_table

@Suite struct HighlightTableTests {
  private let kinds = """
    {
      "nodes": {
        "definition": "definition", "parameter": "parameter", "step": "step", "input": "input",
        "entry": "entry"
      },
      "leaves": {
        "code": "code", "comment": "comment", "string": "string", "escape_sequence": "",
        "dtype": "dtype", "identifier": "name", "type_identifier": "name", "type_name": "name",
        "variable": "name"
      },
      "signs": { "->": "arrow", ":": "colon" },
      "same": { "about": "", "macsItem": "entry" },
      "places": {
        "about": "",
        "definition": ["name after define"],
        "parameter": ["name first", "type after : as type_name"],
        "step": ["name first as identifier type_identifier variable"],
        "input": ["dtype as dtype identifier"],
        "entry": ["name first"]
      }
    }
    """
  private let captures = """
    {
      "comment": "comment documentation", "keyword": "keyword", "string": "string",
      "string.escape": "", "type": "class", "variable": "variable"
    }
    """

  private func compile(_ query: String) throws(CompileError) -> String {
    try HighlightTable(
      try HighlightQuery(query), try NodeKinds(kinds), try TokenTypes(captures)
    ).source
  }

  /// The message, and the line of the query.
  private func refusal(_ query: String) -> String {
    do {
      _ = try compile(query)
      return "none"
    } catch {
      return "\(error.line ?? 0): \(error.message)"
    }
  }

  @Test func tokens() throws {
    let source = try compile(
      """
      (comment) @comment  ; and a remark
      [(string) (escape_sequence)
        "->"] @string
      "define" @keyword
      """.replacing(" (escape_sequence)", with: ""))
    for line in [
      "case .comment: Highlight(.comment, [.documentation])",
      "case .string: Highlight(.string)", "case .arrow: Highlight(.string)",
      "case 0x646566696e65: Highlight(.keyword)  // define",
    ] { #expect(source.contains(line)) }
    #expect(!source.contains("// import"))
  }

  @Test func names() throws {
    let source = try compile(
      """
      (definition name: (identifier) @type)
      (type_identifier) @type
      (variable) @variable
      [(type_name) (code)] @keyword
      """)
    for line in [
      "case .definitionName: Highlight(.class)",
      "case .stepName: form.isCapitalised ? Highlight(.class) : "
        + "form.isAlone ? Highlight(.variable) : nil",
      "case .typeName: Highlight(.keyword)", "case .parameterName: nil",
      "case .parameter: .parameterName", "case .parameter: token == .colon ? .typeName : nil",
      "case .code: Highlight(.keyword)", "case .macsItem: .entryName",
    ] { #expect(source.contains(line), "\(line)") }
  }

  @Test func whatIsNotKnown() {
    #expect(
      refusal("(comment) @comment\n\n(coment) @comment").hasPrefix("3: there is no node `coment`"))
    #expect(
      refusal("(definiton name: (identifier) @type)").hasPrefix("1: there is no node `definiton`"))
    #expect(
      refusal("(definition title: (identifier) @type)")
        == "1: by Syntax/kinds.json no identifier stands in a field `title` of definition")
    #expect(
      refusal("(definition name: (type_name) @type)")
        == "1: by Syntax/kinds.json no type_name stands in a field `name` of definition")
    #expect(refusal("(comment) @coment") == "1: @coment is not in Syntax/captures.json")
    #expect(refusal("\"=>\" @keyword") == "1: \"=>\" is no token of the language")
    #expect(refusal("(escape_sequence) @string").contains("has no node for escape_sequence"))
    #expect(refusal("(escape_sequence) @string.escape") == "none")
  }

  @Test func whatIsMoreThanATableCanSay() {
    for pattern in [
      "((comment) @comment (#match? @comment \"^#\"))", "(comment) (string)", "(step !block) @type",
      "(definition (identifier) @type)", "(definition name: (identifier (comment)) @type)",
      "(comment) comment", "(_primary/identifier) @variable", "(step name: (identifier)) @type",
    ] { #expect(refusal(pattern).contains("a pattern is"), "\(pattern)") }
    for pattern in ["(comment", "(comment)", "["] {
      #expect(refusal(pattern) == "1: the file ends inside a pattern")
    }
  }

  @Test func aTokenHasOneCapture() {
    #expect(
      refusal("(comment) @comment\n(comment) @string")
        == "2: another pattern says otherwise of the same token")
    #expect(refusal("(comment) @comment\n(comment) @comment") == "none")
    // They are one kind of token in the program's tree.
    #expect(refusal("(dtype) @type\n(input dtype: (identifier) @string)").hasPrefix("2: another"))
  }

  @Test func theKindsThemselves() {
    func refusal(_ old: String, _ new: String) -> String {
      do {
        _ = try NodeKinds(kinds.replacing(old, with: new))
        return "none"
      } catch {
        return error.message
      }
    }
    #expect(refusal("name after define", "name before define").hasPrefix("places: definition: "))
    #expect(refusal("name after define", "name").hasPrefix("places: definition: "))
    #expect(refusal("name after define", "in entry name") == "none")
    #expect(refusal("\"step\": [", "\"stop\": [") == "places: there is no node `stop`")
    #expect(refusal("\"signs\"", "\"sings\"").hasPrefix("not in the form"))
    #expect((try? TokenTypes("[]")) == nil)
  }
}
