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

  /// The declarations in the form of `layer`.
  var declaresLayer: Bool {
    self == .layer || (Word.activation.rawValue...Word.settings.rawValue).contains(rawValue)
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

  private static func spelling(_ word: Word) -> String {
    switch word {
    case .other: ""
    case .dataFormat: "data_format"
    case .searchMethod: "search_method"
    default: "\(word)"
    }
  }

  private struct Entry {
    var low: UInt64
    var high: UInt64
    var word: Word
  }

  /// For each length, the words of that length.
  private static let table: [[Entry]] = {
    var table = [[Entry]](repeating: [], count: 14)
    for word in allCases where word != .other {
      let bytes = Array(spelling(word).utf8)
      let (low, high) = pack(bytes, 0, bytes.count)
      if table.indices.contains(bytes.count) {
        table[bytes.count].append(Entry(low: low, high: high, word: word))
      }
    }
    return table
  }()

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
  static func of(_ text: [UInt8], _ start: Int, _ end: Int) -> Word {
    let count = end - start
    guard count >= 2, count <= 13 else { return .other }
    let (low, high) = pack(text, start, end)
    for entry in table[count] where entry.low == low && entry.high == high { return entry.word }
    if count == 4 || count == 5 {
      let folded = low | (count == 4 ? 0x2020_2020 : 0x20_2020_2020)
      for entry in table[count]
      where entry.low == folded && entry.word.rawValue >= Word.true.rawValue {
        return entry.word
      }
    }
    return .other
  }
}
