/// The words that mean something in some places; everywhere else they are names.
enum Word: UInt8, CaseIterable {
  case other
  case `import`, from, define, network, layer, research
  case activation, loss, metric, optimizer, schedule, initializer, regularizer, constraint, settings
  case input, dataFormat, layers, outputs, metrics, train, execution, execute, searchMethod
  case `let`, `for`, `in`, `if`, `else`, and, or, not, `where`
  case output, require, `as`, weights, state, when, macs, body
  case `true`, `false`, none

  /// `import`, `define`, `network`, `layer` and the other things a file can declare.
  var declares: Bool {
    (Word.import.rawValue...Word.settings.rawValue).contains(rawValue) && self != .from
  }

  /// Before `:`, the start of a section.
  var isSection: Bool {
    switch self {
    case .loss, .optimizer: true
    default: (Word.input.rawValue...Word.searchMethod.rawValue).contains(rawValue)
    }
  }

  /// Before `{` as well.
  var isBraceSection: Bool { self == .train || self == .execution || self == .execute }
  /// `true`, `false` and `none`, which are values.
  var isLiteral: Bool { self == .true || self == .false || self == .none }
  /// What stands before its braces in a layer's declaration.
  var isLayerGroup: Bool { self == .weights || self == .state || self == .body }

  var spelling: String {
    switch self {
    case .other: ""
    case .dataFormat: "data_format"
    case .searchMethod: "search_method"
    default: "\(self)"
    }
  }
}

/// Finds words by their bytes.
struct WordTable {
  private struct Entry {
    var low: UInt64
    var high: UInt64
    var word: Word
  }

  /// For each first byte, a bit for each length that a word with it has.
  private let lengths: [UInt16]
  /// For each length, where its words start in `entries`.
  private let starts: [Int]
  private let entries: [Entry]

  /// One copy for all lexers, which hold it: a global would be asked for at each name.
  static let shared = WordTable()

  private init() {
    var lengths = [UInt16](repeating: 0, count: 256)
    var starts: [Int] = []
    var entries: [Entry] = []
    for length in 0...13 {
      starts.append(entries.count)
      for word in Word.allCases where word != .other {
        let bytes = Array(word.spelling.utf8)
        guard bytes.count == length, let first = bytes.first else { continue }
        let (low, high) = WordTable.pack(bytes, 0, length)
        entries.append(Entry(low: low, high: high, word: word))
        lengths[Int(first)] |= 1 << UInt16(length)
        if word.rawValue >= Word.true.rawValue { lengths[Int(first & 0xDF)] |= 1 << UInt16(length) }
      }
    }
    starts.append(entries.count)
    self.lengths = lengths
    self.starts = starts
    self.entries = entries
  }

  @inline(__always)
  private static func pack(_ text: [UInt8], _ start: Int, _ end: Int) -> (UInt64, UInt64) {
    var low: UInt64 = 0
    var high: UInt64 = 0
    var index = start
    while index < end {
      high = high << 8 | low >> 56
      low = low << 8 | UInt64(text[index])
      index += 1
    }
    return (low, high)
  }

  /// The word at `start ..< end`; `true`, `false` and `none` in any case.
  func word(_ text: [UInt8], _ start: Int, _ end: Int) -> Word {
    let count = end - start
    guard count <= 13, count > 0, lengths[Int(text[start])] & 1 << UInt16(count) != 0 else {
      return .other
    }
    let (low, high) = WordTable.pack(text, start, end)
    let folded = low | (count == 4 ? 0x2020_2020 : 0x20_2020_2020)
    for index in starts[count]..<starts[count + 1] {
      let entry = entries[index]
      if entry.low == low, entry.high == high { return entry.word }
      if count <= 5, entry.low == folded, entry.word.rawValue >= Word.true.rawValue {
        return entry.word
      }
    }
    return .other
  }
}
