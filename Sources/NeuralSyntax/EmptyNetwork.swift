extension NetworkDeclaration {
  /// A network without sections, for what is checked outside any network.
  public static func empty(at range: SourceRange) -> NetworkDeclaration {
    NetworkDeclaration(
      name: Name("", range.startPoint), parameters: [], sections: [], documentation: nil,
      range: range)
  }
}
