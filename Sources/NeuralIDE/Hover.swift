/// What is known of the thing at a place.
public struct Hover: Sendable, Equatable {
  public var markdown: String
  /// The bytes that it speaks of.
  public var range: Range<Int>

  public init(markdown: String, range: Range<Int>) {
    self.markdown = markdown
    self.range = range
  }
}
