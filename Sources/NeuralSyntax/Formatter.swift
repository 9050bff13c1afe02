/// A change of the text that lays it out.
public struct FormattingEdit: Sendable, Equatable {
  /// The bytes that are replaced.
  public var range: Range<Int>
  public var text: [UInt8]

  public init(range: Range<Int>, text: [UInt8]) {
    self.range = range
    self.text = text
  }
}

extension SyntaxTree {
  /// The changes that bring the text into the layout of Docs/formatting.md, in order, none wider than
  /// needed. What cannot be read keeps its text; what is read is the same afterwards.
  public func formattingEdits() -> [FormattingEdit] {
    let syntax = FlatSyntax(self)
    let errors = errors.filter { $0.code != .oldForm && $0.code != .invalidUTF8 }
      .map { range(of: $0.range) }.sorted { $0.lowerBound < $1.lowerBound }
    // Recovery goes by the indentation of what follows an error: where that changes what is read, the
    // whole declaration stays as it is.
    for wholeDeclarations in errors.isEmpty ? [false] : [false, true] {
      let frozen = FormatErrors.frozen(syntax, errors, wholeDeclarations: wholeDeclarations)
      let reader = FormatReader(syntax, frozen: frozen)
      let edits = FormatWriter(reader, FormatPrinter(reader)).edits
      if edits.isEmpty { return [] }
      let result = SyntaxTree.parse(FormattingEdit.apply(edits, to: syntax.text))
      if layoutDifference(from: result) == nil { return edits }
    }
    return []
  }

  /// The changes on the lines of `range`. A line at whose start it ends is not one of them.
  public func formattingEdits(in range: Range<Int>) -> [FormattingEdit] {
    let text = text
    let range = range.clamped(to: 0..<text.count)
    var start = range.lowerBound
    while start > 0, text[start - 1] != 0x0A, text[start - 1] != 0x0D { start -= 1 }
    var end = range.upperBound
    let endsBeforeLine = !range.isEmpty && (text[end - 1] == 0x0A || text[end - 1] == 0x0D)
    if endsBeforeLine {
      end -= 1
    } else {
      while end < text.count, text[end] != 0x0A, text[end] != 0x0D { end += 1 }
    }
    return formattingEdits().filter {
      $0.range.lowerBound >= start && $0.range.upperBound <= end
    }
  }

  /// A text in the layout of Docs/formatting.md.
  public static func formatted(_ text: [UInt8]) -> [UInt8] {
    FormattingEdit.apply(parse(text).formattingEdits(), to: text)
  }
}

extension FormattingEdit {
  /// Makes changes, which are in order and do not overlap.
  public static func apply(_ edits: [FormattingEdit], to text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var position = 0
    for edit in edits {
      result += text[position..<edit.range.lowerBound]
      result += edit.text
      position = edit.range.upperBound
    }
    result += text[position...]
    return result
  }
}

/// Turns a layout into changes.
struct FormatWriter {
  private(set) var edits: [FormattingEdit] = []
  private let text: [UInt8]
  private var lineBreak: [UInt8]

  init(_ reader: FormatReader, _ printer: FormatPrinter) {
    text = reader.syntax.text
    let lineBreaks = LineBreaks(text)
    lineBreak = lineBreaks.dominant
    write(reader, printer)
    guard lineBreaks.isMixed else { return }
    // What is left as it is keeps its line breaks. Those that prevail when the text is laid out
    // prevail when it is laid out again.
    let prevailing = LineBreaks(FormattingEdit.apply(edits, to: text)).dominant
    if prevailing == lineBreak { return }
    lineBreak = prevailing
    edits = []
    write(reader, printer)
  }

  private mutating func write(_ reader: FormatReader, _ printer: FormatPrinter) {
    var position = reader.syntax.contentStart
    var comma = false
    for (index, piece) in printer.pieces.enumerated() {
      let space = printer.spaces[index]
      if !space.isVerbatim || comma {
        var gap: [UInt8] = comma ? [0x2C] : []
        if space.isVerbatim {
          gap += text[position..<piece.start]
        } else {
          for _ in 0..<space.breaks { gap += lineBreak }
          gap += Array(repeating: 0x20, count: space.blanks)
        }
        replace(position..<piece.start, with: gap)
      }
      if let token = reader.rewritten[index] { replace(piece.start..<piece.end, with: token) }
      comma = printer.commas[index]
      position = piece.end
    }
    let isEmpty = printer.pieces.isEmpty
    replace(position..<text.count, with: isEmpty ? [] : lineBreak)
  }

  /// Replaces what differs, and no half of a `\r\n`.
  private mutating func replace(_ range: Range<Int>, with new: [UInt8]) {
    if text[range].elementsEqual(new) { return }
    var start = 0
    let shorter = min(range.count, new.count)
    while start < shorter, text[range.lowerBound + start] == new[start] { start += 1 }
    var end = 0
    while end < shorter - start,
      text[range.upperBound - 1 - end] == new[new.count - 1 - end]
    {
      end += 1
    }
    var (lower, upper) = (range.lowerBound + start, range.upperBound - end)
    if splits(lower) {
      lower -= 1
      start -= 1
    }
    if splits(upper) {
      upper += 1
      end -= 1
    }
    edits.append(FormattingEdit(range: lower..<upper, text: Array(new[start..<new.count - end])))
  }

  private func splits(_ place: Int) -> Bool {
    place > 0 && place < text.count && text[place - 1] == 0x0D && text[place] == 0x0A
  }
}

/// How often each kind of line break stands in a text.
private struct LineBreaks {
  private var lineFeeds = 0
  private var pairs = 0
  private var returns = 0

  init(_ text: [UInt8]) {
    for index in text.indices {
      if text[index] == 0x0A {
        if index > 0, text[index - 1] == 0x0D { pairs += 1 } else { lineFeeds += 1 }
      } else if text[index] == 0x0D, index + 1 == text.count || text[index + 1] != 0x0A {
        returns += 1
      }
    }
  }

  var dominant: [UInt8] {
    if pairs > lineFeeds, pairs >= returns { return [0x0D, 0x0A] }
    return returns > lineFeeds ? [0x0D] : [0x0A]
  }

  /// Whether there is more than one kind.
  var isMixed: Bool { lineFeeds + pairs + returns > max(lineFeeds, pairs, returns) }
}
