import NeuralDimension
import NeuralSchema

/// A Python expression that knows how to break over lines as Black and Ruff do.
indirect enum Python: Equatable {
  case text(String)
  case call(String, [Python])
  case keyword(String, Python)
  case list([Python])
  /// `lambda parameters: value`.
  case lambda(String, Python)
  /// `element for _ in range(count)`, as one argument.
  case generator(Python, count: String)
  /// `*(element for _ in range(count))`.
  case unpacked(Python, count: String)

  var flat: String {
    switch self {
    case .text(let text): text
    case .call(let name, let arguments):
      "\(name)(\(arguments.map(\.flat).joined(separator: ", ")))"
    case .keyword(let name, let value): "\(name)=\(value.flat)"
    case .list(let entries): "[\(entries.map(\.flat).joined(separator: ", "))]"
    case .lambda(let parameters, let value): "lambda \(parameters): \(value.flat)"
    case .generator(let element, let count): "\(element.flat) for _ in range(\(count))"
    case .unpacked(let element, let count): "*(\(element.flat) for _ in range(\(count)))"
    }
  }

  static let columns = 88

  /// A call with further arguments; of text that is none, itself.
  func adding(_ arguments: [Python]) -> Python {
    if arguments.isEmpty { return self }
    switch self {
    case .call(let name, let own): return .call(name, own + arguments)
    case .text(let text):
      guard case (.call(let name, let own), "") = Python.parsed(text) else { return self }
      return .call(name, own.filter { $0 != .text("") } + arguments)
    default: return self
    }
  }

  /// The type of one result, or of several.
  static func annotation(_ type: String, _ count: Int) -> String {
    count == 1 ? type : "tuple[\(Array(repeating: type, count: count).joined(separator: ", "))]"
  }

  /// The lines of `prefix` + expression + `suffix`, indented by `indent` columns.
  func lines(prefix: String, indent: Int, suffix: String = "") -> [String] {
    let margin = String(repeating: " ", count: indent)
    let whole = margin + prefix + flat + suffix
    if whole.count <= Python.columns { return [whole] }
    switch self {
    case .text: return [whole]
    case .keyword(let name, let value):
      return value.lines(prefix: "\(prefix)\(name)=", indent: indent, suffix: suffix)
    case .call(let name, let arguments):
      return Python.broken(prefix + name + "(", arguments, ")" + suffix, indent)
    case .list(let entries):
      return Python.broken(prefix + "[", entries, "]" + suffix, indent)
    case .lambda(let parameters, let value):
      return value.lines(prefix: "\(prefix)lambda \(parameters): ", indent: indent, suffix: suffix)
    case .generator(let element, let count):
      return element.lines(prefix: prefix, indent: indent)
        + [margin + "for _ in range(\(count))" + suffix]
    case .unpacked(let element, let count):
      return [margin + prefix + "*("] + element.lines(prefix: "", indent: indent + 4)
        + [margin + "    for _ in range(\(count))", margin + ")" + suffix]
    }
  }

  private static func broken(
    _ open: String, _ entries: [Python], _ close: String, _ indent: Int
  ) -> [String] {
    let margin = String(repeating: " ", count: indent)
    let inner = String(repeating: " ", count: indent + 4)
    let joined = inner + entries.map(\.flat).joined(separator: ", ")
    if joined.count <= Python.columns, entries.count > 0 {
      // A generator alone in a call, or arguments that fit on one line, take no trailing comma.
      return [margin + open, joined, margin + close]
    }
    var lines = [margin + open]
    for entry in entries {
      let comma = if case .generator = entry { "" } else { "," }
      lines += entry.lines(prefix: "", indent: indent + 4, suffix: comma)
    }
    return lines + [margin + close]
  }

  /// A statement's lines, broken at its outermost call where it is too long.
  static func statement(_ text: String, indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    if margin.count + text.count <= columns { return [margin + text] }
    let opening = text.hasPrefix("return ") ? text.firstRange(of: " ") : text.firstRange(of: " = ")
    let start = opening?.upperBound ?? text.startIndex
    let target = String(text[..<start])
    let (call, suffix) = parsed(String(text[start...]))
    // What is called is itself a call, and too long: that is broken first.
    if case .call(let callee, let arguments) = call,
      margin.count + target.count + callee.count + 1 > columns,
      case (.call(let name, let own), "") = parsed(callee)
    {
      let rest = Python.call(")", arguments)
      var lines = broken("\(target)\(name)(", own, rest.flat + suffix, indent)
      if let last = lines.last, last.count > columns {
        lines.removeLast()
        lines += rest.lines(prefix: "", indent: indent, suffix: suffix)
      }
      return lines
    }
    return call.lines(prefix: target, indent: indent, suffix: suffix)
  }

  /// The first line of a function, with its parameters on a line of their own where it is too long.
  static func signature(_ text: String) -> [String] {
    guard text.count > columns, let open = text.firstIndex(of: "("),
      let close = text.firstRange(of: ") -> ")?.lowerBound
    else { return [text] }
    let parameters = text[text.index(after: open)..<close]
    let comma = parameters.contains(", ") ? "" : ","
    return [String(text[...open]), "    \(parameters)\(comma)", String(text[close...])]
  }

  /// The call that an expression is, with the index that follows it.
  static func parsed(_ text: String) -> (Python, suffix: String) {
    var depth = 0
    var open: String.Index?
    var commas: [String.Index] = []
    var index = text.startIndex
    var isQuoted = false
    while index < text.endIndex {
      let character = text[index]
      if character == "\"" { isQuoted.toggle() }
      if !isQuoted {
        switch character {
        case "(", "[", "{":
          // Of calls in a chain the last is broken.
          if depth == 0, character == "(" { (open, commas) = (index, []) }
          depth += 1
        case ")", "]", "}":
          depth -= 1
          if depth == 0, character == ")", let open {
            let suffix = String(text[text.index(after: index)...])
            guard suffix.isEmpty || suffix.hasPrefix("[") && suffix.hasSuffix("]") else { break }
            // A tuple of one is no call.
            if let comma = commas.last, text.index(after: comma) == index { break }
            var arguments: [Python] = []
            var start = text.index(after: open)
            for end in commas + [index] {
              arguments.append(argument(String(text[start..<end])))
              start = end < index ? text.index(end, offsetBy: 2) : index
            }
            return (.call(String(text[..<open]), arguments), suffix)
          }
        case "," where depth == 1: commas.append(index)
        case " " where depth == 0: return (.text(text), "")
        default: break
        }
      }
      index = text.index(after: index)
    }
    return (.text(text), "")
  }

  private static func argument(_ text: String) -> Python {
    if text.hasPrefix("lambda "), let colon = text.firstRange(of: ": ") {
      let parameters = text[..<colon.lowerBound].dropFirst("lambda ".count)
      return .lambda(String(parameters), argument(String(text[colon.upperBound...])))
    }
    if text.hasPrefix("["), text.hasSuffix("]"),
      case (.call("", let entries), "") = parsed("(\(text.dropFirst().dropLast()))"),
      Python.list(entries).flat == text
    {
      return .list(entries)
    }
    let (call, suffix) = parsed(text)
    return suffix.isEmpty ? call : .text(text)
  }

  // MARK: Literals

  static func literal(_ value: Value) -> String? {
    switch value {
    case .none: "None"
    case .boolean(let flag): flag ? "True" : "False"
    case .integer(let dimension): dimension.constant.map(String.init)
    case .float(let number): float(number)
    case .string(let text): string(text)
    case .tuple(let values):
      join(values).map { values.count == 1 ? "(\($0),)" : "(\($0))" }
    case .list(let values): join(values).map { "[\($0)]" }
    case .layer, .tensor, .definition, .condition, .unknown: nil
    }
  }

  private static func join(_ values: [Value]) -> String? {
    let texts = values.compactMap(literal)
    return texts.count == values.count ? texts.joined(separator: ", ") : nil
  }

  /// The shortest text that reads back as the same number.
  static func float(_ value: Double) -> String {
    if value.isInfinite { return value < 0 ? "float(\"-inf\")" : "float(\"inf\")" }
    if value.isNaN { return "float(\"nan\")" }
    return value.description
  }

  static func string(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case let control where control.value < 0x20 || control.value == 0x7f:
        let digits = String(control.value, radix: 16)
        result += "\\x" + (digits.count == 1 ? "0" : "") + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  // MARK: Names

  static let keywords: Set<String> = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield", "match", "case", "type",
  ]

  /// Names of Python's own that generated modules use.
  static let builtins: Set<String> = [
    "self", "super", "range", "len", "int", "float", "tuple", "zip", "bool", "str", "max", "min",
    "sum", "abs",
  ]

  /// Attributes of `nn.Module` that a layer must not hide.
  private static let moduleAttributes: Set<String> = [
    "forward", "train", "eval", "parameters", "buffers", "modules", "children", "training", "to",
    "cpu", "cuda", "half", "double", "apply", "dump_patches", "named_parameters", "state_dict",
    "load_state_dict", "add_module", "register_buffer", "register_parameter", "register_module",
    "requires_grad_", "zero_grad", "share_memory", "extra_repr", "compile", "xpu", "ipu", "mtia",
    "bfloat16", "named_children", "named_modules", "named_buffers", "get_parameter",
    "get_submodule", "set_submodule", "get_buffer", "get_extra_state", "set_extra_state",
    "to_empty", "call_super_init", "register_forward_hook", "register_forward_pre_hook",
    "register_full_backward_hook", "register_full_backward_pre_hook",
  ]

  /// The name, with the first number that makes it free.
  static func numbered(
    _ wanted: String, separator: String = "_", isTaken: (String) -> Bool
  ) -> String {
    var name = wanted
    var number = 2
    while isTaken(name) {
      name = "\(wanted)\(separator)\(number)"
      number += 1
    }
    return name
  }

  /// An expression without the parentheses around all of it, as the one argument of a call.
  static func bare(_ text: String) -> String {
    guard text.hasPrefix("("), text.hasSuffix(")"), text.contains(" if ") else { return text }
    var depth = 0
    for (index, character) in text.enumerated() {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if depth == 0, index < text.count - 1 { return text }
    }
    return String(text.dropFirst().dropLast())
  }

  /// Whether `numbered` may have made a name of another one.
  static func isNumbered(_ name: String, of wanted: String) -> Bool {
    name == wanted
      || name.hasPrefix("\(wanted)_") && Int(name.dropFirst(wanted.count + 1)) != nil
  }

  /// The last component of a path.
  static func lastComponent(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  static func attribute(_ name: String) -> String {
    let safe = String(
      name.unicodeScalars.map { scalar in
        scalar.isASCII
          && (scalar == "_" || scalar.properties.isAlphabetic
            || ("0"..."9").contains(scalar))
          ? Character(scalar) : "_"
      })
    let started = safe.first?.isNumber ?? true ? "layer_" + safe : safe
    return keywords.contains(started) || moduleAttributes.contains(started)
      || started.hasPrefix("__") ? started + "_" : started
  }

  /// `residual_block` as the name of a class: `ResidualBlock`.
  static func camelCase(_ name: String) -> String {
    let words = name.split { $0 == "_" || $0 == "/" }
    return words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  /// A docstring: on one line where it fits, else with the closing quotes on a line of their own.
  static func docstringLines(_ text: String, indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      docstring(trimmed(String($0)))
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    if lines.isEmpty { lines = ["…"] }
    if lines.count == 1 {
      // A quote at the end would run into the closing ones.
      let whole = margin + "\"\"\"" + lines[0] + "\"\"\""
      if !lines[0].hasSuffix("\""), !lines[0].hasSuffix("\\") {
        return [whole]
      }
    }
    return [margin + "\"\"\"" + lines[0]]
      + lines.dropFirst().map { $0.isEmpty ? "" : margin + $0 } + [margin + "\"\"\""]
  }

  private static func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " || line.last == "\t" { line.removeLast() }
    return line
  }

  /// A docstring's text: no quotes or backslashes that would end it.
  static func docstring(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"\"\"", with: "\\\"\\\"\\\"")
  }
}
