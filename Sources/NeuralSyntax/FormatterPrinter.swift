/// Decides where lines end, and with how many blanks they start.
struct FormatPrinter {
  static let lineWidth = 100
  static let indentation = 2

  /// What stands before a piece when it is laid out.
  struct Space: Equatable {
    /// How many lines end; a second one leaves a blank line.
    var breaks = 0
    var blanks = 0
    /// As it is.
    var isVerbatim = false
  }

  private(set) var pieces: [FormatPiece]
  let groups: [FormatGroup]
  let text: [UInt8]
  private(set) var spaces: [Space]
  /// Whether a comma is added behind a piece.
  private(set) var commas: [Bool]

  /// The width of all pieces before each one, on one line.
  private var widths: [Int] = []
  /// How many pieces before each one start a line in any case.
  private var forced: [Int] = []
  /// The next piece before which a line may end, and must end; comments are such pieces.
  private var nextBreak: [Int] = []
  private var nextForced: [Int] = []

  private struct Open {
    var kind: FormatGroup.Kind
    var first: Int
    var end: Int
    var isFlat = false
    var isBroken = false
    var indent = 0
    var outer = 0
    var keepsBlankLines = false
  }

  private var open: [Open] = []
  private var column = 0
  private var lineIndent = 0

  init(_ reader: FormatReader) {
    pieces = reader.pieces
    groups = reader.groups
    text = reader.syntax.text
    spaces = []
    commas = []
    measure()
    // A group that did not fit is seen as broken when the result is formatted again, and what is
    // around it is laid out with that in mind; so it is here.
    while layOut() { measureForced() }
    alignComments()
  }

  // MARK: Measuring

  private mutating func measure() {
    widths = [0]
    widths.reserveCapacity(pieces.count + 1)
    for piece in pieces {
      let width = piece.kind.isComment ? 0 : piece.gap.width + piece.width
      widths.append(widths[widths.count - 1] + width)
    }
    nextBreak = Array(repeating: pieces.count, count: pieces.count + 1)
    for index in pieces.indices.reversed() {
      let piece = pieces[index]
      let mayBreak = piece.kind.isComment || piece.isForced || piece.gap.mayBreak && !piece.isGlued
      nextBreak[index] = mayBreak ? index : nextBreak[index + 1]
    }
    measureForced()
  }

  private mutating func measureForced() {
    forced = [0]
    forced.reserveCapacity(pieces.count + 1)
    nextForced = Array(repeating: pieces.count, count: pieces.count + 1)
    for index in pieces.indices {
      forced.append(forced[index] + (startsLine(index) ? 1 : 0))
    }
    for index in pieces.indices.reversed() {
      let ends = pieces[index].kind.isComment || startsLine(index)
      nextForced[index] = ends ? index : nextForced[index + 1]
    }
  }

  private func startsLine(_ index: Int) -> Bool {
    pieces[index].isForced || index > 0 && pieces[index - 1].kind.isComment
      || pieces[index].kind.isComment && pieces[index].breaks > 0
  }

  /// The width of pieces on one line, without the gap before the first, with a comma that is added
  /// behind the last.
  private func width(_ start: Int, _ end: Int) -> Int {
    guard end > start else { return 0 }
    return widths[end] - widths[start] - pieces[start].gap.width + (commas[end - 1] ? 1 : 0)
  }

  // MARK: Laying out

  /// One pass; true if a group was broken that is seen as broken from now on.
  private mutating func layOut() -> Bool {
    spaces = []
    spaces.reserveCapacity(pieces.count)
    commas = Array(repeating: false, count: pieces.count)
    open = [
      Open(
        kind: .body, first: -1, end: .max, isBroken: true, indent: 0, keepsBlankLines: true)
    ]
    column = 0
    lineIndent = 0
    var next = 0
    var isChanged = false
    for index in pieces.indices {
      while open.count > 1, open[open.count - 1].end <= index { open.removeLast() }
      let space = space(before: index)
      spaces.append(space)
      if space.isVerbatim {
        takeVerbatim(pieces[index])
      } else if space.breaks > 0 {
        column = space.blanks
        lineIndent = space.blanks
        if pieces[index].isLasting, !pieces[index].isForced {
          pieces[index].isForced = true
          isChanged = true
        }
      } else {
        column += space.blanks
      }
      while next < groups.count, groups[next].first == index {
        push(groups[next])
        next += 1
      }
      column = pieces[index].isFrozen ? lastColumn(of: pieces[index]) : column + pieces[index].width
      if commas[index] { column += 1 }
    }
    return isChanged
  }

  private mutating func takeVerbatim(_ piece: FormatPiece) {
    var start = piece.start
    while start > 0, Lexer.isBlank(text[start - 1]) { start -= 1 }
    if piece.breaks > 0 || start == 0 {
      column = piece.start - start
      lineIndent = column
    } else {
      column += piece.start - start
    }
  }

  private func lastColumn(of piece: FormatPiece) -> Int {
    var start = piece.end
    while start > piece.start, text[start - 1] != 0x0A, text[start - 1] != 0x0D { start -= 1 }
    return start == piece.start ? column + piece.width : piece.end - start
  }

