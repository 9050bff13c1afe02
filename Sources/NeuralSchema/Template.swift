/// Text with `{name}` places; `{{` and `}}` are braces.
public struct Template: Sendable {
  public enum Part: Sendable, Equatable {
    case text(String)
    case place(String)
  }

  public var parts: [Part]

  public init(_ source: String) {
    var parts: [Part] = []
    var text = ""
    var characters = Substring(source)
    while let character = characters.popFirst() {
      switch character {
      case "{" where characters.first == "{", "}" where characters.first == "}":
        characters.removeFirst()
        text.append(character)
      case "{":
        let name = characters.prefix { $0 != "}" }
        characters.removeFirst(min(characters.count, name.count + 1))
        if !text.isEmpty { parts.append(.text(text)) }
        text = ""
        parts.append(.place(String(name)))
      default: text.append(character)
      }
    }
    if !text.isEmpty { parts.append(.text(text)) }
    self.parts = parts
  }

  /// The text with each place filled; places that `value` does not know stay as they are written.
  public func filled(_ value: (String) -> String?) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .place(let name): value(name) ?? "{\(name)}"
      }
    }.joined()
  }
}
