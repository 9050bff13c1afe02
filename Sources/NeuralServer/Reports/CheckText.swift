import NeuralModel
import NeuralSyntax

extension CheckReport {
  /// For people: each finding with its line and carets, then the related places and fixes.
  func text(color: Bool) -> String {
    var output = ""
    for file in files {
      for diagnostic in file.diagnostics {
        write(diagnostic, in: file, Style(isOn: color), to: &output)
        output += "\n"
      }
    }
    let counts = [
      (count(.error), "error"), (count(.warning), "warning"), (count(.information), "note"),
      (count(.hint), "hint"),
    ].filter { $0.0 > 0 }.map { $0.0 == 1 ? "1 \($0.1)" : "\($0.0) \($0.1)s" }
    if !counts.isEmpty { output += counts.joined(separator: ", ") + "\n" }
    return output
  }

  private func write(
    _ diagnostic: Diagnostic, in file: CheckedFile, _ style: Style, to output: inout String
  ) {
    let severity = diagnostic.severity
    let label = "\(severity.rawValue)[\(diagnostic.code.rawValue)]"
    output += style.severity(label, severity) + style.bold(": " + Excerpt.clean(diagnostic.message))
    output += "\n"
    let excerpt = Excerpt(file, diagnostic.range)
    let margin = String(repeating: " ", count: String(excerpt.place.line).count)
    output += "\(margin)\(style.frame("-->")) \(excerpt.heading)\n"
    output += "\(margin) \(style.frame("|"))\n"
    output += "\(style.frame("\(excerpt.place.line) |")) \(excerpt.line)\n"
    output += "\(margin) \(style.frame("|")) \(excerpt.indent)"
    output += style.severity(excerpt.carets, severity) + "\n"
    for place in diagnostic.related {
      guard let other = self.file(place.file) else { continue }
      let excerpt = Excerpt(other, place.range)
      output +=
        "\(margin) \(style.frame("=")) \(excerpt.heading): \(Excerpt.clean(place.message))\n"
    }
    for fix in diagnostic.fixes {
      output += "\(margin) \(style.frame("=")) fix: \(Excerpt.clean(fix.title))\n"
    }
  }
}

/// The line of a range, cut to what fits a screen, and what marks the range under it.
struct Excerpt {
  static let widthLimit = 160

  var heading: String
  var place: Place
  var line = ""
  var indent = ""
  var carets = ""

  init(_ file: CheckedFile, _ range: Range<Int>) {
    place = file.tree.place(at: range.lowerBound)
    heading = "\(file.path):\(place.line):\(place.column)"
    let tree = file.tree
    let start = tree.offset(of: TextPosition(line: place.line - 1, column: 0), in: .utf8)
    let end = tree.offset(of: TextPosition(line: place.line - 1, column: .max / 2), in: .utf8)
    let from = min(max(range.lowerBound, start), end)
    let to = min(max(range.upperBound, from), end)
    // A long line is shown from a little before the range.
    let before = Self.scalars(tree.text(in: max(start, from - 4 * Self.widthLimit)..<from))
    let kept = before.suffix(Self.widthLimit / 2)
    if kept.count < before.count { appendBefore("…") }
    for scalar in kept { appendBefore(scalar) }
    let marked = Self.scalars(tree.text(in: from..<min(to, from + 4 * Self.widthLimit)))
    for scalar in marked.prefix(Self.widthLimit) {
      line.unicodeScalars.append(Self.visible(scalar))
      carets += String(repeating: "^", count: Self.width(scalar))
    }
    if carets.isEmpty { carets = "^" }
    let room = max(Self.widthLimit - kept.count - marked.count, 20)
    let after = Self.scalars(tree.text(in: to..<min(end, to + 4 * Self.widthLimit)))
    for scalar in after.prefix(room) { line.unicodeScalars.append(Self.visible(scalar)) }
    if after.count > room { line += "…" }
  }

  /// Adds to the line, and as many blanks to what stands under it.
  private mutating func appendBefore(_ scalar: Unicode.Scalar) {
    line.unicodeScalars.append(Self.visible(scalar))
    indent += scalar == "\t" ? "\t" : String(repeating: " ", count: Self.width(scalar))
  }

  private static func scalars(_ bytes: [UInt8]) -> [Unicode.Scalar] {
    Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
  }

  /// A text from a file must not steer the terminal.
  private static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar == "\t" { return scalar }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: return "\u{FFFD}"
    default: return scalar
    }
  }

  static func clean(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      result.unicodeScalars.append(scalar == "\n" ? " " : visible(scalar))
    }
    return result
  }

  /// How many columns of a terminal a scalar takes, nearly.
  private static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}

/// Colours, where they are wanted.
struct Style {
  var isOn: Bool

  private func paint(_ text: String, _ code: String) -> String {
    isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  func bold(_ text: String) -> String { paint(text, "1") }
  func frame(_ text: String) -> String { paint(text, "34") }

  func severity(_ text: String, _ severity: Severity) -> String {
    switch severity {
    case .error: paint(text, "1;31")
    case .warning: paint(text, "1;33")
    case .information: paint(text, "1;36")
    case .hint: paint(text, "1;32")
    }
  }
}
