import Foundation
import LanguageServerProtocol
import NeuralIDE
import NeuralModel
import NeuralServer
import NeuralSyntax

/// A service for a language in which `bad` is wrong and everything else is fine.
struct FakeService: LanguageService, LanguageSnapshot {
  var texts: [String: SyntaxTree] = [:]
  var order: [String] = []
  var features: LanguageFeatures = [
    .hover, .inlayHints, .completion, .codeActions, .generation, .semanticTokens,
  ]
  /// Holds up hovers until it is opened.
  var gate: Gate?
  /// Holds up the findings of files that are not open.
  var checkGate: Gate?
  /// Hold up those of open ones, by path.
  var openGates: [String: Gate] = [:]
  var closedFiles: [String] = []
  var generated = "# generated\n"
  var isBinary = false
  var folder: String?

  mutating func open(_ path: String, text: [UInt8]) {
    texts[path] = SyntaxTree.parse(text)
    if !order.contains(path) { order.append(path) }
  }

  mutating func replace(_ path: String, _ range: Range<Int>, with text: [UInt8]) {
    guard var bytes = texts[path]?.text else { return }
    bytes.replaceSubrange(range, with: text)
    texts[path] = SyntaxTree.parse(bytes)
  }

  mutating func close(_ path: String) { texts[path] = nil }
  mutating func fileChanged(_ path: String) {}
  func tree(_ path: String) -> SyntaxTree? { texts[path] }
  func snapshot() -> any LanguageSnapshot { self }

  func path(of file: FileID) -> String? {
    order.indices.contains(Int(file.rawValue)) ? order[Int(file.rawValue)] : nil
  }

  private func file(_ path: String) -> FileID {
    FileID(rawValue: Int32(order.firstIndex(of: path) ?? 0))
  }

  private func occurrences(of word: String, in path: String) -> [Range<Int>] {
    guard let bytes = texts[path]?.text else { return [] }
    let word = Array(word.utf8)
    return bytes.indices.filter { bytes[$0...].starts(with: word) }.map { $0..<$0 + word.count }
  }

  func sourceFiles() -> [String] { texts.keys.sorted() + closedFiles }

  func diagnostics(_ path: String) -> [Diagnostic] {
    if texts[path] == nil { checkGate?.wait() }
    openGates[path]?.wait()
    // A document may import another by naming its path.
    let imported = texts.keys.filter { other in
      other != path && !occurrences(of: "import \(other)", in: path).isEmpty
    }
    let elsewhere = imported.flatMap { other in
      occurrences(of: "bad", in: other).map {
        Diagnostic(
          code: .importNotFound, severity: .warning, message: "the import is bad", file: file(path),
          range: 0..<6,
          related: [.init(message: "here", file: file(other), range: $0)])
      }
    }
    return occurrences(of: "bad", in: path).map { range in
      Diagnostic(
        code: .unknownLayer, severity: .error, message: "bad is wrong", file: file(path),
        range: range,
        related: [.init(message: "where it starts", file: file(path), range: 0..<1)],
        fixes: [
          Fix(
            title: "Write good",
            edits: [TextEdit(file: file(path), range: range, text: "good")])
        ])
    } + elsewhere
  }

  func hover(_ path: String, at offset: Int, devices: @escaping (String) -> String?) -> Hover? {
    gate?.wait()
    return Hover(markdown: "**\(offset)**", range: offset..<offset)
  }

  func inlayHints(_ path: String, in range: Range<Int>, options: InlayHintOptions) -> [InlayHint] {
    [
      InlayHint(offset: range.lowerBound, label: "units:", kind: .parameter),
      InlayHint(
        offset: range.upperBound, label: options.everyStep ? "every" : "(batch, 10)", kind: .shape,
        tooltip: "tip"),
    ]
  }

  func completions(_ path: String, at offset: Int, devices: [String]) -> [CompletionItem] {
    [
      CompletionItem(
        label: "Dense", kind: .layer, detail: "(units)", documentation: "*doc*",
        insertText: "Dense(${1:64}, \\$$0)", isSnippet: true, replaceRange: offset..<offset,
        sortText: "0")
    ]
  }

  /// `bad` is a size, every `x` a variable, and every `y` a comment.
  func semanticTokens(_ path: String, in range: Range<Int>?) -> [SemanticToken] {
    let tokens =
      occurrences(of: "bad", in: path).map {
        SemanticToken(range: $0, kind: .typeParameter, modifiers: [.declaration, .readonly])
      } + occurrences(of: "x", in: path).map { SemanticToken(range: $0, kind: .variable) }
      + occurrences(of: "y", in: path).map { SemanticToken(range: $0, kind: .comment) }
    return tokens.filter { range?.overlaps($0.range) ?? true }
      .sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  func codeActions(
    _ path: String, in range: Range<Int>, ofKind isWanted: @escaping (String) -> Bool,
    isCancelled: @escaping () -> Bool
  ) -> [CodeAction] {
    let all =
      CodeAction.quickFixes(for: diagnostics(path), in: range) + [
        CodeAction(
          title: "Generate PyTorch", kind: "source.generate.pytorch",
          generation: .init(network: "N", target: "pytorch")),
        CodeAction(
          title: "Extract", kind: "refactor.extract",
          newFiles: [.init(path: "/w/new.neural", text: "new")]),
      ]
    return all.filter { !isCancelled() && isWanted($0.kind) }
  }

  func generate(_ path: String, network: String?, target: String) throws(GenerationError)
    -> [GeneratedFile]
  {
    guard target == "pytorch" else { throw GenerationError("There is no target \(target).") }
    let place = folder.map { $0 + "/N.py" } ?? path.replacing(".neural", with: ".py")
    return [
      GeneratedFile(
        path: place, contents: Array(generated.utf8), isText: !isBinary, language: "python")
    ]
  }

  func isUneditedGeneration(_ contents: [UInt8]) -> Bool {
    contents.starts(with: "# generated".utf8)
  }
}

/// Blocks whoever waits until it is opened.
final class Gate: @unchecked Sendable {
  private let condition = NSCondition()
  private var isOpen = false
  private var count = 0

  func wait() {
    condition.withLock {
      count += 1
      condition.broadcast()
      while !isOpen { condition.wait() }
    }
  }

  func open() {
    condition.withLock {
      isOpen = true
      condition.broadcast()
    }
  }

  /// How many wait or have waited.
  var arrivals: Int { condition.withLock { count } }

  /// Until so many wait or have waited.
  func awaitArrivals(_ arrivals: Int) {
    condition.withLock {
      let deadline = Date().addingTimeInterval(10)
      while count < arrivals, condition.wait(until: deadline) {}
    }
  }
}
