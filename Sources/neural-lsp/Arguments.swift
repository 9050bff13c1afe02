/// What is wrong with a call, and how to mend it; ends the program with status 2.
struct UsageError: Error {
  var message: String

  init(_ message: String) { self.message = message }
}

/// An option that a verb takes.
struct Option: Sendable {
  /// With its dashes: `--format`.
  var name: String
  /// What stands for its value in the help; absent for one without a value.
  var value: String?
  var help: String
  /// What the value may be, where it is one of a few.
  var choices: [String] = []
  var isRepeatable = false
}

/// A call's options and operands, by the rules that every verb shares: `--name value` or
/// `--name=value`, in any order, and nothing is an option after `--`.
struct Arguments {
  private var values: [String: [String]] = [:]
  private(set) var operands: [String] = []

  init(_ words: ArraySlice<String>, options: [Option]) throws(UsageError) {
    var words = words
    while let word = words.popFirst() {
      if word == "--" {
        operands += words
        return
      }
      guard word.hasPrefix("-"), word != "-" else {
        operands.append(word)
        continue
      }
      let equals = word.hasPrefix("--") ? word.firstIndex(of: "=") : nil
      let name = equals.map { String(word[..<$0]) } ?? word
      guard let option = options.first(where: { $0.name == name }) else {
        throw UsageError(
          "There is no option \(name)\(suggestion(name, among: options.map(\.name))).")
      }
      var value = equals.map { String(word[word.index(after: $0)...]) }
      if option.value != nil {
        if value == nil { value = words.popFirst() }
        guard let value else { throw UsageError("\(name) needs a value: \(option.value ?? "").") }
        if !option.choices.isEmpty, !option.choices.contains(value) {
          throw UsageError(
            "\(name) is one of \(option.choices.joined(separator: ", ")), not \(value).")
        }
      } else if value != nil {
        throw UsageError("\(name) takes no value.")
      }
      if values[name] != nil, !option.isRepeatable {
        throw UsageError("\(name) is given twice.")
      }
      values[name, default: []].append(value ?? "")
    }
  }

  func contains(_ name: String) -> Bool { values[name] != nil }
  func all(_ name: String) -> [String] { values[name] ?? [] }
  subscript(name: String) -> String? { values[name]?.first }

  /// The one operand of a verb that takes just one.
  func single(_ what: String) throws(UsageError) -> String {
    guard let operand = operands.first, operands.count == 1 else {
      throw UsageError(
        operands.isEmpty ? "Name \(what)." : "Name one \(what), not \(operands.count).")
    }
    return operand
  }

  func none() throws(UsageError) {
    if let operand = operands.first { throw UsageError("\(operand) is one word too many.") }
  }
}

/// `, but --format` where a name is near.
func suggestion(_ name: String, among names: [String]) -> String {
  func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let best = min(row[j + 1] + 1, row[j] + 1, diagonal + (a == b ? 0 : 1))
        diagonal = row[j + 1]
        row[j + 1] = best
      }
    }
    return row[right.count]
  }
  guard name.utf8.count < 100 else { return "" }
  let near = names.map { ($0, distance(Array(name.utf8), Array($0.utf8))) }.min { $0.1 < $1.1 }
  guard let near, near.1 <= max(2, name.utf8.count / 4) else { return "" }
  return ", but \(near.0)"
}
