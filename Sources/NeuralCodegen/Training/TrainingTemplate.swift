/// A line of a declaration's target text with its places filled. `{name|default}` is what the
/// framework takes anyway: an argument made of nothing else is left out, and so is `None`.
enum TrainingTemplate {
  private static let open: Character = "\u{1}"
  private static let close: Character = "\u{2}"

  static func filled<Failure: Error>(
    _ line: String, _ value: (String) throws(Failure) -> String
  ) throws(Failure) -> String {
    var result = ""
    var rest = Substring(line)
    while let start = rest.firstIndex(of: "{") {
      result += rest[..<start]
      rest = rest[rest.index(after: start)...]
      let place = rest.prefix { $0 != "}" }
      rest = rest.dropFirst(place.count + 1)
      let parts = place.split(separator: "|", maxSplits: 1)
      let text = try value(String(parts.first ?? ""))
      let isDefault = text == "None" || parts.count == 2 && text == parts[1]
      result += isDefault ? "\(open)\(text)\(close)" : text
    }
    return dropping(result + rest)
  }

  /// The text without the arguments that say nothing; marks are gone.
  private static func dropping(_ text: String) -> String {
    guard text.contains(open) else { return text }
    var result = ""
    var index = text.startIndex
    while index < text.endIndex {
      let character = text[index]
      index = text.index(after: index)
      // Parentheses behind no name are a tuple, which is kept whole.
      guard character == "(", let last = result.last, last.isLetter || last.isNumber || last == "_"
      else {
        if character != open, character != close { result.append(character) }
        continue
      }
      var arguments: [Substring] = []
      var depth = 0
      var start = index
      while index < text.endIndex, depth > 0 || text[index] != ")" {
        switch text[index] {
        case "(", "[": depth += 1
        case ")", "]": depth -= 1
        case "," where depth == 0:
          arguments.append(text[start..<index])
          start = text.index(after: index)
        default: break
        }
        index = text.index(after: index)
      }
      arguments.append(text[start..<index])
      let kept = arguments.filter { !saysNothing($0) }.map { dropping(String($0)) }
      var joined = kept.joined(separator: ",")
      if joined.hasPrefix(" ") { joined.removeFirst() }
      result += "(" + joined
    }
    return result
  }

  /// Whether an argument is made of defaults alone: `betas=(0.9, 0.999)`.
  private static func saysNothing(_ argument: Substring) -> Bool {
    guard argument.contains(open) else { return false }
    var bare = ""
    var isInside = false
    for character in argument {
      if character == open { isInside = true }
      if !isInside { bare.append(character) }
      if character == close { isInside = false }
    }
    // `nesterov=`, and not the `=` inside of a call.
    if let equals = bare.firstIndex(of: "="),
      bare[..<equals].allSatisfy({ $0.isLetter || $0.isNumber || "_ ".contains($0) })
    {
      bare = String(bare[bare.index(after: equals)...])
    }
    return bare.allSatisfy { "(), ".contains($0) }
  }
}