  private func space(before index: Int) -> Space {
    let piece = pieces[index]
    let top = open[open.count - 1]
    if index == 0 {
      return piece.gap == .verbatim ? Space(isVerbatim: true) : Space()
    }
    if piece.gap == .verbatim { return Space(isVerbatim: true) }
    if piece.kind.isComment {
      return piece.breaks == 0
        ? Space(blanks: 2)
        : newLine(index, top, at: piece.closes ? top.outer : top.indent, isBlankKept: true)
    }
    let indent = piece.closes ? top.outer : top.indent
    if piece.isForced || pieces[index - 1].kind.isComment {
      return newLine(index, top, at: indent, isBlankKept: !piece.closes)
    }
    let flat = Space(blanks: piece.gap.width)
    if top.isFlat || piece.isGlued { return flat }
    switch piece.gap {
    case .softTight, .softSpace, .softWide:
      return top.isBroken ? Space(breaks: 1, blanks: indent) : flat
    case .fill:
      return fits(index, at: indent) ? flat : Space(breaks: 1, blanks: indent)
    default: return flat
    }
  }

  private func newLine(_ index: Int, _ top: Open, at indent: Int, isBlankKept: Bool) -> Space {
    let hasBlank =
      isBlankKept && top.keepsBlankLines && pieces[index].breaks > 1 && !isFirst(index, top)
    return Space(breaks: hasBlank ? 2 : 1, blanks: indent)
  }

  /// Whether a piece stands right behind what opens the group around it.
  private func isFirst(_ index: Int, _ top: Open) -> Bool {
    index == top.first + 1
  }

  /// Whether what may follow on this line does so: if it fits, or if it would fit on no line but can
  /// be broken further on.
  private func fits(_ index: Int, at indent: Int) -> Bool {
    let available = FormatPrinter.lineWidth
    let segment = max(pieces[index].segmentEnd, index + 1)
    let end = min(nextBreak[segment], nextForced[index + 1])
    let width = width(index, end)
    if column + 1 + width <= available { return true }
    if indent + width <= available { return false }
    let inner = nextBreak[index + 1]
    return inner < segment && column + 1 + self.width(index, inner) <= available
  }

  private mutating func push(_ group: FormatGroup) {
    let top = open[open.count - 1]
    var entry = Open(
      kind: group.kind, first: group.first, end: group.end, isFlat: top.isFlat, outer: lineIndent)
    let step = FormatPrinter.indentation
    switch group.kind {
    case .item: entry.indent = lineIndent + step
    case .head: entry.indent = lineIndent + 2 * step
    case .conditional:
      entry.indent = lineIndent + 2 * step
      entry.isBroken = isBroken(group)
    case .arm:
      let owner = open.last { $0.kind == .conditional } ?? top
      entry.outer = owner.outer
      entry.indent = owner.outer + step
      entry.isBroken = owner.isBroken
      entry.keepsBlankLines = true
    case .bracket, .block:
      entry.indent = lineIndent + step
      entry.isBroken = isBroken(group)
      entry.keepsBlankLines = group.kind == .block
    case .body, .section:
      let owner = open.last { $0.kind == .item || $0.kind == .head } ?? top
      entry.outer = owner.outer
      entry.indent = owner.outer + step
      entry.isBroken = isBroken(group)
      entry.keepsBlankLines = true
    case .row:
      entry.indent = top.indent
      entry.outer = top.outer
      entry.isBroken = isBroken(group)
      entry.keepsBlankLines = true
    }
    if !entry.isFlat {
      switch group.kind {
      case .item, .head, .arm: break
      default: entry.isFlat = !entry.isBroken
      }
    }
    // An `if` on one line is flat as a whole; the parts of a broken one are judged on their own.
    if entry.isBroken, !entry.isFlat, let comma = group.comma, !pieces[closer(of: group)].isGlued {
      commas[comma] = true
    }
    open.append(entry)
  }

  private func closer(of group: FormatGroup) -> Int { max(group.end - 1, group.first) }

  private func isBroken(_ group: FormatGroup) -> Bool {
    let first = group.first
    if forced[group.end] > forced[min(first + 1, group.end)] { return true }
    let endsLine = group.kind == .section || group.kind == .row
    let end = endsLine ? group.end : nextBreak[group.end]
    return column + width(first, end) > FormatPrinter.lineWidth
  }

  // MARK: Comments at the end of lines

  /// Comments under one another at the ends of successive lines stay so; others follow two blanks
  /// behind their line.
  private mutating func alignComments() {
    var run: [(piece: Int, width: Int)] = []
    var runColumn = 0
    var lastLine = 0
    var line = 0
    var width = 0
    // A line of which something is left as it is: how wide it is was not measured.
    var isVerbatim = false
    func align(_ spaces: inout [Space]) {
      let widest = run.reduce(0) { max($0, $1.width) }
      for (piece, width) in run { spaces[piece].blanks = widest - width + 2 }
    }
    for index in pieces.indices {
      let space = spaces[index]
      let piece = pieces[index]
      if space.isVerbatim || piece.isFrozen {
        line += 2
        isVerbatim = true
        continue
      }
      if piece.kind.isComment, index > 0, space.breaks == 0 {
        if isVerbatim { continue }
        let column = sourceColumn(of: piece)
        if run.isEmpty || column != runColumn || line != lastLine + 1 || piece.breaks > 0 {
          align(&spaces)
          run.removeAll(keepingCapacity: true)
        }
        run.append((index, width))
        runColumn = column
        lastLine = line
        continue
      }
      if space.breaks > 0 {
        line += space.breaks
        width = space.blanks
        isVerbatim = false
      } else {
        width += space.blanks
      }
      width += piece.width + (commas[index] ? 1 : 0)
    }
    align(&spaces)
  }

  private func sourceColumn(of piece: FormatPiece) -> Int {
    var column = 0
    var index = piece.start
    while index > 0, text[index - 1] != 0x0A, text[index - 1] != 0x0D {
      index -= 1
      if text[index] & 0xC0 != 0x80 { column += 1 }
    }
    return column
  }
}
