import Testing

@testable import NeuralDimension

/// Random numbers that are the same each time.
private struct Random {
  var state: UInt64

  mutating func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}

private let h = Symbol(id: 1, name: "h")
private let w = Symbol(id: 2, name: "w")

/// Verdicts against every pair of sizes of a range.
@Suite struct BruteForceTests {
  private func window(
    _ size: Dimension, _ kernel: Int, _ stride: Int, _ padding: Int
  ) throws -> Dimension {
    try size.adding(.constant(2 * padding - kernel)).floorDivided(by: .constant(stride))
      .adding(.constant(1))
  }

  /// A chain of windows, upsamplings and sums, as networks make them.
  private func chain(_ random: inout Random, from symbols: [Symbol], _ length: Int) throws
    -> Dimension
  {
    var dimension = Dimension(symbols[random.next(symbols.count)])
    for _ in 0..<random.next(length + 1) {
      switch random.next(9) {
      case 0: dimension = try window(dimension, 2, 2, 0)
      case 1: dimension = try window(dimension, 3, 2, 1)
      case 2: dimension = try window(dimension, 3, 1, random.next(2))
      case 3: dimension = try dimension.multiplied(by: .constant(1 + random.next(3)))
      case 4: dimension = try dimension.ceilDivided(by: .constant(1 + random.next(4)))
      case 5: dimension = try dimension.adding(.constant(random.next(7) - 3))
      case 6: dimension = try dimension.adding(Dimension(symbols[random.next(symbols.count)]))
      case 7: dimension = try Dimension.minimum(dimension, .constant(5 + random.next(20)))
      default:
        dimension = try Dimension.maximum(dimension, Dimension(symbols[random.next(symbols.count)]))
      }
    }
    return dimension
  }

  private func fact(_ random: inout Random, _ symbols: [Symbol]) throws -> Facts.Constraint {
    let symbol = Dimension(symbols[random.next(symbols.count)])
    switch random.next(5) {
    case 0:
      let divisor = 2 + random.next(7)
      return .init(
        try symbol.remainder(dividingBy: .constant(divisor)), .equal,
        .constant(random.next(3) == 0 ? random.next(divisor) : 0))
    case 1: return .init(symbol, .greaterOrEqual, .constant(1 + random.next(12)))
    case 2: return .init(symbol, .lessOrEqual, .constant(8 + random.next(24)))
    case 3: return .init(Dimension(h), [.equal, .lessOrEqual][random.next(2)], Dimension(w))
    default: return .init(symbol, .notEqual, .constant(1 + random.next(5)))
    }
  }

  private static let relations: [Relation] = [
    .equal, .equal, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual,
  ]

  @Test(arguments: [1, 2]) func verdictsAgreeWithEverySize(_ count: Int) throws {
    var random = Random(state: UInt64(count))
    let symbols = Array([h, w].prefix(count))
    var tally = [0, 0, 0]
    for _ in 0..<900 {
      var facts = Facts()
      for _ in 0..<random.next(3) { facts.add(try fact(&random, count == 1 ? [h] : [h, w])) }
      let left = try chain(&random, from: symbols, 6)
      let right =
        random.next(3) == 0
        ? .constant(random.next(20)) : try chain(&random, from: symbols, 6)
      let relation = Self.relations[random.next(Self.relations.count)]
      let verdict = facts.verdict(left, relation, right)
      let question = Facts.Constraint(left, relation, right)
      var failing: [Symbol: Int]?
      search: for a in 1...48 {
        for b in 1...48 {
          let sizes = [h: a, w: b]
          guard facts.constraints.allSatisfy({ $0.holds(sizes) == true }) else { continue }
          if question.holds(sizes) == false {
            failing = sizes
            break search
          }
        }
      }
      let shown = "\(facts.constraints.map(\.text)): \(left) \(relation.rawValue) \(right)"
      switch verdict {
      case .proved:
        tally[0] += 1
        #expect(failing == nil, "proved, but fails: \(shown)")
      case .refuted(let sizes):
        tally[1] += 1
        if question.left.constant == nil || question.right.constant == nil, !sizes.isEmpty {
          #expect(question.holds(sizes.merging([h: 1, w: 1]) { a, _ in a }) == false, "\(shown)")
          for constraint in facts.constraints
          where constraint.symbols.isSubset(of: Set(sizes.keys)) {
            #expect(constraint.holds(sizes) == true, "\(sizes) is not allowed: \(shown)")
          }
          if count == 1, let size = sizes[h], let least = failing?[h] {
            #expect(size == least, "not the smallest: \(shown)")
          }
        }
      case .unknown:
        tally[2] += 1
        if count == 1 { Issue.record("unknown: \(shown)") }
      }
    }
    #expect(tally[2] < 90, "\(tally)")
    #expect(tally[0] > 60 && tally[1] > 150, "\(tally)")
  }

  @Test func productsAreDecidedOnAGrid() throws {
    // (2·⌊h/2⌋)·w == h·w needs even h, (h + w)² has three terms.
    let even = try Dimension(h).floorDivided(by: .constant(2)).multiplied(by: .constant(2))
    let area = try Dimension(h).multiplied(by: Dimension(w))
    let question = (try even.multiplied(by: Dimension(w)), area)
    var facts = Facts()
    guard case .refuted(let sizes) = facts.verdict(question.0, .equal, question.1) else {
      Issue.record("expected a counterexample")
      return
    }
    #expect(sizes == [h: 1, w: 1])
    facts.add(.init(try Dimension(h).remainder(dividingBy: .constant(2)), .equal, .constant(0)))
    #expect(facts.verdict(question.0, .equal, question.1) == .proved)
    #expect(Facts().remedy(question.0, .equal, question.1)?.map(\.text) == ["h % 2 == 0"])
  }

  /// Every remedy makes the claim true, and allows some size.
  @Test func remediesAreEnough() throws {
    var random = Random(state: 7)
    var found = 0
    for _ in 0..<300 {
      let left = try chain(&random, from: [h], 5)
      let right = try chain(&random, from: [h], 3)
      let relation: Relation = random.next(3) == 0 ? .greaterOrEqual : .equal
      guard case .refuted = Facts().verdict(left, relation, right),
        let conditions = Facts().remedy(left, relation, right)
      else { continue }
      found += 1
      let question = Facts.Constraint(left, relation, right)
      let allowed = (1...400).filter { size in
        conditions.allSatisfy { $0.holds([h: size]) == true }
      }
      #expect(!allowed.isEmpty, "\(conditions.map(\.text))")
      for size in allowed {
        #expect(
          question.holds([h: size]) == true,
          "\(left) \(relation.rawValue) \(right) with \(conditions.map(\.text)) at \(size)")
      }
    }
    #expect(found > 60, "\(found)")
  }
}
