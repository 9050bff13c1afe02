import NeuralModel

/// A change that is offered at a place.
public struct CodeAction: Sendable, Equatable {
  public struct NewFile: Sendable, Equatable {
    public var path: String
    public var text: String

    public init(path: String, text: String) {
      self.path = path
      self.text = text
    }
  }

  /// Code to be generated when the action is chosen, not before.
  public struct Generation: Sendable, Equatable {
    /// All networks of the file where it is absent.
    public var network: String?
    /// `pytorch`, `tensorflow`, `jax` or `onnx`.
    public var target: String

    public init(network: String?, target: String) {
      self.network = network
      self.target = target
    }
  }

  public var title: String
  /// A kind of the protocol: `quickfix`, `refactor.extract`, `source.generate.pytorch`, …
  public var kind: String
  public var isPreferred: Bool
  public var edits: [TextEdit]
  public var newFiles: [NewFile]
  public var generation: Generation?
  /// The findings that it mends.
  public var diagnostics: [Diagnostic]

  public init(
    title: String, kind: String, isPreferred: Bool = false, edits: [TextEdit] = [],
    newFiles: [NewFile] = [], generation: Generation? = nil, diagnostics: [Diagnostic] = []
  ) {
    self.title = title
    self.kind = kind
    self.isPreferred = isPreferred
    self.edits = edits
    self.newFiles = newFiles
    self.generation = generation
    self.diagnostics = diagnostics
  }
}
