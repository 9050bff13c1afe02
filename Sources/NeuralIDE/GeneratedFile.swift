/// A file that a target makes of a network.
public struct GeneratedFile: Sendable, Equatable {
  /// Where it belongs: beside the source, unless the caller says otherwise.
  public var path: String
  public var contents: [UInt8]
  /// UTF-8 text that an editor can show; an ONNX model is none.
  public var isText: Bool
  /// What editors call its language: `python`.
  public var language: String

  public init(path: String, contents: [UInt8], isText: Bool, language: String) {
    self.path = path
    self.contents = contents
    self.isText = isText
    self.language = language
  }
}

/// Why nothing was generated, in words for the user.
public struct GenerationError: Error, Equatable {
  public var message: String

  public init(_ message: String) { self.message = message }
}
