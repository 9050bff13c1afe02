import Testing

@testable import NeuralSchema

@Suite struct CatalogueTests {
  @Test func declarationsAreFreeOfFindings() {
    let catalogue = Catalogue.builtin
    for (file, error) in catalogue.findings {
      let source = catalogue.files[file]
      let offset = source.tree.range(of: error.range).lowerBound
      let position = source.tree.position(at: offset, in: .utf8)
      Issue.record("\(source.name):\(position.line + 1):\(position.column + 1): \(error.message)")
    }
    #expect(catalogue.layers.count > 40)
  }

  @Test func builtinRulesAndDeclarationsFitTogether() {
    let declared = Set(Catalogue.builtin.layers.filter(\.hasBuiltinRule).map(\.name))
    #expect(Set(BuiltinRules.all.keys) == declared)
  }
}
