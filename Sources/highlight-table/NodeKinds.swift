import Foundation

/// Syntax/kinds.json: the nodes of the tree-sitter grammar and those of the program's own tree.
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
    /// Names of `SyntaxKind`; empty for what is a part of one.
    var kinds: [String]
    var fields: [Field] = []
    /// The node and the field of it in which alone the kinds are this node.
    var inside: (node: String, field: String)?
  }

  /// In alphabetical order, so that the same table comes of the same file.
  private(set) var nodes: [Node] = []
  /// The tokens that are always spelt alike, by their spelling.
  let signs: [String: String]

  private struct File: Decodable {
    var nodes: [String: String]
    var leaves: [String: String]
    var signs: [String: String]
    /// Kinds that are the same to the grammar, by the one that stands for them.
    var same: [String: String]
    var places: [String: Places]
  }

  private enum Places: Decodable {
    case about
    case fields([String])

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      self = (try? .fields(value.decode([String].self))) ?? .about
    }
  }

  init(_ text: String) throws(CompileError) {
    let file: File
    do {
      file = try JSONDecoder().decode(File.self, from: Data(text.utf8))
    } catch {
      throw CompileError("not in the form that the table is made from: \(error)")
    }
    signs = file.signs
    for (name, kind) in file.nodes.merging(file.leaves, uniquingKeysWith: { first, _ in first })
      .sorted(by: { $0.key < $1.key })
    {
      let same = file.same.filter { $0.value == kind }.map(\.key).sorted()
      var node = Node(name: name, kinds: kind.isEmpty ? [] : [kind] + same)
      if case .fields(let places)? = file.places[name] {
        for place in places { try node.add(place) }
      }
      nodes.append(node)
    }
    for name in file.places.keys where name != "about" && node(name) == nil {
      throw CompileError("places: there is no node `\(name)`")
    }
  }

  func node(_ name: String) -> Node? { nodes.first { $0.name == name } }
}

extension NodeKinds.Node {
  /// `field first`, `field after token …`, either with `as leaf …`; `field as leaf …`; or
  /// `in node field`.
  fileprivate mutating func add(_ text: String) throws(CompileError) {
    let words = text.split(separator: " ").map(String.init)
    let place = words.prefix { $0 != "as" }
    let leaves = Array(words.dropFirst(place.count + 1))
    if place.first == "in", place.count == 3, leaves.isEmpty {
      inside = (words[1], words[2])
      return
    }
    let found: NodeKinds.Field.Place? =
      switch place.dropFirst().first {
      case nil where !leaves.isEmpty: .anywhere
      case "first" where place.count == 2: .first
      case "after" where place.count > 2: .after(Array(place.dropFirst(2)))
      default: nil
      }
    guard let name = place.first, let found else {
      throw CompileError("places: \(self.name): `\(text)` is none")
    }
    fields.append(
      NodeKinds.Field(
        name: name, place: found, leaves: leaves.isEmpty ? ["identifier"] : leaves))
  }
}
