import Testing

@testable import NeuralSyntax

@Suite struct LayerDeclarationTests {
  @Test func everyDeclarationOfTheFixtureIsRead() {
    let tree = check(declarationsFixture)
    #expect(errors(tree) == [])
    let names = tree.sourceFile.declarations.compactMap { declaration in
      if case .layer(let layer) = declaration { layer.name.text } else { nil }
    }
    #expect(
      names == [
        "GatedLinear", "Conv2D", "Conv2DTranspose", "MaxPooling2D", "LSTM", "Bidirectional",
        "TimeDistributed", "MultiHeadAttention", "TransformerEncoder", "BatchNormalization",
        "Flatten", "Reshape", "Permute", "Concatenate", "Add", "Embedding",
        "AdaptiveAveragePooling2D", "DepthToSpace", "ZeroPadding2D", "Lambda", "GraphConv",
      ])
  }
}
