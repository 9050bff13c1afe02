import NeuralIDE
import NeuralModel
import NeuralSyntax

/// The documents of a session and what the model knows of them.
public struct ModelService: LanguageService, LanguageSnapshot {
  private struct Entry: Sendable {
    var document: Document
    var analysis: Lazy<Analysis>

    init(_ document: Document) {
      self.document = document
      analysis = Lazy { Analysis(document) }
    }
  }

  private var entries: [String: Entry] = [:]
  /// Every path that was ever asked about; a file's number is its place.
  private var paths: [String] = []
  private var numbers: [String: FileID] = [:]

  public init() {}

  public var features: LanguageFeatures { [.codeActions] }

  public mutating func open(_ path: String, text: [UInt8]) {
    let id = numbers[path] ?? FileID(rawValue: Int32(clamping: paths.count))
    if numbers[path] == nil {
      numbers[path] = id
      paths.append(path)
    }
    entries[path] = Entry(Document(id: id, path: path, text: text))
  }

  public mutating func replace(_ path: String, _ range: Range<Int>, with text: [UInt8]) {
    guard let document = entries[path]?.document else { return }
    var bytes = document.tree.text
    bytes.replaceSubrange(range.clamped(to: 0..<bytes.count), with: text)
    entries[path] = Entry(Document(id: document.id, path: path, text: bytes))
  }

  public mutating func close(_ path: String) { entries[path] = nil }

  public mutating func fileChanged(_ path: String) {}

  public func tree(_ path: String) -> SyntaxTree? { entries[path]?.document.tree }

  public func snapshot() -> any LanguageSnapshot { self }

  public func path(of file: FileID) -> String? {
    paths.indices.contains(Int(file.rawValue)) ? paths[Int(file.rawValue)] : nil
  }

  public func diagnostics(_ path: String) -> [Diagnostic] {
    entries[path]?.analysis.value.diagnostics ?? []
  }

  public func codeActions(_ path: String, in range: Range<Int>) -> [CodeAction] {
    CodeAction.quickFixes(for: diagnostics(path), in: range)
  }

  public func summaries(
    _ path: String, network: String?, settings: [(name: String, value: String)]
  ) throws(GenerationError) -> [NetworkSummary] {
    if let setting = settings.first {
      throw GenerationError("--set \(setting.name): parameters cannot be set yet.")
    }
    guard let analysis = entries[path]?.analysis.value else { return [] }
    let graphs = analysis.networks.filter { network == nil || $0.name == network }
    if graphs.isEmpty, let network {
      let names = analysis.networks.map(\.name).joined(separator: ", ")
      throw GenerationError("There is no network \(network) here, but \(names).")
    }
    return graphs.filter(\.isComplete).map { NetworkSummary($0, tree: analysis.document.tree) }
  }
}

/// A value that is computed once, when it is first asked for, by whichever thread asks.
final class Lazy<Value: Sendable>: Sendable {
  private enum State {
    case waiting(@Sendable () -> Value)
    case done(Value)
  }

  private let state: Lock<State>

  init(_ compute: @escaping @Sendable () -> Value) { state = Lock(.waiting(compute)) }

  var value: Value {
    state.withLock { state in
      switch state {
      case .done(let value): return value
      case .waiting(let compute):
        let value = compute()
        state = .done(value)
        return value
      }
    }
  }
}
