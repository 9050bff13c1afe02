import NeuralSyntax

/// Compares trees with those of texts that are read from their start.
public enum TreeDifference {
  /// Chunks so large that nothing but the end of the text ends one.
  private static let unlimited = 1 << 30

  /// What an edited tree says otherwise than the tree of `text`, if anything.
  public static func between(_ tree: SyntaxTree, _ text: [UInt8]) -> String? {
    between(tree, text, outline: nil)
  }

  /// The same where the tree's outline is known.
  static func between(
    _ tree: SyntaxTree, _ text: [UInt8], outline: [SyntaxTree.Outline]?
  ) -> String? {
    if tree.text != text { return "the texts differ" }
    let fresh = SyntaxTree.parse(text, chunkSize: unlimited)
    let (edited, expected) = (outline ?? tree.outline, fresh.outline)
    if edited != expected {
      let index = zip(edited, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      let place = index ?? min(edited.count, expected.count)
      return "node \(place) is \(edited.dropFirst(place).prefix(3)) instead of "
        + "\(expected.dropFirst(place).prefix(3))"
    }
    if tree.lineCount != fresh.lineCount { return "the line counts differ" }
    let (errors, expectedErrors) = (Self.errors(of: tree), Self.errors(of: fresh))
    if errors != expectedErrors {
      let index = zip(errors, expectedErrors).enumerated().first { $0.element.0 != $0.element.1 }?
        .offset
      let place = index ?? min(errors.count, expectedErrors.count)
      return "error \(place) of \(errors.count) is \(errors.dropFirst(place).prefix(1)) instead of "
        + "\(expectedErrors.dropFirst(place).prefix(1)) of \(expectedErrors.count)"
    }
    return nil
  }

  private struct FlatError: Equatable {
    var code: SyntaxError.Code
    var message: String
    var range: Range<Int>
    var fix: [String]
    var places: [Range<Int>]
  }

  private static func errors(of tree: SyntaxTree) -> [FlatError] {
    tree.errors.map { error in
      FlatError(
        code: error.code, message: error.message, range: tree.range(of: error.range),
        fix: [error.fix?.title, error.fix?.text, error.related?.message].compactMap { $0 },
        places: [error.fix?.range, error.related?.range].compactMap { $0 }
          .map { tree.range(of: $0) })
    }
  }
}
