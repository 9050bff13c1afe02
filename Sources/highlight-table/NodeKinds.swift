/// Syntax/kinds.txt: the nodes of the tree-sitter grammar and those of the program's own tree.
struct NodeKinds {
  /// A place where a token can stand in a node.
  struct Field {
    var name: String
    var place: Place
    /// What the token there may be called.
    var leaves: [String]

    enum Place: Equatable {
      case first
      /// Behind one of these tokens.
      case after([String])
      /// Wherever a token of its own kind stands.
      case anywhere
    }
  }

  struct Node {
    var name: String
    /// Names of `SyntaxKind`; empty where the program's tree has no such node.
    var kinds: [String]
    var fields: [Field]
    /// The node and the field of it in which alone the kinds are this node.
    var inside: (node: String, field: String)?
    var line: Int
  }

  var nodes: [Node] = []

  init(_ text: String) throws(CompileError) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let words = line.split(separator: " ").map(String.init)
      guard let name = words.first, !name.hasPrefix("#") else { continue }
      guard words.count >= 2, words[1] == "=" else {
        throw CompileError(line: index + 1, message: "expected `node = SyntaxKind …`")
      }
      if node(name) != nil {
        throw CompileError(line: index + 1, message: "\(name) is here twice")
      }
      let parts = line.drop { $0 != "=" }.dropFirst().split(separator: ";")
      var kinds = (parts.first ?? "").split(separator: " ").map(String.init)
      var inside: (String, String)?
      if let place = kinds.firstIndex(of: "in"), kinds.count == place + 3 {
        inside = (kinds[place + 1], kinds[place + 2])
        kinds.removeSubrange(place...)
      }
      var fields: [Field] = []
      for part in parts.dropFirst() {
        fields.append(try NodeKinds.field(part.split(separator: " ").map(String.init), index + 1))
      }
      nodes.append(Node(name: name, kinds: kinds, fields: fields, inside: inside, line: index + 1))
    }
  }

  private static func field(_ words: [String], _ line: Int) throws(CompileError) -> Field {
    let place = words.prefix { $0 != "as" }
    let leaves = words.dropFirst(place.count + 1)
    guard let name = place.first else { throw CompileError(line: line, message: "an empty field") }
    let field: Field.Place? =
      switch place.dropFirst().first {
      case nil: .anywhere
      case "first" where place.count == 2: .first
      case "after" where place.count > 2: .after(Array(place.dropFirst(2)))
      default: nil
      }
    guard let field else {
      throw CompileError(
        line: line, message: "`\(words.joined(separator: " "))`: expected `first` or `after token`")
    }
    return Field(name: name, place: field, leaves: leaves.isEmpty ? ["identifier"] : Array(leaves))
  }

  func node(_ name: String) -> Node? { nodes.first { $0.name == name } }
}
