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
    let read = tree.sourceFile.declarations.map(Dump.declaration)
    #expect(
      read[0] == """
        [Linear layer gated by a sigmoid of itself.] layer GatedLinear(units: int >= 1, use_bias: bool = true)
          category: core
          aliases: GatedDense
          input: (batch, ...leading, features)
          output: (batch, ...leading, units)
          require ((units % 2) == 0), 'units must be even'
          weights {kernel: (features, (2 * units)), bias: <(2 * units)> when use_bias}
          macs: (((product(leading) * features) * 2) * units)
          pytorch: 'blocks.GatedLinear({features}, {units}, bias={use_bias})'
        """)
    #expect(
      read[9] == """
        layer BatchNormalization(axis: int = (-1), center: bool = true, scale: bool = true)
          input: x (batch, ...dims)
          require (axis != 0), 'the batch cannot be normalized'
          output: x
          weights {gamma: <x[axis]> when scale, beta: <x[axis]> when center}
          state {moving_mean: <x[axis]>, moving_variance: <x[axis]>}
        """)
    #expect(
      read[16] == """
        layer AdaptiveAveragePooling2D(output_size: (int >= 1 | none, int >= 1 | none))
          input: (batch, height, width, channels)
          output: (batch, (output_size[0] if (output_size[0] != none) else height), \
        (output_size[1] if (output_size[1] != none) else width), channels)
        """)
  }
}
