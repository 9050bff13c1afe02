import Testing

@testable import NeuralDimension

private let h = Symbol(id: 1, name: "h")
private let w = Symbol(id: 2, name: "w")

private func d(_ value: Int) -> Dimension { .constant(value) }
private let height = Dimension(h)
private let width = Dimension(w)

@Suite struct DimensionTests {
  @Test func sumsAndProductsHaveOneForm() throws {
    let left = try height.adding(width).multiplied(by: height.subtracting(width))
    let right = try height.multiplied(by: height).subtracting(width.multiplied(by: width))
    #expect(left == right)
    #expect(try height.subtracting(height) == d(0))
    #expect(try height.adding(d(3)).description == "h + 3")
    #expect(try d(3).subtracting(height).description == "3 - h")
  }

  @Test func floorsTakeOutWhatDivides() throws {
    #expect(
      try height.multiplied(by: d(4)).adding(d(6)).floorDivided(by: d(2)).description == "2*h + 3")
    // (2h + 1) // 4 = h // 2
    let reduced = try height.multiplied(by: d(2)).adding(d(1)).floorDivided(by: d(4))
    #expect(reduced.description == "h//2")
    #expect(try height.adding(d(1)).floorDivided(by: d(2)).description == "(h + 1)//2")
  }

  @Test func chainsOfWindowsStayOneFloor() throws {
    // Two windows of stride 2 with padding 1 and kernel 3: (h - 1)//2 + 1, twice.
    func window(_ size: Dimension) throws -> Dimension {
      try size.subtracting(d(1)).floorDivided(by: d(2)).adding(d(1))
    }
    let once = try window(height)
    let twice = try window(once)
    #expect(once.description == "(h + 1)//2")
    #expect(twice.description == "(h + 3)//4")
    for size in 1...50 {
      let first = (size - 1) / 2 + 1
      #expect(twice.evaluated([h: size]) == (first - 1) / 2 + 1)
    }
  }

  @Test func floorsRoundTowardMinusInfinity() throws {
    #expect(try d(-7).floorDivided(by: d(2)) == d(-4))
    #expect(try d(7).floorDivided(by: d(-2)) == d(-4))
    #expect(try d(-7).remainder(dividingBy: d(2)) == d(1))
    #expect(try d(7).ceilDivided(by: d(2)) == d(4))
    let shown = try height.ceilDivided(by: d(2))
    for size in 1...9 { #expect(shown.evaluated([h: size]) == (size + 1) / 2) }
  }

  @Test func overflowIsAnError() {
    #expect(throws: DimensionError.overflow) { try d(Int.max).adding(d(1)) }
    #expect(throws: DimensionError.overflow) { try d(Int.max).multiplied(by: d(2)) }
    #expect(throws: DimensionError.overflow) { try d(Int.min).floorDivided(by: d(-1)) }
    #expect(throws: DimensionError.divisionByZero) { try height.floorDivided(by: d(0)) }
    #expect(throws: DimensionError.overflow) { try d(3).raised(to: 100) }
  }

  @Test func divisionBySymbolsIsExactWhereItCanBe() throws {
    let area = try height.multiplied(by: width)
    #expect(try area.floorDivided(by: height) == width)
    #expect(try height.floorDivided(by: width).evaluated([h: 7, w: 2]) == 3)
  }

  @Test func equalityOfRandomExpressionsAgreesWithEvaluation() throws {
    var state: UInt64 = 42
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<500 {
      var dimension = next(2) == 0 ? height : width
      var steps: [(Int, Int)] = []
      let start = dimension
      for _ in 0..<(1 + next(5)) {
        let step = (next(4), 1 + next(5))
        steps.append(step)
        switch step.0 {
        case 0: dimension = try dimension.adding(d(step.1))
        case 1: dimension = try dimension.multiplied(by: d(step.1))
        case 2: dimension = try dimension.floorDivided(by: d(step.1))
        default: dimension = try dimension.subtracting(d(step.1))
        }
      }
      for size in [1, 2, 3, 7, 10, 31, 64] {
        var value = size
        for (operation, operand) in steps {
          switch operation {
          case 0: value += operand
          case 1: value *= operand
          case 2: value = Int((Double(value) / Double(operand)).rounded(.down))
          default: value -= operand
          }
        }
        #expect(dimension.evaluated([h: size, w: size]) == value, "\(start) \(steps) at \(size)")
      }
    }
  }
}

@Suite struct FactsTests {
  @Test func equalityIsDecidedByResidues() throws {
    // 2 * (h // 2) == h only for even h.
    let upsampled = try height.floorDivided(by: d(2)).multiplied(by: d(2))
    var facts = Facts()
    #expect(facts.verdict(upsampled, .equal, height) == .refuted([h: 1]))
    facts.add(.init(height, .greaterOrEqual, d(2)))
    #expect(facts.verdict(upsampled, .equal, height) == .refuted([h: 3]))
    facts.add(.init(try height.remainder(dividingBy: d(2)), .equal, d(0)))
    #expect(facts.verdict(upsampled, .equal, height) == .proved)
  }

  @Test func aDeepUNetNeedsMultiplesOf32() throws {
    let up = try height.floorDivided(by: d(32)).multiplied(by: d(32))
    var facts = Facts()
    facts.add(.init(height, .greaterOrEqual, d(32)))
    #expect(facts.verdict(up, .equal, height) == .refuted([h: 33]))
    facts.add(.init(try height.remainder(dividingBy: d(32)), .equal, d(0)))
    #expect(facts.verdict(up, .equal, height) == .proved)
  }

  @Test func multiplesAreAtLeastTheirModulus() throws {
    var facts = Facts()
    facts.add(.init(try height.remainder(dividingBy: d(32)), .equal, d(0)))
    #expect(facts.verdict(height, .greaterOrEqual, d(32)) == .proved)
    #expect(facts.verdict(height.self, .greaterOrEqual, d(33)) == .refuted([h: 32]))
    let pooled = try height.adding(d(31)).floorDivided(by: d(32))
    #expect(facts.verdict(pooled, .greaterOrEqual, d(1)) == .proved)
  }

  @Test func boundsAreProvedOrRefuted() throws {
    var facts = Facts()
    #expect(facts.verdict(height, .greaterOrEqual, d(1)) == .proved)
    #expect(facts.verdict(height.self, .greaterOrEqual, d(5)) == .refuted([h: 1]))
    #expect(facts.example(height, .greaterOrEqual, d(5)) == [h: 5])
    facts.add(.init(height, .greaterOrEqual, d(5)))
    #expect(facts.verdict(height, .greaterOrEqual, d(5)) == .proved)
    #expect(facts.example(height, .less, d(5)) == nil)
    #expect(facts.verdict(try height.adding(width), .greater, d(5)) == .proved)
  }

  @Test func differentSymbolsDiffer() {
    let verdict = Facts().verdict(height, .equal, width)
    guard case .refuted(let sizes) = verdict else {
      Issue.record("expected a counterexample, got \(verdict)")
      return
    }
    #expect(sizes[h] != sizes[w])
  }
}
