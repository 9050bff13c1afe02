/// What each token of the program's own tree is by highlights.scm, as Swift source.
struct HighlightTable {
  private let kinds: NodeKinds
  private let types: TokenTypes
  /// Swift expressions, by what has them.
  private var tokens: [String: String] = [:]
  private var words: [String: String] = [:]
  private var leaves: [String: String] = [:]
  private var fields: [HighlightQuery.Subject: String] = [:]

  /// The patterns are in `query`; what cannot be compiled is an error at its line there.
  init(_ query: HighlightQuery, _ kinds: NodeKinds, _ types: TokenTypes) throws(CompileError) {
    self.kinds = kinds
    self.types = types
    for rule in query.rules {
      guard let expression = types.expression(rule.capture) else {
        throw CompileError(
          line: rule.line, "@\(rule.capture) is not in Syntax/captures.json")
      }
      switch rule.subject {
      case .literal(let text): try add(literal: text, expression, rule)
      case .kind(let name): try add(kind: name, expression, rule)
      case .field(let parent, let field, let kind):
        guard let node = kinds.node(parent) else { throw unknown(parent, rule) }
        if kinds.node(kind) == nil { throw unknown(kind, rule) }
        guard
          let place = node.fields.first(where: { $0.name == field && $0.leaves.contains(kind) })
        else {
          throw CompileError(
            line: rule.line,
            "by Syntax/kinds.json no \(kind) stands in a field `\(field)` of \(parent)")
        }
        if place.place == .anywhere {
          for leaf in place.leaves where leaf != kind { try add(kind: leaf, expression, rule) }
        } else {
          try put(expression, in: &fields, rule.subject, rule)
        }
      }
    }
  }

  private mutating func add(
    literal text: String, _ expression: String, _ rule: HighlightQuery.Rule
  ) throws(CompileError) {
    if let sign = kinds.signs[text] {
      try put(expression, in: &tokens, sign, rule)
      return
    }
    for word in text.split(separator: " ").map(String.init) {
      guard word.utf8.count <= 8, word.utf8.allSatisfy({ (0x61...0x7A).contains($0) }) else {
        throw CompileError(line: rule.line, "\"\(text)\" is no token of the language")
      }
      try put(expression, in: &words, word, rule)
    }
  }

  private mutating func add(
    kind name: String, _ expression: String, _ rule: HighlightQuery.Rule
  ) throws(CompileError) {
    guard let node = kinds.node(name) else { throw unknown(name, rule) }
    if node.kinds == ["name"] || node.kinds == ["keyword"] {
      try put(expression, in: &leaves, name, rule)
      return
    }
    if node.kinds.isEmpty, expression != "nil" {
      throw CompileError(
        line: rule.line, "the program's tree has no node for \(name), by Syntax/kinds.json")
    }
    for kind in node.kinds { try put(expression, in: &tokens, kind, rule) }
  }

  private func put<Key: Hashable>(
    _ expression: String, in table: inout [Key: String], _ key: Key, _ rule: HighlightQuery.Rule
  ) throws(CompileError) {
    if let other = table.updateValue(expression, forKey: key), other != expression {
      throw CompileError(
        line: rule.line, "another pattern says otherwise of the same token")
    }
  }

  private func unknown(_ name: String, _ rule: HighlightQuery.Rule) -> CompileError {
    CompileError(line: rule.line, "there is no node `\(name)` in Syntax/kinds.json")
  }

  // MARK: Swift

  /// A place for tokens that the table tells apart.
  private struct Place {
    var name: String
    var node: NodeKinds.Node
    var field: NodeKinds.Field
  }

  private func places() -> [Place] {
    kinds.nodes.flatMap { node in
      node.fields.filter { $0.place != .anywhere }.map { field in
        // What is called the same everywhere is one place.
        let name =
          field.leaves.count == 1 && field.leaves[0] != "identifier"
          ? camelCase(field.leaves[0]) : camelCase(node.name + "_" + field.name)
        return Place(name: name, node: node, field: field)
      }
    }
  }

