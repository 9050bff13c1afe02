/// A file of the workspace, or one of the catalogue's.
public struct FileID: Hashable, Sendable, Comparable {
  public var rawValue: Int32

  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// A file of the catalogue: those count down from -1.
  public init(catalogueFile index: Int) { rawValue = -1 - Int32(clamping: index) }

  /// Its place among the catalogue's files; `nil` for a file of the workspace.
  public var catalogueFile: Int? { rawValue < 0 ? -1 - Int(rawValue) : nil }

  public static func < (left: FileID, right: FileID) -> Bool { left.rawValue < right.rawValue }
}
