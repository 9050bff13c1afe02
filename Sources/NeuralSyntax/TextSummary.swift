/// What a stretch of text adds to a position.
struct TextSummary: Equatable {
  var bytes = 0
  var utf16 = 0
  var scalars = 0
  /// `\n`, `\r\n` and `\r`; a chunk never starts between the two bytes of `\r\n`.
  var lineBreaks = 0
  var chunks = 0

  static func + (left: TextSummary, right: TextSummary) -> TextSummary {
    TextSummary(
      bytes: left.bytes + right.bytes, utf16: left.utf16 + right.utf16,
      scalars: left.scalars + right.scalars, lineBreaks: left.lineBreaks + right.lineBreaks,
      chunks: left.chunks + right.chunks)
  }

  func units(_ encoding: ColumnEncoding) -> Int {
    switch encoding {
    case .utf8: bytes
    case .utf16: utf16
    case .utf32: scalars
    }
  }

  /// Counts `range` of `text`; `invalid` is called with each run that is not UTF-8.
  init(_ text: [UInt8], _ range: Range<Int>, invalid: (Range<Int>) -> Void = { _ in }) {
    bytes = range.count
    var index = range.lowerBound
    let end = range.upperBound
    var bad: Range<Int>?
    var multibyte = 0
    while index < end {
      if let lines = TextSummary.lineBreaksIfPlain(text, index, end) {
        lineBreaks += lines
        index += TextSummary.blockSize
        utf16 += TextSummary.blockSize
        continue
      }
      let blockEnd = min(index + TextSummary.blockSize, end)
      while index < blockEnd {
        let byte = text[index]
        if byte < 0x80 {
          if byte == 0x0A {
            lineBreaks += 1
          } else if byte == 0x0D, index + 1 >= end || text[index + 1] != 0x0A {
            lineBreaks += 1
          }
          index += 1
          utf16 += 1
          continue
        }
        let (length, isValid) = scalarLength(text, index, end)
        if isValid {
          utf16 += length == 4 ? 2 : 1
        } else {
          utf16 += 1
          if let run = bad, run.upperBound == index {
            bad = run.lowerBound..<index + length
          } else {
            if let run = bad { invalid(run) }
            bad = index..<index + length
          }
        }
        multibyte += isValid && length == 4 ? 1 : 0
        index += length
      }
    }
    if let run = bad { invalid(run) }
    scalars = utf16 - multibyte
  }

  private static let blockSize = 64

  /// How many lines end in a block of ASCII text without `\r`, which most text is; absent where there
  /// is anything else, or less than a block.
  private static func lineBreaksIfPlain(_ text: [UInt8], _ start: Int, _ end: Int) -> Int? {
    guard start >= 0, end <= text.count, end - start >= blockSize else { return nil }
    return unsafe text.withUnsafeBytes { bytes in
      let ones: UInt64 = 0x0101_0101_0101_0101
      let highBits = 0x80 * ones
      var lines = 0
      var foreign: UInt64 = 0
      // Eight bytes at a time: of one below 0x80, the high bit of its difference from another and
      // 0x7F is set unless the two are equal.
      for offset in stride(from: start, to: start + blockSize, by: 8) {
        let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        let plain = word & ~highBits
        lines += (((plain ^ 0x0A * ones) &+ 0x7F * ones) & highBits ^ highBits).nonzeroBitCount
        foreign |= word | ~((plain ^ 0x0D * ones) &+ 0x7F * ones)
      }
      return foreign & highBits == 0 ? lines : nil
    }
  }

  init() {}

  private init(bytes: Int, utf16: Int, scalars: Int, lineBreaks: Int, chunks: Int) {
    self.bytes = bytes
    self.utf16 = utf16
    self.scalars = scalars
    self.lineBreaks = lineBreaks
    self.chunks = chunks
  }
}

/// The length of the UTF-8 sequence at `index`, or that of the part of one that cannot be
/// completed (Unicode's "maximal subpart", which decoders replace with one U+FFFD).
func scalarLength(_ text: [UInt8], _ index: Int, _ end: Int) -> (length: Int, isValid: Bool) {
  let lead = text[index]
  let count: Int
  var range: ClosedRange<UInt8> = 0x80...0xBF
  switch lead {
  case 0x00...0x7F: return (1, true)
  case 0xC2...0xDF: count = 2
  case 0xE0:
    count = 3
    range = 0xA0...0xBF
  case 0xED:
    count = 3
    range = 0x80...0x9F
  case 0xE1...0xEF: count = 3
  case 0xF0:
    count = 4
    range = 0x90...0xBF
  case 0xF4:
    count = 4
    range = 0x80...0x8F
  case 0xF1...0xF3: count = 4
  default: return (1, false)
  }
  var length = 1
  while length < count {
    guard index + length < end, range.contains(text[index + length]) else { return (length, false) }
    range = 0x80...0xBF
    length += 1
  }
  return (length, true)
}
