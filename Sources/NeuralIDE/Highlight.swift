/// What a token is, as a colour says it.
struct Highlight: Equatable, Sendable {
  var kind: SemanticToken.Kind
  var modifiers: SemanticToken.Modifiers

  init(_ kind: SemanticToken.Kind, _ modifiers: SemanticToken.Modifiers = []) {
    self.kind = kind
    self.modifiers = modifiers
  }
}

/// How a name is written, and with what.
struct NameForm {
  var isCapitalised = false
  /// `nn.Linear`
  var isDotted = false
  /// `branch` or `shortcut` before a block.
  var isBranch = false
  /// Nothing else stands in its node.
  var isAlone = false
}
