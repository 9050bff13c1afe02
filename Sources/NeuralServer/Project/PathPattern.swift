import NeuralModel

/// A pattern for paths below a folder: `*` and `?` stand for what has no slash, `**` for any folders.
/// Without a slash it fits at any depth; what fits a folder fits all that is in it.
public struct PathPattern: Sendable, Equatable {
  private var parts: [[UInt8]]

  public init(_ text: String) {
    parts = text.split(separator: "/").filter { $0 != "." }.map { Array($0.utf8) }
    let isAnywhere = !text.dropLast(text.hasSuffix("/") ? 1 : 0).contains("/")
    if isAnywhere, parts.first != Array("**".utf8) { parts.insert(Array("**".utf8), at: 0) }
  }

  /// Whether it fits a path, which is relative to the pattern's folder.
  public func matches(_ path: String) -> Bool {
    let components = path.split(separator: "/").map { Array($0.utf8) }
    return fits(parts[...], components[...])
  }

  private func fits(_ parts: ArraySlice<[UInt8]>, _ path: ArraySlice<[UInt8]>) -> Bool {
    guard let part = parts.first else { return true }
    if part == Array("**".utf8) {
      // A pattern that ends so means what is in the folder.
      if parts.count == 1 { return !path.isEmpty }
      return (path.startIndex...path.endIndex).contains { fits(parts.dropFirst(), path[$0...]) }
    }
    guard let component = path.first else { return false }
    return Self.fits(part[...], component[...]) && fits(parts.dropFirst(), path.dropFirst())
  }

  private static func fits(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    // The usual way with one star remembered: linear but for the star's text.
    var (pattern, text) = (pattern, text)
    var star: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
    while !text.isEmpty {
      if pattern.first == UInt8(ascii: "*") {
        pattern = pattern.dropFirst()
        star = (pattern, text)
      } else if let first = pattern.first, first == UInt8(ascii: "?") || first == text.first {
        pattern = pattern.dropFirst()
        text = text.dropFirst()
      } else if let last = star {
        let rest = last.text.dropFirst()
        star = (last.pattern, rest)
        (pattern, text) = (last.pattern, rest)
      } else {
        return false
      }
    }
    return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
