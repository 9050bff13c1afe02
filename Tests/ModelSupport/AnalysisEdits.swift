import NeuralModel
import NeuralSyntax
import Support

/// Random edits of networks that are mostly in order: after each the analysis that goes on from an
/// earlier one says the same as that of the text alone.
public struct AnalysisEdits {
  private var random: SplitMix64
  private let bases: [[UInt8]]
  private var text: [UInt8] = []
  private var undo: [[UInt8]] = []
  /// How many versions were compared, and how many of them inferred few layers.
  public private(set) var checks = 0

  /// `bases` are whole files.
  public init(seed: UInt64, bases: [[UInt8]]) {
    random = SplitMix64(seed: seed)
    self.bases = bases
  }

  /// What differs after which edits; `nil` where nothing does.
  public mutating func run(edits count: Int) -> String? {
    text = random.below(4) == 0 && !bases.isEmpty ? random.pick(bases) : network()
    let chunkSize = random.pick([48, 128, 400, 1024])
    var tree = SyntaxTree.parse(text, chunkSize: chunkSize)
    var document = Document(id: file, path: "fuzz.neural", tree: tree)
    var analysis = Analysis(document)
    for number in 0..<count {
      let before = text
      let edit = edit()
      text.replaceSubrange(edit.range, with: edit.text)
      tree = tree.replacing(edit.range, with: edit.text)
      document = Document(document, tree: tree)
      // A version that nobody asked about is passed over.
      if random.below(8) == 0 { continue }
      analysis = Analysis(document, after: analysis)
      checks += 1
      let fresh = Analysis(Document(id: file, path: "fuzz.neural", text: text))
      let (ours, theirs) = (AnalysisText(analysis).lines, AnalysisText(fresh).lines)
      if ours == theirs { continue }
      let place = zip(ours, theirs).enumerated().first { $0.element.0 != $0.element.1 }
      return """
        edit \(number), chunks of \(chunkSize), \(edit.range) becomes \
        "\(String(decoding: edit.text, as: UTF8.self))"
        goes on: \(place?.element.0 ?? "\(ours.count) lines")
        alone:   \(place?.element.1 ?? "\(theirs.count) lines")
        of the text
        \(String(decoding: before, as: UTF8.self))
        """
    }
    return nil
  }

  private let file = FileID(rawValue: 0)

  // MARK: Texts

  private mutating func number() -> String {
    random.pick(["4", "8", "16", "3", "2", "1", "0", "40"])
  }

  private mutating func name() -> String { random.pick(["a", "b", "c", "x", "skip", "_t"]) }

  private mutating func statement(isImage: Bool) -> String {
    let (n, m) = (number(), number())
    let (x, y) = (name(), name())
    switch random.below(isImage ? 26 : 22) {
    case 0, 1, 2: return "Dense(\(n))"
    case 3: return "Dense(\(n), activation=\"relu\") -> \(x)"
    case 4: return "-> \(x)"
    case 5: return "\(x) -> Dense(\(n)) -> \(y)"
    case 6: return "ReLU()  # neural: allow(unused-value)"
    case 7: return "Dropout(0.\(m))"
    case 8: return "Residual { Dense(\(n)); ReLU() }"
    case 9: return "Block(\(n))"
    case 10: return "Block(\(n)) * 2"
    case 11: return "let \(x) = \(n)"
    case 12: return "Dense(\(x))"
    case 13: return "let \(x) = Dense(\(n))"
    case 14: return "\(x)()"
    case 15: return "for i in range(2) { Dense(\(n)) -> s[i] }"
    case 16: return "(\(x), \(y)) -> Concatenate()"
    case 17: return "if dim(-1) > \(n) { Dense(\(m)) } else { ReLU() }"
    case 18: return "## what follows\n    Dense(\(n), name=\"\(x)\")"
    case 19: return "Dense(dim(-1, of=\(x)))"
    case 20: return "Add { branch { Dense(\(n)) } branch { Dense(\(m)) } }"
    case 21: return random.below(6) == 0 ? "Dense(HPO(choice(8, 16)))" : "LayerNormalization()"
    case 22: return "Conv2D(\(n), 3, padding=\"same\")"
    case 23: return "Conv2D(\(n), 3) -> \(x)"
    case 24: return "MaxPooling2D(2)"
    default: return "Flatten()"
    }
  }

  private mutating func network() -> [UInt8] {
    var text = ""
    if random.below(2) == 0 {
      text += "define Block(units) {\n  Dense(units) -> h\n  ReLU()\n  (h) -> ReLU() -> k\n}\n\n"
    }
    for index in 0...random.below(8) / 7 {
      let isImage = random.below(3) == 0
      let shape =
        isImage
        ? random.pick(["(32, 32, 3)", "(height, width, 3)", "(height, width, 3) where height > 40"])
        : random.pick(["(16)", "(n)", "{ a: (8), b: int32 (4) }", "(20, 8)"])
      text += "network N\(index) {\n  input: \(shape)\n  layers:\n"
      for _ in 0...random.below(24) { text += "    \(statement(isImage: isImage))\n" }
      if random.below(2) == 0 { text += "    Dense(1, activation=\"softmax\")\n" }
      text += "  loss: \"mean_squared_error\"\n  optimizer: Adam()\n}\n"
    }
    return Array(text.utf8)
  }

  // MARK: Edits

  private mutating func edit() -> Edit {
    let tokens = SyntaxTree.parse(text).tokens(in: 0..<text.count)
    defer { if undo.count > 20 { undo.removeFirst(10) } }
    switch random.below(12) {
    case 0 where !undo.isEmpty:
      // Back to an earlier text, by what differs only.
      let earlier = undo.removeLast()
      let start = zip(text, earlier).prefix { $0 == $1 }.count
      let rest = min(text.count, earlier.count) - start
      let end = zip(text.reversed(), earlier.reversed()).prefix { $0 == $1 }.count
      let tail = min(rest, end)
      return Edit(start..<text.count - tail, Array(earlier[start..<earlier.count - tail]))
    case 1:
      undo.append(text)
      let place = lineStart()
      return Edit(place..<place, Array("    \(statement(isImage: false))\n".utf8))
    case 2:
      undo.append(text)
      let place = lineStart()
      let end = text[place...].firstIndex(of: 0x0A).map { $0 + 1 } ?? text.count
      return Edit(place..<end, [])
    case 3:
      let place = lineStart()
      return Edit(place..<place, random.pick([[0x0A], Array("# c\n".utf8), Array("## d\n".utf8)]))
    case 4 where !tokens.isEmpty:
      undo.append(text)
      return Edit(random.pick(tokens).range, Array(random.pick(tokens).text.utf8))
    case 5:
      undo.append(text)
      let place = random.below(text.count + 1)
      return Edit(place..<place, Array(random.pick(["x", "(", "}", "\"", " ", "->", "1"]).utf8))
    case 6 where !text.isEmpty:
      undo.append(text)
      let place = random.below(text.count)
      return Edit(place..<place + 1, [])
    default:
      let numbers = tokens.filter { $0.kind == .integer }
      guard !numbers.isEmpty else { return Edit(text.count..<text.count, [0x0A]) }
      undo.append(text)
      return Edit(random.pick(numbers).range, Array(number().utf8))
    }
  }

  private mutating func lineStart() -> Int {
    let place = random.below(text.count + 1)
    return text[..<place].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
  }
}
