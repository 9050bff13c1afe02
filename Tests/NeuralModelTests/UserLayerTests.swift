import Testing

@testable import NeuralModel

/// Layers that users declare: used as the built-in ones, and checked where they stand.
@Suite struct UserLayerTests {
  @Test func usedAsBuiltInOnes() throws {
    let analysis = analyse(
      """
      ## Linear layer gated by a sigmoid of itself.
      layer GatedLinear(units: int >= 1, use_bias: bool = true) {
        aliases: GatedDense
        input: (batch, ...leading, features)
        output: (batch, ...leading, units)
        require units % 2 == 0, "units must be even" as not-divisible
        weights {
          kernel: (features, 2 * units)
          bias: (2 * units) when use_bias
        }
        macs: product(leading) * features * 2 * units
      }
      layer Twice(layer: layer) {
        input: x (batch, features)
        let first = apply("first", layer, x)
        let second = apply("second", GatedLinear(4), first)
        output: second
      }
      layer Narrow(units: int >= 1) {
        input: (batch, ...dims)
        body {
          GatedLinear(units, use_bias=false) -> gated
          gated -> Dense(units // 2)
        }
      }
      network A {
        input: (8)
        layers:
          GatedLinear(6) -> GatedDense(4) -> Twice(GatedLinear(2)) -> Narrow(6)
      }
      """)
    #expect(analysis.diagnostics.isEmpty)
    let graph = try #require(analysis.networks.first)
    #expect(
      graph.nodes.map(\.path) == [
        "gated_linear_1", "gated_linear_2", "twice_1", "narrow_1/gated", "narrow_1/dense_1",
      ])
    #expect(graph.nodes[0].parameterCount == .constant(8 * 12 + 12))
    #expect(graph.nodes[0].macs == .constant(8 * 12))
    #expect(graph.nodes[2].weights.map(\.name).first == "first/kernel")
    #expect(graph.type(of: graph.outputs[0].value)?.description == "(batch, 3)")
  }

  @Test func usesAreChecked() {
    check(
      """
      layer Pair(units: int >= 1) {
        input: (batch, features)
        require units % 2 == 0, "units = {units} must be even" as not-divisible
        output: (batch, units)
      }
      network A {
        input: (8)
        layers:
          Pair(3)
      #        ^ not-divisible: units = 3 must be even
      }
      network B {
        input: (8, 8)
        layers:
          Pair(0)
      #        ^ invalid-argument: an integer >= 1
      }
      network C {
        input: (8, 8)
        layers:
          Pair(unit=4)
      #        ^^^^^^ unknown-argument: did you mean `units`?
      #   ^^^^ rank-mismatch: expects (batch, features)
      }
      network D { input: (8) layers: Pare(2) }
      #                              ^^^^ unknown-layer: did you mean `Pair`?
      """)
  }

  /// Mistakes of a declaration are found there, whether or not anything uses it.
  @Test func mistakesInDeclarations() {
    check(
      """
      layer Rule(units: int >= 1) {
        input: (batch, ...dims, features)
        let width = feature * 2
      #             ^^^^^^^ undefined-name: did you mean `features`?
        require units > 0, "units" as no-such-code
      #                               ^^^^^^^^^^^^ undefined-name: there is no finding called `no-such-code`
        output: (batch, ...dims, widht)
      #                          ^^^^^ undefined-name: did you mean `width`?
        weights { kernel: (features, unitz) when unit > 1 }
      #                              ^^^^^ undefined-name: did you mean `units`?
      #                                          ^^^^ undefined-name: did you mean `units`?
        macs: prodct(dims)
      #       ^^^^^^ unknown-layer: did you mean `product`?
      }
      layer Made(units: int) {
        input: x (batch, ...dims)
        body {
          Dnse(units)
      #   ^^^^ unknown-layer: did you mean `Dense`?
          Dense(unit)
      #         ^^^^ undefined-name: did you mean `units`?
        }
      }
      layer Idle() {
      #     ^^^^ unused-definition
        input: (batch, ...dims)
        output: (batch, ...dims)
      }
      layer Inner() {
        input: (batch, ...dims)
        output: (batch, ...dims)
      }
      layer Outer(x: int = 1) {
        input: a (batch, ...dims)
        output: apply("inner", Inner(), a)
      }
      layer Endless() {
        input: (batch, ...dims)
        body { Endless() }
      #        ^^^^^^^ recursive-definition
      }
      network A { input: (8) layers: Made(2) Outer() Rule(3) Endless() }
      """)
  }

  /// A mistake that only a use brings about stands in the declaration's text, with the use beside it.
  @Test func mistakesInABody() {
    check(
      """
      layer Made(units: int) {
        input: (batch, ...dims)
        body {
          Dense(units)
          MaxPooling2D()
      #   ^^^^^^^^^^^^ rank-mismatch: (batch, 2)
        }
      }
      network A {
        input: (8)
        layers:
          Made(2)
      #   ^^^^ related: in this use of `Made`
      }
      """)
  }
}
