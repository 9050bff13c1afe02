extension SyntaxTree {
  /// What to take away with a range so that the text around it reads as before: the arrow that leads
  /// to it, a comma beside it, or its lines where nothing else stands on them.
  public func removal(of range: Range<Int>) -> Range<Int> {
    let before = end(before: range.lowerBound) { $0.isBlank || $0.isBreak }
    if before > 1, text(in: before - 2..<before).elementsEqual("->".utf8) {
      return end(before: before - 2) { $0.isBlank || $0.isBreak }..<range.upperBound
    }
    let lineStart = end(before: range.lowerBound, while: \.isBlank)
    let lineEnd = start(after: range.upperBound, while: \.isBlank)
    let startsLine = lineStart == 0 || byte(lineStart - 1)?.isBreak ?? true
    let endsLine = byte(lineEnd)?.isBreak ?? true
    if startsLine, endsLine {
      let isPair = byte(lineEnd) == 0x0D && byte(lineEnd + 1) == 0x0A
      return lineStart..<min(lineEnd + (isPair ? 2 : 1), byteCount)
    }
    if byte(lineEnd) == 0x2C {
      return range.lowerBound..<start(after: lineEnd + 1, while: \.isBlank)
    }
    if lineStart > 0, byte(lineStart - 1) == 0x2C { return lineStart - 1..<range.upperBound }
    return endsLine ? lineStart..<range.upperBound : range.lowerBound..<lineEnd
  }

  private func byte(_ offset: Int) -> UInt8? {
    offset >= 0 && offset < byteCount ? text(in: offset..<offset + 1).first : nil
  }

  private func end(before offset: Int, while holds: (UInt8) -> Bool) -> Int {
    var offset = offset
    while let byte = byte(offset - 1), holds(byte) { offset -= 1 }
    return offset
  }

  private func start(after offset: Int, while holds: (UInt8) -> Bool) -> Int {
    var offset = offset
    while let byte = byte(offset), holds(byte) { offset += 1 }
    return offset
  }
}

extension UInt8 {
  fileprivate var isBlank: Bool { self == 0x20 || self == 0x09 }
  fileprivate var isBreak: Bool { self == 0x0A || self == 0x0D }
}
