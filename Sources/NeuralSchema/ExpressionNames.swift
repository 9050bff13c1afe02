import NeuralSyntax

extension Expression {
  /// Whether its value can be another one elsewhere: it has a name in it.
  var dependsOnNames: Bool {
    var depends = false
    forEachName { _ in depends = true }
    return depends
  }

  /// Calls `body` with every name in the expression, in reading order.
  public func forEachName(_ body: (String) -> Void) {
    switch kind {
    case .integer, .float, .string, .boolean, .none, .missing: return
    case .name(let name): body(name)
    case .parenthesized(let inner), .unary(_, let inner): inner.forEachName(body)
    case .tuple(let elements), .list(let elements): for e in elements { e.forEachName(body) }
    case .call(let call): for argument in call.arguments ?? [] { argument.value.forEachName(body) }
    case .index(let base, let index):
      base.forEachName(body)
      index.forEachName(body)
    case .slice(let base, let start, let end):
      base.forEachName(body)
      start?.forEachName(body)
      end?.forEachName(body)
    case .binary(_, let left, let right):
      left.forEachName(body)
      right.forEachName(body)
    case .comparison(let first, let links):
      first.forEachName(body)
      for link in links { link.operand.forEachName(body) }
    case .conditional(let condition, let then, let otherwise):
      condition.forEachName(body)
      then.forEachName(body)
      otherwise.forEachName(body)
    case .spread(let inner): inner?.forEachName(body)
    }
  }
}
