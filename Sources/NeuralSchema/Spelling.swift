/// The number of single-letter edits between two words, swaps of neighbours included; `nil` where
/// it is more than `limit`. (Optimal string alignment distance.)
func editDistance(_ left: String, _ right: String, limit: Int) -> Int? {
  let (a, b) = (Array(left.utf8), Array(right.utf8))
  if abs(a.count - b.count) > limit || a.count > 256 || b.count > 256 { return nil }
  var beforePrevious: [Int] = []
  var previous = Array(0...b.count)
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var cost = min(previous[j + 1] + 1, row[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        cost = min(cost, beforePrevious[j - 1] + 1)
      }
      row.append(cost)
    }
    if (row.min() ?? 0) > limit { return nil }
    (beforePrevious, previous) = (previous, row)
  }
  let distance = previous[b.count]
  return distance <= limit ? distance : nil
}

/// Names that are compared with a misspelt one.
private let suggestionLimit = 1_000

/// The candidate that a reader would take `name` for, if there is one: case is ignored, and longer
/// words may be further off.
public func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
  let word = name.lowercased()
  let limit = word.utf8.count <= 3 ? 1 : word.utf8.count <= 7 ? 2 : 3
  var best: (candidate: String, distance: Int)?
  // A file can declare any number of names, and misspell as many.
  for candidate in candidates.prefix(suggestionLimit) {
    guard abs(candidate.utf8.count - word.utf8.count) <= limit,
      let distance = editDistance(word, candidate.lowercased(), limit: limit)
    else { continue }
    if let current = best, (current.distance, current.candidate) <= (distance, candidate) {
      continue
    }
    best = (candidate, distance)
  }
  return best?.candidate
}

/// Keras's snake case of a class name: `Conv2D` is `conv2d`, `ReLU` is `re_lu`.
public func snakeCase(_ name: String) -> String {
  let letters = Array(name.utf8)
  func isUpper(_ byte: UInt8) -> Bool { (65...90).contains(byte) }
  func isLower(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
  var result: [UInt8] = []
  for (index, letter) in letters.enumerated() {
    if index > 0, isUpper(letter), letters[index - 1] != 95 {
      let startsWord = index + 1 < letters.count && isLower(letters[index + 1])
      if startsWord || isLower(letters[index - 1]) { result.append(95) }
    }
    result.append(isUpper(letter) ? letter + 32 : letter)
  }
  return String(decoding: result, as: UTF8.self)
}
