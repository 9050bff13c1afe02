import NeuralSchema
import NeuralSyntax

/// Keeps silent what follows from a syntax error: a statement that was read in part lacks
/// arguments, a name in what was passed over seems unused, shapes behind a lost layer do not fit.
struct SyntaxConsequences {
  private let tree: SyntaxTree
  /// Lines of statements that were not read as a whole.
  private var brokenLines: Set<Int> = []
  /// The names that stand on them.
  private var brokenNames: Set<String> = []
  private var declarations: [Range<Int>] = []
  /// For each declaration with an error, where the first one stands.
  private var firstError: [Int: Int] = [:]
  /// The same for errors after which it is unknown what the text means.
  private var firstLoss: [Int: Int] = [:]
  private var isEmpty = true
  private var errors: Set<Range<Int>> = []
  /// A declaration or an import is lost: names may be declared there.
  private var losesDeclarations = false

  init(_ document: Document) {
    tree = document.tree
    let errors = tree.errors.filter { $0.code != .invalidUTF8 && $0.code != .oldForm }
    guard !errors.isEmpty else { return }
    isEmpty = false
    declarations = document.source.declarations.map { tree.range(of: $0.range) }
    for error in errors { note(error) }
    self.errors = Set(tree.errors.map { tree.range(of: $0.range) })
  }

  private mutating func note(_ error: SyntaxError) {
    let place = tree.range(of: error.range)
    let item = item(at: place)
    let lines =
      line(min(item.lowerBound, place.lowerBound))...line(max(item.upperBound, place.upperBound))
    for line in lines.prefix(SyntaxConsequences.maximalLines)
    where brokenLines.insert(line).inserted {
      noteNames(of: line)
    }
    let closesBlock =
      error.fix.map { $0.text.utf8.contains(0x7D) } ?? false || tree.text(in: place) == [0x7D]
    guard let declaration = declaration(at: place.lowerBound) else {
      if error.fix == nil { losesDeclarations = true }
      return
    }
    firstError[declaration] = min(firstError[declaration] ?? .max, place.lowerBound)
    if closesBlock {
      // What stands in any of the blocks around may belong elsewhere.
      firstLoss[declaration] = declarations[declaration].lowerBound
    } else if error.fix == nil {
      firstLoss[declaration] = min(firstLoss[declaration] ?? .max, place.lowerBound)
    }
    if tree.node(at: place.lowerBound).kind == .importDeclaration { losesDeclarations = true }
  }

  private static let maximalLines = 256

  /// The statement, setting or entry around a place, if no block belongs to it.
  private func item(at place: Range<Int>) -> Range<Int> {
    let node = tree.node(at: place.lowerBound)
    for node in [node] + node.ancestors {
      switch node.kind {
      case .flow, .letStatement, .setting, .inputItem, .outputItem, .requireItem, .weightEntry,
        .macsItem, .entry, .importDeclaration, .parameterList, .inputGroup, .whereClause:
        let hasBlock = node.children.contains { child in
          child.kind == .settings
            || child.kind == .step && child.children.contains { $0.kind == .block }
        }
        return hasBlock ? place : node.range
      case .block, .settings, .layerBlock, .section, .network, .definition: return place
      default: continue
      }
    }
    return place
  }

  private mutating func noteNames(of line: Int) {
    let start = tree.offset(of: TextPosition(line: line, column: 0), in: .utf8)
    let end = tree.offset(of: TextPosition(line: line + 1, column: 0), in: .utf8)
    // A line of a file that is no text has no names worth the time.
    let bytes = tree.text(in: start..<max(start, min(end, start + 4096)))
    for word in bytes.split(whereSeparator: { !SyntaxConsequences.isNamePart($0) }) {
      brokenNames.insert(String(decoding: word, as: UTF8.self))
    }
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    byte == 0x5F || byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
  }

  private func line(_ offset: Int) -> Int { tree.position(at: offset, in: .utf8).line }

  private func declaration(at offset: Int) -> Int? {
    var low = 0
    var high = declarations.count
    while low < high {
      let middle = (low + high) / 2
      if declarations[middle].upperBound < offset { low = middle + 1 } else { high = middle }
    }
    guard low < declarations.count, declarations[low].lowerBound <= offset else { return nil }
    return low
  }

  /// Whether a finding says nothing that holds whatever the broken text is meant to be.
  func explain(_ diagnostic: Diagnostic) -> Bool {
    if isEmpty { return false }
    switch diagnostic.code {
    case .invalidUTF8, .expansionLimit, .importCycle: return false
    case .syntaxError, .unterminatedString: if errors.contains(diagnostic.range) { return false }
    default: break
    }
    let start = diagnostic.range.lowerBound
    if brokenLines.contains(line(start)) { return true }
    let declaration = declaration(at: start)
    let isInBroken = declaration.map { firstError[$0] != nil } ?? false
    let isAfterLoss = declaration.flatMap { firstLoss[$0] }.map { $0 <= start } ?? false
    switch diagnostic.code {
    case .missingSection, .unusedValue, .unusedAllow: return isInBroken
    case .unusedDefinition: return true
    case .undefinedName, .unknownLayer:
      let name = String(decoding: tree.text(in: diagnostic.range), as: UTF8.self)
      return losesDeclarations || isAfterLoss && diagnostic.code == .undefinedName
        || brokenNames.contains(name)
    case .rankMismatch, .shapeMismatch, .inputCount, .noCurrentValue, .sizeTooSmall,
      .notDivisible, .dtypeMismatch, .implicitBroadcast, .selfMerge, .channelOrder,
      .batchReading, .unprovableShape, .lossMismatch, .labelMismatch, .doubleSoftmax,
      .degenerateActivation, .notConstant, .duplicateName, .duplicateSection, .oldForm:
      return isAfterLoss
    default: return false
    }
  }
}