  var source: String {
    let places = places()
    var distinct: [Place] = []
    for place in places where !distinct.contains(where: { $0.name == place.name }) {
      distinct.append(place)
    }
    return """
      // Made from Syntax/queries/highlights.scm when the package is built.
      import NeuralSyntax

      /// What tokens are by their kind, their spelling and the place where they stand.
      enum HighlightTable {
        /// Where a token stands in its node.
        enum Place: UInt8, Sendable {
      \(lines(distinct.map { "case \($0.name)" }, 4))
        }

        /// Tokens that are the same wherever they stand, and nodes that are one token there.
        static func token(_ kind: SyntaxKind) -> Highlight? {
          switch kind {
      \(lines(shown(tokens).map { "case .\($0): \($1)" }, 4))
          default: nil
          }
        }

        /// Keywords, by their bytes from high to low.
        static func keyword(_ word: UInt64) -> Highlight? {
          switch word {
      \(lines(shown(words).map { "case \(packed($0)): \($1)  // \($0)" }, 4))
          default: nil
          }
        }

        /// Keywords at places where any word may stand; absent where the word decides.
        static func keyword(at place: Place) -> Highlight? {
          switch place {
      \(lines(distinct.compactMap(keyword), 4))
          default: nil
          }
        }

        /// Names, by how they are written.
        static func name(_ form: NameForm, at place: Place) -> Highlight? {
          switch place {
      \(lines(distinct.map(name), 4))
          }
        }

        /// The place at the start of a node that stands at `place` of another.
        static func start(of kind: SyntaxKind, at place: Place) -> Place {
          switch kind {
      \(lines(starts(places), 4))
          default: .variable
          }
        }

        /// The place behind a token, where it begins another one.
        static func place(
          in kind: SyntaxKind, after token: SyntaxKind, _ word: UInt64
        ) -> Place? {
          switch kind {
      \(lines(transitions(places), 4))
          default: nil
          }
        }
      }

      """
  }

  private func shown(_ table: [String: String]) -> [(String, String)] {
    table.filter { $0.value != "nil" }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private func lines(_ lines: [String], _ indent: Int) -> String {
    lines.map { String(repeating: " ", count: indent) + $0 }.joined(separator: "\n")
  }

  private func highlight(_ leaf: String, _ place: Place) -> String {
    fields[.field(parent: place.node.name, field: place.field.name, kind: leaf)]
      ?? leaves[leaf] ?? "nil"
  }

  private func keyword(_ place: Place) -> String? {
    guard place.field.place == .first, place.field.leaves.count == 1,
      let leaf = place.field.leaves.first, !["variable", "type_name"].contains(leaf)
    else { return nil }
    return "case .\(place.name): \(highlight(leaf, place))"
  }

  private func name(_ place: Place) -> String {
    let leaves = place.field.leaves
    var arms: [String] = []
    for (leaf, form) in [
      ("branch_word", "isBranch"), ("dotted_name", "isDotted"),
      ("type_identifier", "isCapitalised"),
      ("variable", "isAlone"),
    ] where leaves.contains(leaf) && leaves.count > 1 {
      arms.append("form.\(form) ? \(highlight(leaf, place)) : ")
    }
    let other = leaves.contains("identifier") ? "identifier" : leaves.first ?? "identifier"
    return "case .\(place.name): \(arms.joined())\(highlight(other, place))"
  }

  private func starts(_ places: [Place]) -> [String] {
    var cases: [String] = []
    for place in places where place.field.place == .first {
      for kind in place.node.kinds {
        if let (node, field) = place.node.inside {
          let outer = places.first { $0.node.name == node && $0.field.name == field }
          cases.append("case .\(kind) where place == .\(outer?.name ?? field): .\(place.name)")
        } else {
          cases.append("case .\(kind): .\(place.name)")
        }
      }
    }
    return cases
  }

  private func transitions(_ places: [Place]) -> [String] {
    var cases: [String] = []
    for node in kinds.nodes {
      var conditions: [String] = []
      for place in places where place.node.name == node.name {
        guard case .after(let tokens) = place.field.place else { continue }
        for token in tokens {
          let condition =
            kinds.signs[token].map { "token == .\($0)" }
            ?? (token == "keyword"
              ? "token == .keyword" : "token == .keyword && word == \(packed(token))")
          conditions.append("\(condition) ? .\(place.name) : ")
        }
      }
      if conditions.isEmpty { continue }
      for kind in node.kinds { cases.append("case .\(kind): \(conditions.joined())nil") }
    }
    return cases
  }

  private func packed(_ word: String) -> String {
    "0x" + String(word.utf8.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }, radix: 16)
  }

  private func camelCase(_ name: String) -> String {
    let words = name.split(separator: "_")
    return words.dropFirst().reduce(String(words.first ?? "")) {
      $0 + $1.prefix(1).uppercased() + $1.dropFirst()
    }
  }
}
