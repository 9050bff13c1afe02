import LanguageServerProtocol
import NeuralIDE
import NeuralSyntax
import NeuralThreads

/// The tokens that a client can show, and the numbers that stand for them.
///
/// No token of the language spans lines and none overlaps another, so that there is nothing to
/// split for clients that support neither.
struct TokenLegend: Sendable, Equatable {
  private var types: [SemanticToken.Kind] = []
  private var modifiers: [SemanticToken.Modifiers] = []
  /// For each kind the number of the type that is shown for it; -1 where none is.
  private var numbers: [Int]
  /// For each set of modifiers its bits.
  private var bits: [Int]
  private var tellsPlainSyntax: Bool

  /// A client that names no types or modifiers is taken to know the standard ones.
  init(_ capabilities: LSP.ClientCapabilities) {
    let kinds = SemanticToken.Kind.allCases
    let known = capabilities.semanticTokens?.types ?? []
    types = kinds.filter { known.isEmpty || known.contains("\($0)") }
    let knownModifiers = capabilities.semanticTokens?.modifiers ?? []
    modifiers = SemanticToken.Modifiers.names.enumerated()
      .filter { knownModifiers.isEmpty || knownModifiers.contains($0.element) }
      .map { SemanticToken.Modifiers(rawValue: 1 << UInt8($0.offset)) }
    numbers = []
    bits = []
    tellsPlainSyntax = capabilities.semanticTokens?.augmentsSyntax != true
    numbers = kinds.map { kind in
      sequence(first: kind, next: \.general).lazy.compactMap(types.firstIndex).first ?? -1
    }
    bits = (0..<UInt8(1 << SemanticToken.Modifiers.names.count)).map { set in
      modifiers.enumerated().reduce(0) {
        set & $1.element.rawValue == 0 ? $0 : $0 | 1 << $1.offset
      }
    }
  }

  var names: LSP.SemanticTokensLegend {
    LSP.SemanticTokensLegend(
      tokenTypes: types.map { "\($0)" },
      tokenModifiers: modifiers.map {
        SemanticToken.Modifiers.names[$0.rawValue.trailingZeroBitCount]
      })
  }

  /// The numbers of tokens that stand in the order of the text.
  func encode(
    _ tokens: [SemanticToken], in tree: SyntaxTree, _ encoding: ColumnEncoding
  ) -> [Int] {
    var data: [Int] = []
    data.reserveCapacity(5 * tokens.count)
    var cursor = PositionCursor(tree, in: encoding)
    var last = TextPosition(line: 0, column: 0)
    for token in tokens {
      let number = numbers[Int(token.kind.rawValue)]
      if number < 0 || !tellsPlainSyntax && token.kind.isPlainSyntax { continue }
      let start = cursor.position(at: token.range.lowerBound)
      let end = cursor.position(at: token.range.upperBound)
      data.append(start.line - last.line)
      data.append(start.line == last.line ? start.column - last.column : start.column)
      data.append(end.column - start.column)
      data.append(number)
      data.append(bits[Int(token.modifiers.rawValue)])
      last = start
    }
    return data
  }
}

extension SemanticToken.Kind {
  /// What a client that does not know this kind is shown instead.
  fileprivate var general: SemanticToken.Kind? {
    switch self {
    case .typeParameter: .type
    case .class: .type
    case .parameter, .property, .enumMember, .function: .variable
    default: nil
    }
  }
}

/// The last full answer for each document, which a delta is told against.
final class TokenResults: Sendable {
  private struct State {
    var count = 0
    var last: [String: LSP.SemanticTokens] = [:]
  }

  private let state = Lock(State())

  /// Keeps an answer, under an id that was never used before.
  func keep(_ data: [Int], for path: String) -> LSP.SemanticTokens {
    state.withLock { state in
      state.count += 1
      let tokens = LSP.SemanticTokens(resultID: "\(state.count)", data: data)
      state.last[path] = tokens
      return tokens
    }
  }

  /// The numbers that went out under an id, where they are still kept.
  func data(_ id: String, for path: String) -> [Int]? {
    state.withLock { state in
      state.last[path].flatMap { $0.resultID == id ? $0.data : nil }
    }
  }

  func forget(_ path: String) { state.withLock { $0.last[path] = nil } }
}

extension LSP.SemanticTokensDelta.Edit {
  /// The one edit that makes `new` of `old`; none where they are equal. It keeps whole tokens.
  static func edits(from old: [Int], to new: [Int]) -> [Self] {
    let shorter = min(old.count, new.count)
    var start = 0
    while start < shorter, old[start] == new[start] { start += 1 }
    if start == old.count, start == new.count { return [] }
    start -= start % 5
    var kept = 0
    while kept < shorter - start, old[old.count - 1 - kept] == new[new.count - 1 - kept] {
      kept += 1
    }
    kept -= kept % 5
    return [
      Self(
        start: start, deleteCount: old.count - kept - start,
        data: Array(new[start..<(new.count - kept)]))
    ]
  }
}
