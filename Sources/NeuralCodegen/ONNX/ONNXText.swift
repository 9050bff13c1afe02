import NeuralSchema

/// Operators in ONNX's own textual syntax, as declarations name them in `onnx:`:
///
///     s = Sigmoid ({x})
///     y = Mul ({x}, s)
///
/// `{x}`, `{x2}` are the layer's inputs, other places its weights, or numbers in the `<…>` of attributes.
/// The results are what the last statement names.
struct ONNXText {
  struct Statement {
    var outputs: [String]
    var operation: String
    var attributes: [(name: String, isFloat: Bool, value: Literal)]
    var inputs: [String]
  }

  indirect enum Literal {
    case integer(Int)
    case float(Double)
    case string(String)
    case list([Literal])
    /// `{alpha}`.
    case place(String)
  }

  struct SyntaxError: Error {
    var message: String
  }

  private(set) var statements: [Statement] = []

  init(_ text: String) throws(SyntaxError) {
    var parser = Parser(text)
    while !parser.isAtEnd { statements.append(try parser.statement()) }
    if statements.isEmpty { throw SyntaxError(message: "the template is empty") }
  }

  private struct Parser {
    private var tokens: [String]
    private var next = 0

    init(_ text: String) {
      tokens = []
      var word = ""
      var quote = false
      for character in text {
        if quote {
          word.append(character)
          if character == "\"" { quote = false }
          continue
        }
        switch character {
        case "\"":
          quote = true
          word.append(character)
        case " ", "\n", "\t", "\r", ",", "=", "(", ")", "<", ">", "[", "]", ":", ";":
          if !word.isEmpty { tokens.append(word) }
          word = ""
          // Commas are kept: an input may be left out between two.
          if !" \n\t\r;".contains(character) { tokens.append(String(character)) }
        default: word.append(character)
        }
      }
      if !word.isEmpty { tokens.append(word) }
    }

    var isAtEnd: Bool { next >= tokens.count }

    private var token: String { isAtEnd ? "the end" : tokens[next] }

    private mutating func take(_ expected: String) throws(SyntaxError) {
      guard !isAtEnd, tokens[next] == expected else {
        throw SyntaxError(message: "`\(expected)` is expected, not `\(token)`")
      }
      next += 1
    }

    private mutating func takes(_ wanted: String) -> Bool {
      guard !isAtEnd, tokens[next] == wanted else { return false }
      next += 1
      return true
    }

    private mutating func name() throws(SyntaxError) -> String {
      guard !isAtEnd, let first = tokens[next].unicodeScalars.first,
        first.properties.isAlphabetic || "_{\"".unicodeScalars.contains(first)
      else { throw SyntaxError(message: "a name is expected, not `\(token)`") }
      next += 1
      return tokens[next - 1]
    }

    mutating func statement() throws(SyntaxError) -> Statement {
      var outputs = [try name()]
      while takes(",") { outputs.append(try name()) }
      try take("=")
      let operation = try name()
      var attributes: [(String, Bool, Literal)] = []
      if takes("<") {
        while !takes(">") {
          let attribute = try name()
          let isFloat = takes(":") ? try name() == "float" : false
          try take("=")
          attributes.append((attribute, isFloat, try literal()))
          _ = takes(",")
        }
      }
      try take("(")
      var inputs: [String] = []
      while !takes(")") {
        inputs.append(token == "," ? "" : try name())
        if !takes(",") {
          try take(")")
          break
        }
      }
      return Statement(
        outputs: outputs, operation: operation, attributes: attributes, inputs: inputs)
    }

    private mutating func literal() throws(SyntaxError) -> Literal {
      if takes("[") {
        var entries: [Literal] = []
        while !takes("]") {
          entries.append(try literal())
          _ = takes(",")
        }
        return .list(entries)
      }
      let text = token
      if isAtEnd { throw SyntaxError(message: "a value is expected at the end") }
      next += 1
      if text.hasPrefix("{"), text.hasSuffix("}") {
        return .place(String(text.dropFirst().dropLast()))
      }
      if text.hasPrefix("\""), text.hasSuffix("\""), text.count > 1 {
        return .string(String(text.dropFirst().dropLast()))
      }
      if let number = Int(text) { return .integer(number) }
      if let number = Double(text) { return .float(number) }
      throw SyntaxError(message: "`\(text)` is no value")
    }
  }
}
