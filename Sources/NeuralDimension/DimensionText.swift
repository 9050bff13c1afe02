// How dimensions read: Python's own notation, so that a shown size can be pasted as an expression.

extension Dimension: CustomStringConvertible {
  public var description: String {
    switch self {
    case .constant(let value): String(value)
    case .polynomial(let polynomial): polynomial.description
    }
  }

  /// Whether the text needs parentheses as an operand of `*` or `//`.
  public var isSum: Bool {
    if case .polynomial(let polynomial) = self { polynomial.isSum } else { false }
  }

  /// The text with every symbol written as `name` says.
  public func description(naming name: (Symbol) -> String) -> String {
    switch self {
    case .constant(let value): String(value)
    case .polynomial(let polynomial): polynomial.text(name)
    }
  }
}

extension Polynomial: CustomStringConvertible {
  public var description: String { text { $0.name } }

  var isSum: Bool { terms.count > 1 || (terms.first?.coefficient ?? 0) < 0 }

  func text(_ name: (Symbol) -> String) -> String {
    if terms.isEmpty { return "0" }
    // Sums read best when they start with something positive.
    let first = terms.firstIndex { $0.coefficient > 0 } ?? 0
    let ordered = [terms[first]] + terms[..<first] + terms[(first + 1)...]
    var text = ""
    for (index, term) in ordered.enumerated() {
      let magnitude = term.coefficient.magnitude
      if index == 0 {
        if term.coefficient < 0 { text += "-" }
      } else {
        text += term.coefficient < 0 ? " - " : " + "
      }
      var parts: [String] = []
      if magnitude != 1 || term.factors.isEmpty { parts.append(String(magnitude)) }
      for factor in term.factors {
        var atom = factor.atom.text(name)
        if case .floor = factor.atom, magnitude != 1 || term.factors.count > 1 || factor.power > 1 {
          atom = "(\(atom))"
        }
        parts.append(factor.power == 1 ? atom : "\(atom)**\(factor.power)")
      }
      text += parts.joined(separator: "*")
    }
    return text
  }
}

extension Polynomial.Atom: CustomStringConvertible {
  public var description: String { text { $0.name } }

  func text(_ name: (Symbol) -> String) -> String {
    switch self {
    case .symbol(let symbol): name(symbol)
    case .floor(let numerator, let divisor):
      "\(operand(numerator, name))//\(operand(divisor, name))"
    case .minimum(let a, let b): "min(\(a.text(name)), \(b.text(name)))"
    case .maximum(let a, let b): "max(\(a.text(name)), \(b.text(name)))"
    }
  }

  private func operand(_ polynomial: Polynomial, _ name: (Symbol) -> String) -> String {
    let text = polynomial.text(name)
    let isProduct =
      polynomial.terms.first.map {
        ($0.factors.count > 1 || ($0.coefficient != 1 && !$0.factors.isEmpty))
      } ?? false
    var isFloor = false
    if let factor = polynomial.terms.first?.factors.first, case .floor = factor.atom {
      isFloor = true
    }
    return polynomial.isSum || isProduct || isFloor ? "(\(text))" : text
  }
}
